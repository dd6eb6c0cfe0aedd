"""Quotas in both of Google's forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discovery_clients import discovery_client
from sandbox.vertex_support import PLACE, create, error_of, job_body, make_data
from tuning_sandbox.kernel.store import Collection
from tuning_sandbox.vertex.tuning_course import COURSE, active_jobs

if TYPE_CHECKING:
    import pytest

    from sandbox.running import RunningSandbox

INFOS = "/v1/projects/shop/locations/global/services/aiplatform.googleapis.com/quotaInfos"
TUNING = "aiplatform.googleapis.com/global_concurrent_tuning_jobs"
A100 = "aiplatform.googleapis.com/restricted_image_training_nvidia_a100_80gb_gpus"


def info_of(sandbox: RunningSandbox, metric: str) -> dict[str, Any]:
    found = [info for info in sandbox.get(INFOS).json()["quotaInfos"] if info["metric"] == metric]
    assert len(found) == 1
    return dict(found[0])


def test_a_quota_info_names_metric_display_name_and_limit_as_a_string(sandbox: RunningSandbox) -> None:
    info = info_of(sandbox, TUNING)
    assert info["metricDisplayName"] == "Global concurrent tuning jobs"
    assert isinstance(info["dimensionsInfos"][0]["details"]["value"], str)
    assert sandbox.get(f"{INFOS}/{info['quotaId']}").json() == info
    assert sandbox.get(f"{INFOS}/Missing").status_code == 404


def test_quota_infos_come_in_pages(sandbox: RunningSandbox) -> None:
    first = sandbox.get(INFOS, params={"pageSize": 2}).json()
    second = sandbox.get(INFOS, params={"pageSize": 2, "pageToken": first["nextPageToken"]}).json()
    names = [info["name"] for info in first["quotaInfos"] + second["quotaInfos"]]
    assert len(names) == len(set(names)) == 4


def test_a_limit_that_was_set_shows_in_both_forms_and_to_the_sandbox(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "quotas", {"metric": TUNING, "limit": 1, "project": "shop"})
    assert info_of(sandbox, TUNING)["dimensionsInfos"][0]["details"]["value"] == "1"
    assert sandbox.state.services.quotas.limit_of("shop", TUNING, "us-central1") == 1
    assert sandbox.state.services.quotas.limit_of("lab", TUNING, "us-central1") != 1

    parent = "projects/shop/services/aiplatform.googleapis.com"
    with discovery_client("serviceusage", "v1beta1", sandbox.url) as beta:
        metrics = beta.services().consumerQuotaMetrics().list(parent=parent, view="FULL").execute()["metrics"]
    limit = next(metric for metric in metrics if metric["metric"] == TUNING)["consumerQuotaLimits"][0]
    assert limit["quotaBuckets"][0]["effectiveLimit"] == "1"
    assert limit["unit"] == "1/{project}"


def test_a_regional_limit_is_set_for_one_region(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "quotas", {"metric": A100, "limit": 0, "project": "shop", "location": "europe-west4"})
    values = {
        item["dimensions"]["region"]: item["details"]["value"] for item in info_of(sandbox, A100)["dimensionsInfos"]
    }
    assert values["europe-west4"] == "0"
    assert values["us-central1"] != "0"


def test_unlimited_is_minus_one_in_the_api_and_none_inside(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "quotas", {"metric": TUNING, "limit": -1})
    assert info_of(sandbox, TUNING)["dimensionsInfos"][0]["details"]["value"] == "-1"
    assert sandbox.state.services.quotas.limit_of("shop", TUNING, "us-central1") is None


def test_a_metric_that_nobody_knows_is_refused_with_the_known_ones(sandbox: RunningSandbox) -> None:
    answer = sandbox.post("/_sandbox/quotas", json={"metric": "nonsense", "limit": 1})
    assert answer.status_code == 400
    assert TUNING in answer.text


def test_a_limit_that_is_set_counts_however_high_it_is(sandbox: RunningSandbox) -> None:
    metric = "aiplatform.googleapis.com/global_concurrent_tuning_jobs"
    training, _ = make_data(sandbox)
    sandbox.admin("POST", "quotas", {"metric": metric, "limit": 70})
    for _ in range(70):
        create(sandbox, job_body(training))
    refused = sandbox.post(f"{PLACE}/tuningJobs", json=job_body(training))
    assert error_of(refused)[0] == 429
    sandbox.admin("POST", "quotas", {"metric": metric, "limit": -1})
    create(sandbox, job_body(training))


def test_creating_a_job_reads_no_other_job(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    training, _ = make_data(sandbox)
    create(sandbox, job_body(training))
    read: list[str] = []
    whole = Collection.all

    def all_of(collection: Collection, prefix: str = "") -> list[dict[str, Any]]:
        read.append(collection.kind)
        return whole(collection, prefix)

    monkeypatch.setattr(Collection, "all", all_of)
    create(sandbox, job_body(training))
    assert "vertex.tuningJobs" not in read
    sandbox.get(f"{PLACE}/tuningJobs")
    assert "vertex.tuningJobs" in read


def test_jobs_are_counted_again_from_a_data_folder_that_has_no_counts(sandbox: RunningSandbox) -> None:
    training, _ = make_data(sandbox)
    name = create(sandbox, job_body(training))["name"]
    number, store = name.split("/")[1], sandbox.state.store
    assert active_jobs(sandbox.state, number) == 1
    with store.transaction():
        for held in store.collection("vertex.tuningJobs.live").names():
            store.collection("vertex.tuningJobs.live").delete(held)
        COURSE.resume(sandbox.state)
    assert active_jobs(sandbox.state, number) == 1
    sandbox.advance(4 * 3600)
    assert active_jobs(sandbox.state, number) == 0
