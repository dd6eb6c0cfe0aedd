"""What a shape lets through, each resource can live with; and a create whose answer is none is looked up, not sent again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning import config
from pulumi_gcp_tuning.errors import TuningError
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.google.shape import Shape
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from pulumi_gcp_tuning.signing import CredentialsChoice
from support.fake_google import FakeClock, Reply, Request, google_error, serving
from support.hand_made_google import Desk, settings, urn
from support.samples import DECLARED, sample_of
from unit.resources.test_every_resource import Entry


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
    entry = Entry(kind, tmp_path)
    made = entry.make()
    if kind in ("tuning_job", "pipeline_tuning_job"):
        entry.google.succeed(made.id)
    google, before = entry.google, entry.world()
    tried = 0
    for shape, collection in sample_of(kind).answers:
        for name, answer in before[collection].items():
            for less in with_less(shape, answer):
                google.put_back(before)
                getattr(google, collection)[name] = less
                google.facts.clear()
                news = [entry.check(made.outputs).inputs] if verb == "update" else []
                with contextlib.suppress(TuningError):
                    getattr(entry.frame, verb)(entry.call(), made.id, made.outputs, *news)
                tried += 1
    assert tried


class Deaf:
    """A Google that does what it is asked for, and answers every POST with the same wrong thing."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.things: dict[str, dict[str, Any]] = {}
        self.made = 0

    def reply(self, sent: Request) -> Reply:
        path = sent.path.removeprefix("/v1beta1/")
        if sent.verb != "POST":
            return self._found(path)
        if path.endswith(":deployModel"):
            endpoint = self.things[path.removesuffix(":deployModel")]
            if endpoint.get("deployedModels"):
                return google_error(409, "ALREADY_EXISTS", "It is deployed.")
            endpoint |= {"deployedModels": [sent.body["deployedModel"]], "trafficSplit": {}}
        else:
            given = sent.query.get("endpointId") or sent.query.get("pipelineJobId") or ["5"]
            name = f"{path}/{given[0]}"
            if name in self.things:
                return google_error(409, "ALREADY_EXISTS", "It exists.")
            state = {"state": "JOB_STATE_PENDING"} if "Jobs" in path else {}
            self.things[name] = {**sent.body, **state, "name": name}
        self.made += 1
        return Reply(self.answer)

    def _found(self, path: str) -> Reply:
        if path in self.things:
            return Reply(self.things[path])
        collection = path.rpartition("/")[2]
        if collection.endswith("s"):
            return Reply({collection: [each for name, each in self.things.items() if name.startswith(f"{path}/")]})
        return google_error(404, "NOT_FOUND", "There is none.")


@pytest.mark.parametrize("kind", ["tuning_job", "pipeline_tuning_job", "endpoint", "model_deployment"])
def test_a_create_whose_answer_is_none_is_looked_up_and_made_once(kind: str) -> None:
    for answer in (b"", b"null", b"[]", b"3", b'"x"', b"{}", b'{"name": "pro', b'{"name": 3}'):
        deaf, by_hand = Deaf(answer), Desk()
        news = {**DECLARED[kind](by_hand.google), "resourceUrn": urn(lifecycle_of(kind).name)}
        deaf.things |= by_hand.google.endpoints
        with serving(deaf.reply) as server:
            off = dict.fromkeys(config.CHECKS, "off")
            own = settings(base_url=server.url, checks=off, credentials=CredentialsChoice(kind="anonymous"))
            google, frame = Google(own, FakeClock()), lifecycle_of(kind)
            inputs = frame.check(by_hand.call(frame.name, settings=own), {}, news).inputs
            call = replace(by_hand.call(frame.name, settings=own), google=google)
            current = frame.create(call, inputs)
            google.close()
        assert current.id.split("/deployedModels/")[0] in deaf.things, answer
        assert deaf.made == 1, answer
