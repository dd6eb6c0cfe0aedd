"""The API object of Vertex AI and its switches, and the job settings that an admin call changes."""

from __future__ import annotations

from typing import Any

from tuning_sandbox.kernel import Api, Call, GoogleError, Sandbox, invalid_argument

HOST = "aiplatform.googleapis.com"
api = Api("aiplatform", versions=("v1", "v1beta1"), host=HOST, family="google", title="Vertex AI API", billed=True)

api.switch(
    "vertex.at_quota",
    default="refuse",
    values=("refuse", "queue"),
    does="at the limit of concurrent tuning jobs a create answers 429, or the job waits as PENDING (both are reported)",
)
api.switch(
    "vertex.dataset_at_create",
    default="bucket",
    values=("bucket", "object", "never"),
    does="what a create checks at once: that the bucket exists and where it is, the object too, or nothing",
)
api.switch(
    "vertex.cancel_of_finished",
    default="refuse",
    values=("refuse", "accept"),
    does="cancelling a finished job is FAILED_PRECONDITION, or is accepted without an effect (it is not known which is true)",
)
api.switch(
    "vertex.first_state",
    default="JOB_STATE_PENDING",
    values=("JOB_STATE_PENDING", "JOB_STATE_QUEUED"),
    does="the first state of a new tuning job",
)
api.switch(
    "vertex.model_elsewhere",
    default="refuse",
    values=("refuse", "accept"),
    does="a model of another location than the endpoint is INVALID_ARGUMENT, or deployed (Google's reference allows it; "
    "it has not been seen for tuned Gemini models)",
)
api.switch(
    "vertex.model_of_other_project",
    default="refuse",
    values=("refuse", "accept"),
    does="a model of another project than the endpoint is INVALID_ARGUMENT, or deployed (assumed: nothing public shows what "
    "Google does with a tuned Gemini model)",
)
api.switch(
    "vertex.job_at_result",
    default="accept",
    values=("accept", "refuse"),
    does="a finished job is also read at the multi-region of its model (google-genai's own tests read one at `us`), or is a "
    "404 there",
)
api.switch(
    "vertex.require_cmek",
    default=False,
    values=(False, True),
    does="the organization policy gcp.restrictNonCmekServices: what is created without a key is FAILED_PRECONDITION",
)

# virtual seconds; 200 examples for 3 epochs take about 45 minutes, as reported
DEFAULTS: dict[str, float] = {
    "durationScale": 1.0,
    "pendingSeconds": 30.0,
    "datasetSeconds": 240.0,
    "capacitySeconds": 120.0,
    "tuningBaseSeconds": 300.0,
    "tuningSecondsPerExample": 3.0,
    "registerSeconds": 60.0,
    "endpointSeconds": 45.0,
    "cancelSeconds": 2.0,
    # 0 means the quota's limit, or Google's own limits
    "concurrentJobs": 0.0,
    "mostRows": 0.0,
    "mostFileBytes": 0.0,
}
FAULTS = ("fail", "stuck", "cancelLoses")
MOST = 100_000_000
SETTINGS = "vertex.settings"


def settings_of(sandbox: Sandbox) -> dict[str, float]:
    """The effective durations and limits."""
    kept: dict[str, float] = sandbox.store.collection(SETTINGS).get("settings") or {}
    return {**DEFAULTS, **kept}


def seconds_of(sandbox: Sandbox, setting: str) -> float:
    """The duration of a phase, by the name of its setting."""
    settings = settings_of(sandbox)
    return settings[setting] * settings["durationScale"]


def take_fault(sandbox: Sandbox, display_name: str) -> dict[str, Any]:
    """The first pending job fault that applies to a new job, which consumes it; `{}` if there is none."""
    kept = sandbox.store.collection(SETTINGS).get("faults") or {"items": []}
    for at, fault in enumerate(kept["items"]):
        if fault.get("match", "") in display_name:
            items = kept["items"][:at] + kept["items"][at + 1 :]
            sandbox.store.collection(SETTINGS).put("faults", {"items": items})
            return {key: value for key, value in fault.items() if key != "match"}
    return {}


@api.admin(
    "GET", "/_sandbox/vertex", does="the durations and limits of tuning jobs, and the job faults that are still to come"
)
def get_settings(call: Call) -> dict[str, Any]:
    return settings_with_faults(call.sandbox)


def settings_with_faults(sandbox: Sandbox) -> dict[str, Any]:
    """Everything that the admin route shows."""
    waiting = sandbox.store.collection(SETTINGS).get("faults") or {"items": []}
    return {**settings_of(sandbox), "jobFaults": waiting["items"]}


@api.admin(
    "POST",
    "/_sandbox/vertex",
    does='changes durations and limits, and adds job faults: {"jobFaults": [{"kind": "fail"|"stuck"|"cancelLoses", '
    '"code": 8, "message": "...", "at": "dataset"|"tuning", "match": "part of the display name"}]}',
)
def set_settings(call: Call) -> dict[str, Any]:
    kept = call.sandbox.store.collection(SETTINGS)
    body = dict(call.body)
    faults = body.pop("jobFaults", None)
    for name, value in body.items():
        if name not in DEFAULTS:
            raise invalid_argument(f"unknown setting {name!r}; there are {', '.join([*DEFAULTS, 'jobFaults'])}", name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
            raise invalid_argument(f"{name} must be a number from 0 to {MOST:,}", name)
    if faults is not None:
        if not isinstance(faults, list) or not all(_is_fault(fault) for fault in faults):
            raise invalid_argument(
                f"jobFaults is a list of objects whose kind is one of {', '.join(FAULTS)}, with code (1 to 16), message, "
                "at (dataset or tuning) and match (text)",
                "jobFaults",
            )
        kept.put("faults", {"items": faults})
    kept.put("settings", {**(kept.get("settings") or {}), **body})
    return settings_with_faults(call.sandbox)


def _is_fault(fault: Any) -> bool:
    if not isinstance(fault, dict) or set(fault) - {"kind", "code", "message", "at", "match"}:
        return False
    texts = all(isinstance(fault.get(key, ""), str) for key in ("message", "match"))
    known = fault.get("kind") in FAULTS and fault.get("at", "tuning") in ("dataset", "tuning")
    return known and texts and fault.get("code", 13) in range(1, 17)


def not_in_sandbox(what: str) -> GoogleError:
    """Features that Google has and the sandbox does not: each is refused by name."""
    return GoogleError(501, "UNIMPLEMENTED", f"The sandbox does not have {what}.")
