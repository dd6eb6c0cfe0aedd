"""Quotas that tuning uses, as Cloud Quotas v1 and Service Usage v1beta1 show them, with limits that tests can set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tuning_sandbox.kernel import Api, Call, Sandbox, invalid_argument, not_found
from tuning_sandbox.services import api as service_usage

cloud_quotas = Api("cloudquotas", document=None, title="Cloud Quotas API")
apis = [cloud_quotas]
Doc = dict[str, Any]
UNLIMITED = -1
_OVERRIDES = "quotas.overrides"
_REGIONS = ("us-central1", "europe-west4")


@dataclass(frozen=True)
class Quota:
    """One quota: its ids, its display name, and the limit of a new project in the sandbox."""

    quota_id: str
    metric: str
    display: str
    limit: int
    regional: bool = False
    concurrent: bool = True


# The ids are plausible forms: public text gives the metric of the first and third, display names of all. The first
# limit in the cloud is 1 for many projects; set it with POST /_sandbox/quotas to see what such a project sees.
QUOTAS = (
    Quota(
        "GlobalConcurrentTuningJobsPerProject",
        "aiplatform.googleapis.com/global_concurrent_tuning_jobs",
        "Global concurrent tuning jobs",
        10,
    ),
    Quota(
        "GlobalConcurrentManagedOssModelFineTuningJobsPerProject",
        "aiplatform.googleapis.com/global_concurrent_managed_oss_model_fine_tuning_jobs",
        "Global concurrent managed OSS model fine-tuning jobs per project",
        10,
    ),
    Quota(
        "RestrictedImageTrainingNvidiaA10080gbGpusPerProjectPerRegion",
        "aiplatform.googleapis.com/restricted_image_training_nvidia_a100_80gb_gpus",
        "Restricted image training Nvidia A100 80 GB GPUs per region",
        8,
        regional=True,
        concurrent=False,
    ),
    Quota(
        "RestrictedImageTrainingTpuV3PodPerProjectPerRegion",
        "aiplatform.googleapis.com/restricted_image_training_tpu_v3_pod",
        "Restricted image training TPU V3 pod cores per region",
        64,
        regional=True,
        concurrent=False,
    ),
    Quota(
        "CustomModelServingNvidiaL4GpusPerProjectPerRegion",
        "aiplatform.googleapis.com/custom_model_serving_nvidia_l4_gpus",
        "Custom model serving Nvidia L4 GPUs per region",
        8,
        regional=True,
        concurrent=False,
    ),
)

cloud_quotas.behaviour("quota ids are plausible forms, metric and display names are public", source="assumed")
cloud_quotas.behaviour("a new project may run 10 tuning jobs at a time; in the cloud often 1", source="assumed")

_INFOS = "/{version}/projects/{project}/locations/{location}/services/{service}/quotaInfos"


@cloud_quotas.route(
    "GET",
    _INFOS,
    permission="cloudquotas.quotas.get",
    source="sdk",
    query=("pageSize", "pageToken"),
    does="the quotas of a service with their limits per region",
)
def list_quota_infos(call: Call) -> Doc:
    _check_global(call)
    found = [_quota_info(call, quota) for quota in _quotas_of(call.params["service"])]
    return call.page(found, key="quotaInfos")


@cloud_quotas.route(
    "GET",
    _INFOS + "/{quota}",
    permission="cloudquotas.quotas.get",
    source="sdk",
    does="one quota by its id",
)
def get_quota_info(call: Call) -> Doc:
    _check_global(call)
    for quota in _quotas_of(call.params["service"]):
        if quota.quota_id == call.params["quota"]:
            return _quota_info(call, quota)
    raise not_found(f"Resource '{call.resource}' was not found")


@service_usage.route(
    "GET",
    "/{version}/projects/{project}/services/{service}/consumerQuotaMetrics",
    id="serviceusage.services.consumerQuotaMetrics.list",
    permission="serviceusage.quotas.get",
    source="discovery",
    does="the older form of the same limits, with effective and default limit (v1beta1)",
)
def list_consumer_quota_metrics(call: Call) -> Doc:
    full = call.query.get("view") == "FULL"
    metrics = [_consumer_metric(call, quota, full=full) for quota in _quotas_of(call.params["service"])]
    return call.page(metrics, key="metrics")


@cloud_quotas.admin(
    "POST", "/_sandbox/quotas", does='{"metric": …, "limit": 1, "project"?: …, "location"?: …}: set a limit'
)
def set_limit(call: Call) -> Doc:
    metric, limit = call.body.get("metric"), call.body.get("limit")
    quota = next(
        (item for item in QUOTAS if metric in (item.metric, item.quota_id, item.metric.partition("/")[2])), None
    )
    if quota is None:
        known = ", ".join(item.metric for item in QUOTAS)
        raise invalid_argument(f"unknown metric {metric!r}: known are {known}", "metric")
    if not isinstance(limit, int) or limit < UNLIMITED:
        raise invalid_argument("limit must be a whole number, -1 for unlimited", "limit")
    project = call.body.get("project", "*")
    if str(project).isdigit():
        project = call.sandbox.projects.resolve(str(project)).id
    key = f"{project}|{quota.metric}|{call.body.get('location', '*')}"
    call.sandbox.store.collection(_OVERRIDES).put(key, {"limit": limit})
    return {"metric": quota.metric, "project": project, "location": call.body.get("location", "*"), "limit": limit}


class Limits:
    """The effective limits, as the other modules use them (`kernel.protocols.Quotas`)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def limit_of(self, project_id: str, metric: str, location: str) -> int | None:
        """The limit of a metric, None if it is unlimited or the metric is not known."""
        quota = next((item for item in QUOTAS if item.metric == metric), None)
        limit = UNLIMITED if quota is None else effective_limit(self._sandbox, project_id, quota, location)
        return None if limit == UNLIMITED else limit


