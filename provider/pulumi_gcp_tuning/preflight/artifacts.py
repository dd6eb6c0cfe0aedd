"""Checks of the output folders of open models, and of the checkpoints that their jobs start from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_gcp_tuning.catalog import Product, shipped
from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import GcsUri
from pulumi_gcp_tuning.preflight.facts import Fact, Known, Listing, Missing
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.preflight.spelling import check_gs_uri
from pulumi_gcp_tuning.wording import PropertyPath, advise, words

OUTPUT_NEEDED: Final = Rule(
    check="artifacts",
    name="output_uri for an open model",
    refuses="an open model without output_uri",
    why='Google answers 400: "The output_uri field is required for this model."',
    evidence="thread",
)
OUTPUT_UNUSED: Final = Rule(
    check="artifacts",
    name="output_uri only for an open model",
    refuses="output_uri, or custom_base_model, with a Gemini model",
    why="Google's discovery document: only available, and required, for open source models.",
    evidence="discovery",
)
MODE_EXISTS: Final = Rule(
    check="artifacts",
    name="tuning mode",
    refuses="a tuning_mode that there is not",
    why="Google's discovery document lists the modes.",
    evidence="discovery",
)
MODE_UNUSED: Final = Rule(
    check="artifacts",
    name="full tuning only of an open model",
    refuses="tuning_mode FULL with a Gemini model",
    why="Seed 004 has modes for open models; Google's pages on Gemini tune adapters.",
    evidence="seed",
)
FOLDER: Final = Rule(
    check="artifacts",
    name="folder in Cloud Storage",
    refuses="an output_uri or custom_base_model that is not a gs:// folder",
    why="Google's discovery document: both are Cloud Storage paths.",
    evidence="discovery",
)
BASE_NEEDED: Final = Rule(
    check="artifacts",
    name="base_model beside custom_base_model",
    refuses="custom_base_model without base_model",
    why="Google's discovery document and seed 004: the base model names the architecture.",
    evidence="discovery",
)
CHECKPOINT: Final = Rule(
    check="artifacts",
    name="checkpoint folder",
    refuses="a custom_base_model without *.safetensors, or without config.json unless it is a tuning job's own output",
    why="Seed 004: a model's checkpoint, from Hugging Face or from an earlier tuning job (whose listing shows "
    "safetensors files only).",
    evidence="seed",
    facts=("objects under custom_base_model",),
)
ARCHITECTURE: Final = Rule(
    check="artifacts",
    name="same architecture",
    refuses="a checkpoint whose config.json names a different architecture than base_model",
    why="Seed 004: the checkpoint must be of the base model's architecture. Which model_type belongs to which "
    "model is Hugging Face's naming; a model that is not in the table is not checked.",
    evidence="seed",
    facts=("config.json of custom_base_model",),
)
START_KNOWN: Final = Rule(
    check="artifacts",
    name="custom_base_model has a value",
    refuses="a custom_base_model that is an output without a value, such as final_checkpoint_uri of a job that runs",
    why="The job would start from the base model in place of the checkpoint, and be paid for.",
    evidence="policy",
)
OVERWRITTEN: Final = Rule(
    check="artifacts",
    name="output folder with checkpoints",
    refuses="an output_uri under which an earlier job wrote checkpoints, if a new job would write there too",
    why="Seed 004 has one path for the final checkpoint under output_uri. What Google does with files that are there is not documented.",
    evidence="assumed",
    severity="warn",
    facts=("objects under output_uri",),
)
RULES: Final = (
    OUTPUT_NEEDED,
    OUTPUT_UNUSED,
    MODE_EXISTS,
    MODE_UNUSED,
    FOLDER,
    BASE_NEEDED,
    START_KNOWN,
    CHECKPOINT,
    ARCHITECTURE,
    OVERWRITTEN,
)

TUNING_MODES: Final = ("TUNING_MODE_FULL", "TUNING_MODE_PEFT_ADAPTER", "TUNING_MODE_UNSPECIFIED")
"""The modes in the discovery document."""

OUTPUT_OF_A_JOB: Final = "postprocess/node-0/checkpoints/"
"""The folder of a job's checkpoints under its output_uri (seed 004)."""

MODEL_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "google/gemma3@gemma-3-1b": ("gemma3_text",),
    "google/gemma3@": ("gemma3", "gemma3_text"),
    "meta/llama3_1@": ("llama",),
    "meta/llama3-2@": ("llama",),
    "meta/llama3-3@": ("llama",),
    "meta/llama4@": ("llama4", "llama4_text"),
    "qwen/qwen3@": ("qwen3",),
}
"""``model_type`` in config.json by the prefix of a base model's id; the first match counts."""


