"""Whatever a program declares and whatever Google answers: findings, never an exception."""

from __future__ import annotations

import io
import threading
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.google.object_reading import OpenObject
from pulumi_gcp_tuning.google.shape import Shape
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import SteppedClock, urn
from support.hand_made_google import settings as of_a_shop

KEY = "projects/shop-dev/locations/us-central1/keyRings/r/cryptoKeys/k"
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "state",
                    "services",
                    "permissions",
                    "spec",
                    "rules",
                    "values",
                    "allowedValues",
                    "bindings",
                    "members",
                    "role",
                    "quotaInfos",
                    "metric",
                    "dimensionsInfos",
                    "details",
                    "value",
                    "location",
                    "tuningJobs",
                    "labels",
                    "primary",
                    "purpose",
                    "billingEnabled",
                    "disabled",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
ERRORS = st.sampled_from(
    [
        NotFound("not found", http_status=404, status="NOT_FOUND"),
        ApiError("denied", http_status=403, status="PERMISSION_DENIED"),
        ApiError("no answer", http_status=0, status="UNAVAILABLE"),
        ApiError("broken", http_status=500, status="INTERNAL"),
    ]
)
ANSWERS = st.lists(ERRORS | st.dictionaries(st.sampled_from(["name", "state", "permissions"]), JSON) | JSON, min_size=1)
VALUE = (
    st.just(UNKNOWN)
    | JSON
    | st.sampled_from([*list(catalog.shipped().models)[:8], "us-central1", "europe-west4", "us", KEY])
)
URI = st.just(UNKNOWN) | st.sampled_from(["gs://shop-data/t.jsonl", "gs://b", "x", ""]) | JSON


class Oracle:
    """Stands for the transport: answers anything, in turn, whatever is asked."""

    def __init__(self, answers: list[Any]) -> None:
        self._answers, self._next, self._lock = answers, 0, threading.Lock()

    def answer(self) -> Any:
        with self._lock:
            self._next += 1
            found = self._answers[self._next % len(self._answers)]
        if isinstance(found, Exception):
            raise found
        return found

    def send(self, verb: str, url: str, shape: Shape, **_: Any) -> Any:
        found = self.answer()
        answer = found if isinstance(found, dict) else {"value": found}
        if shape.misfit(answer) is not None:  # the transport checks it before anybody reads it
            raise ApiError("an answer of another shape", http_status=200, status="UNKNOWN")
        return answer


def google_that_says(answers: list[Any]) -> Google:
    """The real calls of google/ over answers that Google would hardly give."""
    google, oracle = Google(of_a_shop(), SteppedClock()), Oracle(answers)
    google.transport.send = oracle.send  # type: ignore[method-assign]

    def open_object(*_: Any, **__: Any) -> OpenObject:
        return OpenObject(io.BytesIO(str(oracle.answer()).encode(errors="replace")), generation="1")

    google.storage.open_object = open_object  # type: ignore[method-assign]
    return google


@given(
    st.fixed_dictionaries(
        {"baseModel": VALUE, "supervisedTuningSpec": VALUE | st.fixed_dictionaries({"trainingDatasetUri": URI})},
        optional={
            "location": VALUE,
            "project": VALUE,
            "serviceAccount": VALUE | st.just("a@shop-dev.iam.gserviceaccount.com"),
            "encryptionSpec": VALUE | st.fixed_dictionaries({"kmsKeyName": VALUE}),
            "maxCost": VALUE,
            "onQuota": VALUE,
            "retry": VALUE,
            "checks": VALUE,
            "labels": VALUE,
            "fromResources": st.lists(
                st.sampled_from(["supervisedTuningSpec", "project", "encryptionSpec", "services"])
            ),
            "bucketPlaces": st.dictionaries(
                st.sampled_from(["supervisedTuningSpec", "supervisedTuningSpec.trainingDatasetUri"]) | st.text(), VALUE
            ),
        },
    ),
    ANSWERS,
    st.sampled_from(["tuning_job", "endpoint"]),
)
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_any_job_with_any_facts_gives_findings(inputs: dict[str, Any], answers: list[Any], kind: str) -> None:
    name = urn("TuningJob")
    call = Call(urn=name, settings=of_a_shop(), google=google_that_says(answers), clock=SteppedClock(), run=Run())
    found = lifecycle_of(kind).check(call, {}, {**inputs, "resourceUrn": name})
    assert all(str(finding.problem) for finding in found.findings)
