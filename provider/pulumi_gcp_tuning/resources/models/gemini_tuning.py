"""The wait for a tuned model of the Gemini API, and the one that an earlier run began."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import ApiError, Failed, NotFound, Refused
from pulumi_gcp_tuning.origins import same_origin
from pulumi_gcp_tuning.resources.core.declared import called, doing
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json, Wait

CREATING: Final = ("CREATING", "STATE_UNSPECIFIED", None)
"""The states of a model that Google may still tune."""


def await_tuning(call: Call, name: str, operation: str | None, wait: Wait) -> Json:
    """The model once it is no longer CREATING. The operation tells the percents; without one the model itself is read."""
    percent = ""
    while True:
        with doing(f"waiting for {name}"):
            found: Json = read_operation(call, operation) if operation else {"done": True}
            live = call.google.tuned_models.get(name) if found.get("done") else {}
        if live and live.get("state") not in CREATING:
            return live
        if operation:
            done = (found.get("metadata") or {}).get("completedPercent") or 0
            percent = f"{float(done):.0f} %, "
        call.report(f"{percent}creating")
        wait.check(name)
        wait.pause()


def find_standing(call: Call, names: Sequence[str]) -> str | None:
    """The first of the names whose model a create would take over; None if there is none, or Google does not say."""
    with suppress(ApiError):
        return next((name for name in names if call.google.tuned_models.get(name).get("state") != "FAILED"), None)
    return None


def standing_first(call: Call, urn: str, names_of: Callable[[str], Sequence[str]]) -> list[str]:
    """The names that a create tries, in this order.

    The first is that of a model from before the stack was renamed, if it stands and no current entry has it.
    """
    holdings = call.run.of(Holdings)
    before = [name for each in holdings.urns_before_rename(urn) for name in names_of(str(each))]
    standing = find_standing(call, [name for name in before if not holdings.names(name)])
    return [*([standing] if standing else []), *names_of(urn)]


def read_operation(call: Call, operation: str) -> Json:
    """The operation; a finished one without a result if Google has forgotten it, because the model has its state too."""
    try:
        return call.google.tuned_models.get_operation(operation)
    except NotFound:
        return {"done": True}


def refuse_failed(call: Call, name: str, live: Mapping[str, Any], inputs: Properties, outputs: Properties) -> None:
    """Raises Failed if the tuning of the model has failed."""
    if live.get("state") == "FAILED":
        raise Failed(failure_of(call, inputs, name, outputs))


def failure_of(call: Call, inputs: Properties, name: str, outputs: Properties) -> str:
    """Why the tuning failed, and what to do."""
    operation = outputs.get("operation")
    error = read_operation(call, operation).get("error") if operation else None
    why = f": {error['message']}" if isinstance(error, Mapping) and error.get("message") else "."
    return (
        f"Tuning {called(call, inputs)!r} failed{why}\n  {name}\n"
        "It is not tuned again by itself. Correct the cause, or set retry to tune a new model."
    )


def origins(call: Call) -> Properties:
    """The addresses that a model was made through, for its outputs."""
    return {"apiOrigin": call.settings.api_origin, "geminiOrigin": call.settings.origin("generativelanguage")}


def refuse_elsewhere(call: Call, outputs: Mapping[str, Any], name: str) -> None:
    """Raises Refused if the model was made at another address of the Gemini API, whose 404 would prove nothing."""
    call.settings.check_origin(outputs.get("apiOrigin"), name)
    made, asked = outputs.get("geminiOrigin"), call.settings.origin("generativelanguage")
    if made and not same_origin(str(made), asked):
        raise Refused(
            f"{name} was made through {made}, but this run talks to {asked}, whose answers do not apply to it. "
            f"Set GCP_TUNING_GEMINI_BASE_URL={made} to use that API."
        )
