"""An object is one GET, read piece by piece, and goes on where a connection broke."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.errors import ApiError, NotFound
from support.fake_google import FakeGoogle, Reply, Request, google_error

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google import Google

CONTENT = bytes(range(256)) * 4000


def piece_of(request: Request, *, cut: int | None = None) -> Reply:
    """What Cloud Storage answers to a range or to none; ``cut`` breaks the connection off."""
    start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
    headers = {"x-goog-generation": "17", "content-type": "application/jsonl"}
    return Reply(CONTENT[start:], status=206 if start else 200, headers=headers, cut=cut)


def test_generation_size_and_content_come_with_one_get(google: Google, server: FakeGoogle) -> None:
    server.answer = piece_of
    with google.storage.open_object("bucket", "a b/t.jsonl") as file:
        assert (file.generation, file.size) == ("17", len(CONTENT))
        assert file.read() == CONTENT
    assert server.lines() == ["GET /download/storage/v1/b/bucket/o/a b/t.jsonl"]
    assert server.requests[0].query["alt"] == ["media"]


def test_a_broken_connection_is_taken_up_in_the_same_generation(google: Google, server: FakeGoogle) -> None:
    server.answer = lambda request: piece_of(request, cut=300_000 if len(server.requests) < 3 else None)
    with google.storage.open_object("bucket", "t") as file:
        assert file.read() == CONTENT
    assert [each.query.get("generation") for each in server.requests] == [None, ["17"], ["17"]]
    assert "range" not in server.requests[0].headers
    assert all(each.headers["range"].startswith("bytes=") for each in server.requests[1:])


def test_where_ranges_are_not_served_what_is_known_is_passed_over(google: Google, server: FakeGoogle) -> None:
    def answer(_request: Request) -> Reply:
        cut = 300_000 if len(server.requests) == 1 else None
        return Reply(CONTENT, headers={"x-goog-generation": "17"}, cut=cut)

    server.answer = answer
    with google.storage.open_object("bucket", "t") as file:
        assert file.read() == CONTENT


def test_a_connection_that_breaks_again_and_again_is_an_error_in_words(google: Google, server: FakeGoogle) -> None:
    server.answer = lambda request: piece_of(request, cut=10)
    with google.storage.open_object("bucket", "t") as file, pytest.raises(ApiError, match="broke repeatedly"):
        file.read()


def test_an_object_that_is_overwritten_meanwhile_is_not_mixed(google: Google, server: FakeGoogle) -> None:
    gone = Reply(b"No such object: bucket/t", status=404)
    server.answer = lambda request: piece_of(request, cut=1000) if len(server.requests) == 1 else gone
    with google.storage.open_object("bucket", "t") as file, pytest.raises(ApiError, match="while it was read"):
        file.read()


def test_a_404_in_plain_text_is_not_found_once_the_metadata_says_so(google: Google, server: FakeGoogle) -> None:
    server.replies = [
        Reply(b"No such object: bucket/t", status=404),
        google_error(404, "NOT_FOUND", "No such object: bucket/t"),
    ]
    with pytest.raises(NotFound):
        google.storage.open_object("bucket", "t")


def test_a_404_of_somebody_else_is_not_taken_for_a_missing_object(google: Google, server: FakeGoogle) -> None:
    server.replies = [Reply(b"<html>no such page</html>", status=404), Reply({"name": "t", "generation": "17"})]
    with pytest.raises(ApiError) as caught:
        google.storage.open_object("bucket", "t")
    assert not isinstance(caught.value, NotFound)


def test_a_big_object_is_never_whole_in_memory(google: Google, server: FakeGoogle) -> None:
    big = b"x" * (32 << 20)
    server.answer = lambda _request: Reply(big, headers={"x-goog-generation": "17"})
    with google.storage.open_object("bucket", "t") as file:
        tracemalloc.start()
        read = sum(len(piece) for piece in iter(lambda: file.read(1 << 18), b""))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert read == len(big)
    assert peak < 8 << 20


def test_permissions_on_a_bucket_are_asked_in_one_call(google: Google, server: FakeGoogle) -> None:
    server.replies = [Reply({"permissions": ["storage.objects.create"]})]
    asked = ("storage.objects.create", "storage.objects.get")
    assert google.storage.test_permissions("bucket", asked) == {"storage.objects.create"}
    assert google.storage.test_permissions("bucket", asked) == {"storage.objects.create"}
    assert server.lines() == ["GET /storage/v1/b/bucket/iam/testPermissions"]
    assert server.requests[0].query["permissions"] == list(asked)
