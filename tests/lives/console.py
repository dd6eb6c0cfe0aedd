"""What somebody does by hand, in Google's console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from support.hand_made_google import by_number

if TYPE_CHECKING:
    from lives.world import World

ACTS: Final = (
    "delete the model",
    "delete the endpoint",
    "delete the object",
    "strip the labels",
    "add a label",
    "cancel the job",
)


def use_console(world: World, act: str, *, model: str | None, endpoint: str | None, data: str | None) -> None:
    """Does what ``act`` says to the things of a stack; what is not there is left alone."""
    google = world.google
    live_model = google.models.get(google.version_of(model)) if model else None
    live_endpoint = google.endpoints.get(by_number(endpoint)) if endpoint else None
    if act == "delete the model" and live_model is not None:
        for each in list(live_model.get("deployedModels") or ()):
            _undeploy(google, each["endpoint"], each["deployedModelId"])
            if each["endpoint"] != (live_endpoint or {}).get("name"):
                del google.endpoints[by_number(each["endpoint"])]
        del google.models[google.version_of(str(model))]
    elif act == "delete the endpoint" and live_endpoint is not None:
        for each in list(live_endpoint.get("deployedModels") or ()):
            _undeploy(google, live_endpoint["name"], each["id"])
        del google.endpoints[live_endpoint["name"]]
    elif act == "delete the object" and data:
        bucket, _, name = data.removeprefix("gs://").partition("/")
        google.objects.pop((bucket, name), None)
    elif act == "cancel the job":
        _cancel_jobs(world)
    else:
        _relabel(act, [each for each in (live_model, live_endpoint) if each is not None])


def _relabel(act: str, things: list[dict[str, Any]]) -> None:
    for each in things:
        if act == "strip the labels":
            each["labels"] = {key: value for key, value in each["labels"].items() if not key.startswith("gcp-tuning")}
        elif act == "add a label":
            each["labels"]["owner"] = "ops"


def _cancel_jobs(world: World) -> None:
    for job in world.google.jobs.values():
        if world.is_running(job):
            job["state"] = job["state"].rpartition("_STATE_")[0] + "_STATE_CANCELLED"


def _undeploy(google: Any, endpoint: str, deployed: str) -> None:
    """Another deployment takes the traffic, where there is one."""
    live = google.endpoints[by_number(endpoint)]
    others = [each["id"] for each in live.get("deployedModels") or () if each["id"] != deployed]
    split = {each: 100 if each == others[0] else 0 for each in others}
    google.vertex("us").undeploy_model(endpoint, deployed, split or None)