def check_output_uri(
    output_uri: str | None, product: Product | None, *, is_set: bool | None = None, path: PropertyPath = ("output_uri",)
) -> list[Finding]:
    """It is set for an open model, not for a Gemini model, and names a folder. ``is_set``: it is given, but its value is unknown."""
    given = output_uri is not None if is_set is None else is_set
    if product == "OPEN" and not given:
        google = "The output_uri field is required for this model."
        problem = words('An open model needs {output_uri} (Google: "{google}").', google=google)
        remedy = advise("set a property", "Set it to a folder for the weights: gs://my-bucket/tuned")
        return [OUTPUT_NEEDED.finding(path, problem, remedy)]
    if product == "GEMINI" and output_uri is not None:
        problem = words("{output_uri} is for open models; a tuned Gemini model has no files.")
        return [OUTPUT_UNUSED.finding(path, problem, advise("remove a property", "Leave it out."))]
    return _check_folder(output_uri, path)


def check_overwritten(output_uri: str, listing: Fact[Listing], path: PropertyPath = ("output_uri",)) -> list[Finding]:
    """A new job overwrites no checkpoints of an earlier one. ``listing`` is that of the folder of the job's checkpoints."""
    if isinstance(listing, Missing):
        return [OVERWRITTEN.not_judged(path, listing)]
    if not isinstance(listing, Known):
        return []
    below = (name.rpartition(OUTPUT_OF_A_JOB)[2] for name in listing.value.names if name.endswith(".safetensors"))
    found = sorted({name.partition("/")[0] for name in below if "/" in name}, key=lambda name: (name != "final", name))
    if not found:
        return []
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    problem = f"{output_uri} has checkpoints ({found[0]}{more}), and the new job may overwrite them."
    each = f"{output_uri.rstrip('/')}/{{training}}"
    remedy = advise("set a property", "To keep them, and those of each later job, set {output_uri} to {uri}", uri=each)
    return [OVERWRITTEN.finding(path, problem, remedy)]


def check_mode(
    tuning_mode: str | None, product: Product | None, path: PropertyPath = ("supervised_tuning_spec", "tuning_mode")
) -> list[Finding]:
    """The mode exists, and a Gemini model is not tuned in full. Passes if either is unknown."""
    if tuning_mode is not None and tuning_mode not in TUNING_MODES:
        absent = f"The tuning mode {tuning_mode!r} does not exist."
        remedy = advise("set a property", "Use FULL or PEFT_ADAPTER (a LoRA adapter), or leave it out.")
        return [MODE_EXISTS.finding(path, absent, remedy)]
    if product != "GEMINI" or tuning_mode is None or not tuning_mode.endswith("FULL"):
        return []
    problem = words("{tuning_mode} FULL is for open models; of a Gemini model an adapter is tuned.")
    return [MODE_UNUSED.finding(path, problem, advise("remove a property", "Leave it out."))]


def check_custom_base_model(
    custom_base_model: str | None,
    base_model: str | None,
    product: Product | None,
    listing: Fact[Listing],
    config: Fact[Mapping[str, Any] | None],
    *,
    base_model_is_set: bool | None = None,
    path: PropertyPath = ("custom_base_model",),
) -> list[Finding]:
    """It is a checkpoint folder of the base model's architecture, and ``base_model`` is set."""
    if custom_base_model is None:
        return []
    findings: list[Finding] = []
    if not (base_model is not None if base_model_is_set is None else base_model_is_set):
        problem = words("{custom_base_model} also needs {base_model}.")
        remedy = advise("set a property", "Set {base_model} to the model that the checkpoint was made from.")
        findings.append(BASE_NEEDED.finding(("base_model",), problem, remedy))
    if product == "GEMINI":
        itself = f"{base_model} cannot start from a checkpoint."
        remedy = advise("remove a property", "Leave {custom_base_model} out, or set {base_model} to an open model.")
        return [*findings, OUTPUT_UNUSED.finding(path, itself, remedy)]
    if is_job(custom_base_model):
        return findings
    malformed = _check_folder(custom_base_model, path)
    if malformed:
        return [*findings, *malformed]
    if isinstance(listing, Missing):
        return [*findings, CHECKPOINT.not_judged(path, listing)]
    if not isinstance(listing, Known):
        return findings
    incomplete = _check_checkpoint(custom_base_model, listing.value, path)
    if incomplete:
        return [*findings, *incomplete]
    return [*findings, *_check_architecture(base_model, config, path)]


