"""What a shape lets through, each resource can live with; and a create whose answer is none is looked up, not sent again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning import config
from pulumi_gcp_tuning.errors import TuningError
from pulumi_gcp_tuning.google import Google, lookup_shapes, shapes
from pulumi_gcp_tuning.google.shape import Shape
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from pulumi_gcp_tuning.signing import CredentialsChoice
from support.fake_google import FakeClock, Reply, Request, serving
from support.hand_made_google import GOOD_ROWS, Desk, settings, urn
from unit.resources.test_every_resource import DATA, DECLARED, Entry

_JOB, _MODEL = (shapes.TUNING_JOB, "jobs"), (shapes.MODEL, "models")
_ENDPOINT = (shapes.ENDPOINT, "endpoints")
ANSWERS_OF: dict[str, list[tuple[Shape, str]]] = {
    "tuning_job": [_JOB, _MODEL, _ENDPOINT],
    "pipeline_tuning_job": [(shapes.PIPELINE_JOB, "jobs"), _MODEL, _ENDPOINT],
    "tuned_model": [_JOB, _MODEL, _ENDPOINT],
    "endpoint": [_ENDPOINT],
    "model_deployment": [_ENDPOINT],
    "tuning_dataset": [(lookup_shapes.OBJECT, "objects")],
}
"""The answers that each resource reads, and where the Google made by hand keeps them."""


def test_every_resource_is_among_them() -> None:
    assert ANSWERS_OF.keys() == DECLARED.keys()


def with_less(shape: Shape, answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The answer without one of its values, wherever the shape allows it."""
    for place in _places(answer):
        less = deepcopy(answer)
        holder: Any = less
        for step in place[:-1]:
            holder = holder[step]
        del holder[place[-1]]
        if shape.misfit(less) is None:
            yield less


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield (*place, key)
        yield from _places(each, (*place, key))


@pytest.mark.parametrize("verb", ["read", "update", "delete"])
@pytest.mark.parametrize("kind", sorted(DECLARED))
def test_a_value_that_google_leaves_out_is_no_bug(kind: str, verb: str, tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(GOOD_ROWS)
    entry = Entry(kind, tmp_path)
    made = entry.make()
    if kind in ("tuning_job", "pipeline_tuning_job"):
        entry.google.succeed(made.id)
    google, before = entry.google, entry.world()
    kept = ("jobs", "models", "endpoints", "objects")
    tried = 0
    for shape, collection in ANSWERS_OF[kind]:
        for name, answer in before[kept.index(collection)].items():
            for less in with_less(shape, answer):
                google.jobs, google.models, google.endpoints, google.objects = deepcopy(before)
                getattr(google, collection)[name] = less
                google.facts.clear()
                news = [entry.check(made.outputs).inputs] if verb == "update" else []
                with contextlib.suppress(TuningError):
                    getattr(entry.frame, verb)(entry.call(), made.id, made.outputs, *news)
                tried += 1
    assert tried


@pytest.mark.parametrize(
    "answer", [b"", b"null", b"[]", b"3", b'"x"', b"{}", b'{"name": "pro', b'{"name": 3}'], ids=str
)
def test_a_create_whose_answer_is_none_is_looked_up_and_not_sent_again(answer: bytes) -> None:
    made: list[dict[str, Any]] = []

    def reply(sent: Request) -> Reply:
        if sent.verb == "POST":
            made.append({**sent.body, "name": f"{sent.path.removeprefix('/v1beta1/')}/5", "state": "JOB_STATE_PENDING"})
            return Reply(answer)
        return Reply({"tuningJobs": made} if sent.path.endswith("/tuningJobs") else made[0] if made else {})

    with serving(reply) as server:
        own = settings(
            base_url=server.url,
            checks=dict.fromkeys([*config.CHECKS], "off"),
            credentials=CredentialsChoice(kind="anonymous"),
        )
        google = Google(own, FakeClock())
        job, call = lifecycle_of("tuning_job"), Desk().call("TuningJob", settings=own)
        news = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": {"trainingDatasetUri": DATA}}
        inputs = job.check(call, {}, {**news, "resourceUrn": urn("TuningJob")}).inputs
        current = job.create(Desk(google).call("TuningJob", settings=own), inputs)  # type: ignore[arg-type]
        google.close()
    assert current.id == made[0]["name"]
    assert len(made) == 1