def effective_limit(sandbox: Sandbox, project_id: str, quota: Quota, location: str) -> int:
    """The effective limit: the most specific override, else the quota's default."""
    overrides = sandbox.store.collection(_OVERRIDES)
    for project in (project_id, "*"):
        for place in (location, "*"):
            if found := overrides.get(f"{project}|{quota.metric}|{place}"):
                return int(found["limit"])
    return quota.limit


def _quota_info(call: Call, quota: Quota) -> Doc:
    places: tuple[str, ...] = _REGIONS if quota.regional else ("global",)
    dimensions = []
    for place in places:
        value = str(effective_limit(call.sandbox, call.project.id, quota, place))
        info: Doc = {"details": {"value": value}, "applicableLocations": [place]}
        dimensions.append({"dimensions": {"region": place}, **info} if quota.regional else info)
    answer: Doc = {
        "name": f"projects/{call.project.number}/locations/global/services/{call.params['service']}"
        f"/quotaInfos/{quota.quota_id}",
        "quotaId": quota.quota_id,
        "metric": quota.metric,
        "service": call.params["service"],
        "isPrecise": True,
        "containerType": "PROJECT",
        "metricDisplayName": quota.display,
        "quotaDisplayName": quota.display,
        "metricUnit": "1",
        "quotaIncreaseEligibility": {"isEligible": True},
        "dimensionsInfos": dimensions,
    }
    if quota.regional:
        answer["dimensions"] = ["region"]
    if quota.concurrent:
        answer["isConcurrent"] = True
    return answer


def _consumer_metric(call: Call, quota: Quota, *, full: bool) -> Doc:
    escaped = quota.metric.replace("/", "%2F")
    name = f"projects/{call.project.number}/services/{call.params['service']}/consumerQuotaMetrics/{escaped}"
    unit = "1/{project}/{region}" if quota.regional else "1/{project}"
    buckets = []
    for place in ("*", *_REGIONS) if quota.regional else ("*",):
        limit = str(effective_limit(call.sandbox, call.project.id, quota, place))
        if place != "*" and not full and int(limit) == quota.limit:
            continue
        bucket: Doc = {"effectiveLimit": limit, "defaultLimit": str(quota.limit)}
        buckets.append(bucket if place == "*" else {**bucket, "dimensions": {"region": place}})
    return {
        "name": name,
        "displayName": quota.display,
        "metric": quota.metric,
        "unit": "1",
        "consumerQuotaLimits": [
            {
                "name": f"{name}/limits/{'%2Fproject%2Fregion' if quota.regional else '%2Fproject'}",
                "metric": quota.metric,
                "unit": unit,
                "isPrecise": True,
                "quotaBuckets": buckets,
            }
        ],
    }


def _quotas_of(service: str) -> list[Quota]:
    return [quota for quota in QUOTAS if quota.metric.startswith(service + "/")]


def _check_global(call: Call) -> None:
    if call.location != "global":
        raise invalid_argument(f"Location '{call.location}' is not supported: quotas are read in location 'global'.")
