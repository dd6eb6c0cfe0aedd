"""The frame's guard: no delete of a run touches what a current entry of the run names."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.errors import Refused, Unfinished
from pulumi_gcp_tuning.resources.core.frame import Frame
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Checked, Current, Difference, Properties
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import KINDS
from support.hand_made_google import Desk, urn

JOB = "projects/shop-dev/locations/us-central1/tuningJobs/1"
OTHER = "projects/shop-dev/locations/us-central1/tuningJobs/2"


class Verbs:
    """A resource that replaces where ``replace`` says so, and whose ``create`` returns ``id``."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def check(self, call: Call, olds: Properties, news: Properties) -> Checked:
        return Checked(inputs=news)

    def diff(self, call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
        return Difference(changed=None, replaces=["spec"]) if news.get("replace") else Difference(changed=False)

    def create(self, call: Call, inputs: Properties) -> Current:
        if inputs.get("unfinished"):
            raise Unfinished("The wait ended early.", id=inputs["id"], outputs=inputs)
        return Current(id=inputs["id"], outputs=inputs)

    def read(self, call: Call, id: str, outputs: Properties) -> Current | None:  # noqa: A002
        return Current(id=id, outputs=outputs)

    def update(self, call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
        return Current(id=id, outputs=news)

    def delete(self, call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
        self.deleted.append(id)


class Engine:
    """One run: what the engine asks of every kind, in its order."""

    def __init__(self, kind: str, *, shared: bool = False) -> None:
        self.verbs, self.desk, self.run, self.told = Verbs(), Desk(), Run(), list[str]()
        self.frame = Frame(kind, self.verbs, shared=shared)

    def call(self, name: str) -> Call:
        return self.desk.call("Thing", name, run=self.run, tell=self.told.append)

    def keep(self, name: str, id: str, **news: Any) -> None:  # noqa: A002
        """The program declares it: check, then diff."""
        self.frame.check(self.call(name), {}, news)
        self.compare(name, id, **news)

    def compare(self, name: str, id: str, **news: Any) -> None:  # noqa: A002
        self.frame.diff(self.call(name), id, {"resourceUrn": urn("Thing", name)}, news)

    def create(self, name: str, id: str, **more: Any) -> None:  # noqa: A002
        self.frame.create(self.call(name), {"id": id, "resourceUrn": urn("Thing", name), **more})

    def delete(self, name: str, id: str, **outputs: Any) -> list[str]:  # noqa: A002
        """What was deleted so far, after this delete too."""
        self.frame.delete(self.call(name), id, {"resourceUrn": urn("Thing", name), **outputs})
        return self.verbs.deleted


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest) -> Engine:
    return Engine(request.param)


def test_a_pending_delete_of_what_diff_left_in_place_touches_nothing(engine: Engine) -> None:
    engine.keep("a", JOB)
    assert engine.delete("a", JOB) == []
    assert engine.told == [f"{JOB} is not deleted, because 'a' still uses it. Its older entry leaves the state."]


def test_a_delete_of_what_create_adopted_touches_nothing(engine: Engine) -> None:
    engine.keep("a", JOB, replace=True)
    engine.create("a", JOB)
    assert engine.delete("a", JOB) == []


def test_a_delete_of_what_an_unfinished_create_holds_touches_nothing(engine: Engine) -> None:
    with pytest.raises(Unfinished):
        engine.create("a", JOB, unfinished=True)
    assert engine.delete("a", JOB) == []


def test_what_a_replacement_left_behind_is_deleted(engine: Engine) -> None:
    engine.keep("a", JOB, replace=True)
    engine.create("a", OTHER)
    assert engine.delete("a", JOB) == [JOB]


def test_what_goes_before_its_replacement_is_deleted(engine: Engine) -> None:
    engine.keep("a", JOB, replace=True)
    assert engine.delete("a", JOB) == [JOB]


def test_what_the_program_no_longer_declares_is_deleted_although_a_refresh_compared_it(engine: Engine) -> None:
    engine.compare("a", JOB)
    assert engine.delete("a", JOB) == [JOB]


def test_what_another_entry_uses_is_not_deleted(engine: Engine) -> None:
    engine.keep("b", JOB)
    assert engine.delete("a", JOB) == []
    assert "'b' still uses it" in engine.told[0]


def test_the_number_of_a_project_is_taken_for_its_id(engine: Engine) -> None:
    engine.keep("a", JOB)
    assert engine.delete("a", JOB.replace("shop-dev", "123456789012")) == []


def test_the_same_id_in_another_project_is_another_thing(engine: Engine) -> None:
    engine.keep("a", JOB)
    other = JOB.replace("shop-dev", "shop-prod")
    assert engine.delete("a", other) == [other]


def test_a_kind_holds_nothing_for_another_kind() -> None:
    jobs, models = Engine("tuning_job"), Engine("tuned_model")
    models.run = jobs.run
    jobs.keep("a", JOB)
    assert models.delete("a", JOB) == [JOB]


def test_what_is_shared_is_given_up_by_each_of_its_users() -> None:
    engine = Engine("tuning_dataset", shared=True)
    engine.keep("b", "gs://shop/1.jsonl")
    assert engine.delete("a", "gs://shop/1.jsonl") == ["gs://shop/1.jsonl"]
    assert engine.run.of(Holdings).names("gs://shop/1.jsonl")


def test_a_share_of_ones_own_is_kept() -> None:
    engine = Engine("tuning_dataset", shared=True)
    engine.keep("a", "gs://shop/1.jsonl")
    assert engine.delete("a", "gs://shop/1.jsonl") == []


def test_what_is_abandoned_is_not_deleted(engine: Engine) -> None:
    assert engine.delete("a", JOB, deletionPolicy="ABANDON") == []


def test_what_may_not_be_deleted_is_refused_with_the_way_out(engine: Engine) -> None:
    with pytest.raises(Refused, match=r"PREVENT.*set deletion_policy to DELETE and run `pulumi up` first"):
        engine.delete("a", JOB, deletionPolicy="PREVENT")
    assert engine.verbs.deleted == []
