"""Checks of what a deployment serves, and of the machine on which it does so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.preflight.spelling import check_gs_uri
from pulumi_gcp_tuning.wording import Property, advise, joined, words

ONE_MODEL: Final = Rule(
    check="schema",
    name="one thing to serve",
    refuses="a deployment without any of model, tuning_job and artifacts, or with several of them",
    why="A deployment serves one model; weights in Cloud Storage become a model of their own.",
    evidence="policy",
)
ENDPOINT_OF: Final = Rule(
    check="schema",
    name="endpoint of the deployment",
    refuses="a model without an endpoint, and an endpoint beside tuning_job or artifacts",
    why="Google's client deploys weights with a call that makes the endpoint.",
    evidence="discovery",
)
MACHINE: Final = Rule(
    check="schema",
    name="machine in full",
    refuses="weights without a machine, and a machine without its accelerator or its number of accelerators",
    why="Google's client takes machine_type, accelerator_type and accelerator_count together or not at all; we do not let "
    "Google choose what is billed by the hour.",
    evidence="discovery",
)
WEIGHTS: Final = Rule(
    check="schema",
    name="folder of weights",
    refuses="artifacts that are not a gs:// folder",
    why="Google's discovery document: the folder of the weights and the configuration.",
    evidence="discovery",
)
RULES: Final = (ONE_MODEL, ENDPOINT_OF, MACHINE, WEIGHTS)
_SOURCES: Final = ("model", "tuning_job", "artifacts")
_MACHINE: Final = ("machine_type", "accelerator_type", "accelerator_count")


def check_serving(is_set: Mapping[str, bool], artifacts: str | None, endpoint: str | None) -> list[Finding]:
    """One thing is served, where it can be, on a machine that is named in full.

    ``is_set`` says which properties are given. An endpoint that is not known yet is not in the way of weights.
    """
    given = [name for name in _SOURCES if is_set[name]]
    if len(given) != 1:
        problem = words("It needs one of {model}, {tuning_job} and {artifacts}.")
        if given:
            problem = words("{names} are given, but a deployment serves one.", names=_all(given))
        return [
            ONE_MODEL.finding(
                (given[-1] if given else "model",), problem, advise("set a property", "Give exactly one.")
            )
        ]
    findings: list[Finding] = []
    if given == ["model"] and not is_set["endpoint"]:
        remedy = advise("set a property", "Declare an Endpoint and give it.")
        findings.append(
            ENDPOINT_OF.finding(("endpoint",), words("A {model} needs the {endpoint} that serves it."), remedy)
        )
    if given != ["model"] and endpoint is not None:
        problem = words("The deployment of {given} makes its own endpoint.", given=Property((given[0],)))
        remedy = advise("remove a property", "Leave {endpoint} out; the output of that name has it.")
        findings.append(ENDPOINT_OF.finding(("endpoint",), problem, remedy))
    missing = [name for name in _MACHINE if not is_set[name]]
    if missing and (given != ["model"] or len(missing) < len(_MACHINE)):
        problem = words("{names} must be set for a machine.", names=_all(missing))
        usual = "Give all three; a model of up to 8B parameters fits {machine_type=g2-standard-12} with one NVIDIA_L4."
        findings.append(MACHINE.finding((missing[0],), problem, advise("set a property", usual)))
    return findings + check_gs_uri(WEIGHTS, artifacts, "gs://my-bucket/folder", path=("artifacts",))


def _all(names: list[str]) -> Any:
    return joined(" and ", [Property((name,)) for name in names])
