"""Values that are made once for all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.once import Once

DENIED = ApiError("denied", http_status=403, status="PERMISSION_DENIED")
MISSING = NotFound("not there", http_status=404, status="NOT_FOUND")


class Maker:
    """Makes 1, 2, 3 ..., or raises what it is given first."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.made = 0

    def __call__(self) -> int:
        self.made += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.made


def asked_while_it_is_made(once: Once, outcome: Callable[[], str], *, fresh: bool = False) -> tuple[list[str], int]:
    """What nine threads get that ask while the first of them makes the answer, and how often it was made."""
    answers, makes = list[str](), list[int]()
    is_making, may_end = threading.Event(), threading.Event()

    def make() -> str:
        makes.append(1)
        is_making.set()
        may_end.wait(10)
        return outcome()

    def ask() -> None:
        try:
            answers.append(once.get("key", make, fresh=fresh))
        except ApiError as error:
            answers.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(9)]
    threads[0].start()
    assert is_making.wait(10)
    for thread in threads[1:]:
        thread.start()
    may_end.set()
    for thread in threads:
        thread.join(10)
    return answers, len(makes)


@pytest.mark.parametrize("fresh", [False, True])
def test_one_thread_makes_the_answer_and_the_others_wait_for_it(fresh: bool) -> None:  # noqa: FBT001
    assert asked_while_it_is_made(Once(), lambda: "made", fresh=fresh) == (["made"] * 9, 1)


def test_a_failure_is_raised_for_all_who_waited() -> None:
    def fail() -> str:
        raise DENIED

    assert asked_while_it_is_made(Once(), fail) == (["denied"] * 9, 1)


def test_each_key_has_an_answer_of_its_own() -> None:
    once = Once()
    assert [once.get(key, key.upper) for key in ("a", "b", "a")] == ["A", "B", "A"]


def test_a_failure_is_remembered() -> None:
    once, maker = Once(NotFound), Maker(DENIED)
    for _ in range(2):
        with pytest.raises(ApiError, match="denied"):
            once.get("key", maker)
    assert maker.made == 1


@pytest.mark.parametrize("error", [MISSING, KeyboardInterrupt(), SystemExit()])
def test_what_may_be_otherwise_next_time_is_made_again(error: BaseException) -> None:
    once, maker = Once(NotFound), Maker(error)
    with pytest.raises(type(error)):
        once.get("key", maker)
    assert once.get("key", maker) == 2


def test_fresh_replaces_the_answer() -> None:
    once, maker = Once(), Maker()
    assert [once.get("key", maker, fresh=fresh) for fresh in (False, True, False)] == [1, 2, 2]


def test_fresh_replaces_a_remembered_failure() -> None:
    once, maker = Once(), Maker(DENIED)
    with pytest.raises(ApiError):
        once.get("key", maker)
    assert once.get("key", maker, fresh=True) == 2


def test_a_dropped_answer_is_made_again() -> None:
    once, maker = Once(), Maker()
    once.drop("key", once.get("key", maker))
    assert once.get("key", maker) == 2


def test_an_answer_that_another_replaced_is_not_dropped() -> None:
    once = Once()
    old = once.get("key", list[int])
    new = once.get("key", list[int], fresh=True)
    once.drop("key", old)
    assert once.get("key", list[int]) is new


def test_a_key_is_known_from_when_it_is_made() -> None:
    once = Once()
    assert "key" not in once
    assert once.get("key", lambda: "key" in once) is True
