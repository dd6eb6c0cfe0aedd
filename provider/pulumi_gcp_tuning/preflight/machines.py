"""Checks of what a deployment serves, and of the machine on which it does so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import GcsUri, Location
from pulumi_gcp_tuning.preflight.facts import Fact, Known, Listing, Missing
from pulumi_gcp_tuning.preflight.machine_types import (
    ACCELERATORS,
    accelerators_of,
    is_misspelt,
    is_number_assumed,
    machines_with,
    nearest_accelerator,
    nearest_machine,
)
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
    refuses="artifacts that are not a gs:// folder, such as one file",
    why="Google's discovery document: the folder of the weights and the configuration.",
    evidence="discovery",
)
CHECKPOINT: Final = Rule(
    check="schema",
    name="checkpoint of a folder",
    refuses="checkpoint_id beside artifacts",
    why="A folder is one checkpoint; checkpoint_id chooses among those of a job.",
    evidence="policy",
)
REPLICAS: Final = Rule(
    check="machine",
    name="least and most machines",
    refuses="more machines that always run than machines that run at most",
    why="Google's discovery document.",
    evidence="discovery",
)
TYPE: Final = Rule(
    check="machine",
    name="machine type",
    refuses="nothing: it warns of a machine type that is not in our list of its series, or not of the form of a machine type "
    "(with the nearest). A series that is not known here is not judged",
    why="It is assumed that our list of machines is complete: no page says so.",
    evidence="assumed",
    severity="warn",
)
ACCELERATOR: Final = Rule(
    check="machine",
    name="accelerator exists",
    refuses="an accelerator that there is not (with the nearest)",
    why="Google's discovery document lists the accelerators.",
    evidence="discovery",
)
HELD: Final = Rule(
    check="machine",
    name="accelerator of the machine",
    refuses="an accelerator that the machine's series does not have, and more of it than the machine has",
    why="Compute Engine's page on GPUs has the accelerator of each series, Google's Cluster Toolkit (gpu-definition) the "
    "number of each machine. Google's discovery document: a deployment takes from one to all of a machine's accelerators.",
    evidence="docs",
)
NUMBER: Final = Rule(
    check="machine",
    name="number of accelerators",
    refuses="nothing: it warns of a number of accelerators that an N1 machine does not seem to have",
    why="It is assumed: no source that was read has these numbers.",
    evidence="assumed",
    severity="warn",
)
ONE_PLACE: Final = Rule(
    check="machine",
    name="machines in one region",
    refuses="machines in a multi-region or in global",
    why="Google's page on locations: accelerators are in single regions.",
    evidence="docs",
)
FOLDER: Final = Rule(
    check="artifacts",
    name="weights in the folder",
    refuses="artifacts without weights (*.safetensors, *.bin)",
    why="Seed 004: a deployment reads the files of a checkpoint.",
    evidence="seed",
    facts=("objects under artifacts",),
)
RULES: Final = (
    ONE_MODEL,
    ENDPOINT_OF,
    MACHINE,
    WEIGHTS,
    CHECKPOINT,
    REPLICAS,
    TYPE,
    ACCELERATOR,
    HELD,
    NUMBER,
    ONE_PLACE,
    FOLDER,
)
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
    if given == ["artifacts"] and is_set["checkpoint_id"]:
        problem = words("{checkpoint_id} chooses among the checkpoints of a {tuning_job}; {artifacts} is one folder.")
        remedy = advise("remove a property", "Leave it out, and give the folder of that checkpoint.")
        findings.append(CHECKPOINT.finding(("checkpoint_id",), problem, remedy))
    malformed = check_gs_uri(WEIGHTS, artifacts, "gs://my-bucket/folder", path=("artifacts",))
    if artifacts is not None and not malformed and artifacts.endswith((".safetensors", ".json", ".bin")):
        way_out = advise("set a property", "Use its folder, {folder}.", folder=artifacts.rpartition("/")[0])
        malformed = [
            WEIGHTS.finding(("artifacts",), f"{artifacts} is one file, not the folder of the weights.", way_out)
        ]
    return findings + malformed


def check_machine(
    machine_type: str | None, accelerator_type: str | None, count: int | None, least: int | None, most: int | None
) -> list[Finding]:
    """The machine has this accelerator in this number, and not more machines always run than run at most. None passes."""
    findings: list[Finding] = []
    if most is not None and most < (least or 1):
        problem = f"At most {most} machines run, but {least} always run."
        remedy = advise("set a property", "Set {max_replica_count} to {least} or more.", least=least)
        findings.append(REPLICAS.finding(("max_replica_count",), problem, remedy))
    if accelerator_type is not None and accelerator_type not in ACCELERATORS:
        near = nearest_accelerator(accelerator_type)
        hint = "Did you mean {near}?" if near else "Use one of {names}."
        remedy = advise("set a property", hint, near=near, names=", ".join(ACCELERATORS))
        problem = f"The accelerator {accelerator_type!r} does not exist."
        findings.append(ACCELERATOR.finding(("accelerator_type",), problem, remedy))
        accelerator_type = near
    if machine_type is None:
        return findings
    if is_misspelt(machine_type):
        near = nearest_machine(machine_type)
        hint = "Did you mean {near}?" if near else "A machine type looks like this: g2-standard-12"
        remedy = advise("set a property", hint, near=near)
        problem = f"The machine type {machine_type!r} is not known."
        return [*findings, TYPE.finding(("machine_type",), problem, remedy)]
    holds = accelerators_of(machine_type)
    if holds is None or accelerator_type is None:
        return findings
    if not holds:
        remedy = advise("set a property", "Use a machine with one, such as g2-standard-12 with one NVIDIA_L4.")
        return [*findings, HELD.finding(("machine_type",), f"{machine_type} has no accelerators.", remedy)]
    others = machines_with(accelerator_type, count) if count else []
    instead = words(", or {machine_type} to {machines}", machines=" or ".join(others)) if others else ""
    if accelerator_type not in holds:
        problem = f"{machine_type} has {' or '.join(holds)}, not {accelerator_type}."
        remedy = advise("set a property", "Set it to {kind}{instead}.", kind=next(reversed(holds)), instead=instead)
        findings.append(HELD.finding(("accelerator_type",), problem, remedy))
    elif count is not None and count not in holds[accelerator_type]:
        rule = NUMBER if is_number_assumed(machine_type) else HELD
        counts = _counts(holds[accelerator_type])
        problem = f"{machine_type} has {counts} {accelerator_type}, not {count}."
        remedy = advise("set a property", "Set it to {counts}{instead}.", counts=counts, instead=instead)
        findings.append(rule.finding(("accelerator_count",), problem, remedy))
    return findings


def check_machines_place(place: str | None) -> list[Finding]:
    """Machines are in one region. An unknown place passes."""
    kind = Location(place).kind if place is not None else "region"
    if kind == "region":
        return []
    what = "a multi-region" if kind == "multi-region" else "no region"
    problem = words("Machines run in one region, but {gcp:region} is {place}, {what}.", place=place, what=what)
    near = {"eu": "europe-west4"}.get(str(place), "us-central1")
    remedy = advise("set a property", "Set {gcp:region} to a region such as {near}.", near=near)
    return [ONE_PLACE.finding(("machine_type",), problem, remedy)]


def check_weights(uri: str, listing: Fact[Listing]) -> list[Finding]:
    """The folder has the files of a checkpoint. One that was not read to its end passes."""
    path = ("artifacts",)
    if isinstance(listing, Missing):
        return [FOLDER.not_judged(path, listing)]
    if not isinstance(listing, Known) or not listing.value.complete:
        return []
    folder = f"{GcsUri.parse(uri).object.strip('/')}/".removeprefix("/")
    here = [name[len(folder) :] for name in listing.value.names if name.startswith(folder)]
    if any(name.endswith((".safetensors", ".bin")) and "/" not in name for name in here):
        return []
    below = sorted(
        {
            f"gs://{GcsUri.parse(uri).bucket}/{folder}{name.rpartition('/')[0]}"
            for name in here
            if name.endswith(".safetensors")
        }
    )
    hint = "Did you mean {below}?" if below else "Use the folder with the *.safetensors files of a checkpoint."
    remedy = advise("set a property", hint, below=below[-1] if below else "")
    return [FOLDER.finding(path, f"{uri} has no *.safetensors file.", remedy)]


def _counts(numbers: tuple[int, ...]) -> str:
    if len(numbers) > 2 and numbers == tuple(range(1, len(numbers) + 1)):
        return f"1 to {numbers[-1]}"
    return " or ".join(map(str, numbers))


def _all(names: list[str]) -> Any:
    return joined(" and ", [Property((name,)) for name in names])