def check_architecture_of_job(
    job: str, base_model: str | None, of_job: str | None, path: PropertyPath = ("custom_base_model",)
) -> list[Finding]:
    """The job whose checkpoint a job starts from tunes a model of the same architecture. ``job`` is its name, or says which."""
    wanted, found = _types_of(base_model), _types_of(of_job)
    if wanted is None or found is None or set(wanted) & set(found):
        return []
    problem = f"{job} tunes {of_job}, which has another architecture than {base_model}."
    remedy = advise("set a property", "Set {base_model} to the model that the checkpoint was made from.")
    return [ARCHITECTURE.finding(path, problem, remedy)]


def is_job(custom_base_model: str) -> bool:
    """Whether it names a job, whose final checkpoint is meant, in place of a folder."""
    return custom_base_model.startswith("projects/")


def missing_start(path: PropertyPath = ("custom_base_model",)) -> list[Finding]:
    """The finding about a start whose source has no value for it: the job would begin with the base model, and be paid for."""
    problem = "It comes from a resource that has no value for it; a job has one once it has succeeded."
    remedy = advise(
        "set a property",
        "Set {custom_base_model} to the TuningJob itself: create then waits for it. With --target, give it for that job too.",
    )
    return [START_KNOWN.finding(path, words("{problem}", problem=problem), remedy)]


def _check_checkpoint(uri: str, listing: Listing, path: PropertyPath) -> list[Finding]:
    folder = _prefix(uri)
    here = [name[len(folder) :] for name in listing.names if name.startswith(folder)]
    weights = [name for name in here if name.endswith(".safetensors")]
    beside = [name for name in weights if "/" not in name]
    if not beside and not listing.complete:
        return []
    if not beside:
        below = sorted(
            {name.rpartition("/")[0] for name in weights}, key=lambda name: (not name.endswith("final"), name)
        )
        bucket = uri.removeprefix("gs://").partition("/")[0]
        if below:
            hint = advise("set a property", "Did you mean {uri}?", uri=f"gs://{bucket}/{folder}{below[0]}")
            return [CHECKPOINT.finding(path, f"{uri} has no *.safetensors file, but its subfolders do.", hint)]
        hint = advise(
            "set a property", "Use the folder that contains the checkpoint's config.json and *.safetensors files."
        )
        what = "has no *.safetensors file" if here else "is empty"
        return [CHECKPOINT.finding(path, f"{uri} {what}.", hint)]
    if "config.json" in here or OUTPUT_OF_A_JOB in folder or not listing.complete:
        return []
    problem = f"{uri} has weights but no config.json."
    remedy = advise("change the data", "Copy the checkpoint's config.json into the folder of its *.safetensors files.")
    return [CHECKPOINT.finding(path, problem, remedy)]


def _check_architecture(
    base_model: str | None, config: Fact[Mapping[str, Any] | None], path: PropertyPath
) -> list[Finding]:
    if isinstance(config, Missing):
        return [ARCHITECTURE.not_judged(path, config)]
    wanted = _types_of(base_model)
    if wanted is None or not isinstance(config, Known) or config.value is None:
        return []
    found = config.value.get("model_type")
    if not isinstance(found, str) or found in wanted:
        return []
    problem = f"The checkpoint's config.json says model_type {found!r}, but {base_model} is {' or '.join(wanted)}."
    remedy = advise("set a property", "Set {base_model} to the model that the checkpoint was made from.")
    return [ARCHITECTURE.finding(path, problem, remedy)]


def _types_of(base_model: str | None) -> tuple[str, ...] | None:
    row = shipped().find_model(base_model) if base_model else None
    model = row.id if row is not None else base_model or ""
    return next((types for start, types in MODEL_TYPES.items() if model.startswith(start)), None)


def _check_folder(uri: str | None, path: PropertyPath) -> list[Finding]:
    malformed = check_gs_uri(FOLDER, uri, "gs://my-bucket/folder", path=path)
    if uri is None or malformed:
        return malformed
    if GcsUri.parse(uri).object.endswith((".jsonl", ".safetensors", ".json")):
        problem = f"{uri} names a file, not a folder."
        remedy = advise("set a property", "Use its folder: {folder}", folder=uri.rpartition("/")[0])
        return [FOLDER.finding(path, problem, remedy)]
    return []


def _prefix(uri: str) -> str:
    """The folder's name in its bucket, with a slash at the end unless it is the bucket itself."""
    folder = uri.removeprefix("gs://").partition("/")[2].rstrip("/")
    return f"{folder}/" if folder else ""
