"""Three hundred jobs cost as many questions as one: facts are asked once per run and shared by all threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from pulumi_gcp_tuning.clock import SystemClock
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import urn
from support.sandbox_server import PROJECT, REGION, SandboxServer
from support.tuning_programs import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

TUNING_JOB = lifecycle_of("tuning_job")
ACCOUNT = f"trainer@{PROJECT}.iam.gserviceaccount.com"
MOST_CALLS = 16
BUCKETS = ("shop-data", "other-data")


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        for bucket in BUCKETS:
            running.make_bucket(bucket)
            place = f"{running.url}/upload/storage/v1/b/{bucket}/o?uploadType=media&name=train.jsonl"
            assert requests.post(place, data=rows(150), timeout=30).ok
        running.call("POST", f"v1/projects/{PROJECT}/serviceAccounts", {"accountId": "trainer", "serviceAccount": {}})
        yield running


def asked_by(server: SandboxServer, jobs: int, buckets: tuple[str, ...], **more: object) -> list[str]:
    """What the checks of so many jobs ask, side by side as the host serves them."""
    settings = Settings.resolve({"gcp:project": PROJECT, "gcp:region": REGION}, server.env)
    google, run = Google(settings), Run()
    before = len(server.requests())

    def check(number: int) -> None:
        name = urn("TuningJob", f"job-{number}")
        call = Call(urn=name, settings=settings, google=google, clock=SystemClock(), run=run)
        spec = {"trainingDatasetUri": f"gs://{buckets[number % len(buckets)]}/train.jsonl"}
        news = {"baseModel": "gemini-3.5-flash", "serviceAccount": ACCOUNT, "supervisedTuningSpec": spec, **more}
        found = TUNING_JOB.check(call, {}, {**news, "resourceUrn": name}).findings
        assert [str(each) for each in found if each.severity == "error"] == []

    with ThreadPoolExecutor(64) as pool:
        list(pool.map(check, range(jobs)))
    google.close()
    return [f"{each['method']} {each['path']}" for each in server.requests()[before:]]


def test_three_hundred_jobs_in_one_region_cost_at_most_sixteen_calls(server: SandboxServer) -> None:
    asked = asked_by(server, 300, BUCKETS[:1])
    assert 1 < len(asked) <= MOST_CALLS


def test_a_limit_of_the_cost_has_the_tokens_of_the_dataset_counted_once(server: SandboxServer) -> None:
    limited = {"baseModel": "gemini-3.1-flash-lite", "maxCost": 100}
    more = set(asked_by(server, 300, BUCKETS[:1], **limited)) - set(asked_by(server, 1, BUCKETS[:1]))
    assert [each.rpartition(":")[2] for each in more] == ["countTokens"]


def test_the_calls_do_not_grow_with_the_jobs(server: SandboxServer) -> None:
    assert sorted(asked_by(server, 30, BUCKETS[:1])) == sorted(asked_by(server, 1, BUCKETS[:1]))


def test_another_bucket_costs_its_own_questions_and_no_others(server: SandboxServer) -> None:
    more = set(asked_by(server, 30, BUCKETS)) - set(asked_by(server, 30, BUCKETS[:1]))
    assert len(more) == 2
    assert all("other-data" in each for each in more)
