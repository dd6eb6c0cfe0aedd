"""Every parameter that the source documents name reaches Google's request, belongs to something else that is named here, or is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from pulumi_gcp_tuning.config import CHECKS
from pulumi_gcp_tuning.grammar import camel
from pulumi_gcp_tuning.resources.core.description import keys_of as keys_with
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import Desk, settings, urn
from tuning_sandbox.vertex.pipelines.templates import TEMPLATES as OF_THE_SANDBOX
from unit.resources.test_pipeline_parameters import OF_CHAT, OF_CODE

NAMED: Final = {
    "000": """adapterSize baseModel charset contents epochCount generation_config hyperParameters learningRateMultiplier
        maxOutputTokens parts role supervisedTuningSpec temperature text topK topP trainingDatasetUri training_dataset_uri
        tunedModelDisplayName validationDatasetUri validation_dataset_uri""",
    "002": """accelerator_type author charset content dataset_uri default_context displayName display_name
        enable_checkpoint_selection enable_early_stopping encryptionSpec encryption_spec_key_name evaluation_data_uri
        evaluation_interval gcsOutputDirectory input_text kmsKeyName large_model_reference learning_rate_multiplier location
        messages model_display_name name output_text parameterValues parent project runtimeConfig templateUri
        tensorboard_resource_id train_steps""",
    "003": """base_model batch_size contents display_name epoch_count examples hyperparameters key learning_rate output
        page_size page_token parts text text_input training_data tuning_task""",
    "004": """accelerator_count accelerator_type base_model completion content contents custom_base_model detail epochs
        file_data file_uri gcs_uri image_url instances location machine_type max_tokens messages mime_type output_uri parts
        project prompt raw_response role source_model systemInstruction temperature text top_k top_p train_dataset
        tuning_mode type url validation_dataset""",
}
"""The keys and keywords in the code and the tables of each document: what
``grep -oE '"[A-Za-z_]+" ?:|\\b[a-z_]+=|`[A-Za-z_]+`'`` finds there, without variables of its shells and of its site."""
ROWS: Final = """author completion content contents detail file_data file_uri image_url input_text messages mime_type output
    output_text parts prompt role systemInstruction text text_input type url"""
"""Keys of rows of data, which the tests of datasets read."""
ASKED: Final = (
    """charset generation_config instances maxOutputTokens max_tokens raw_response temperature topK topP top_k top_p"""
)
"""What a question to a model has; ``gcp-tuning ask`` and the examples send it."""
OF_THE_CALL: Final = "key page_size page_token parent name project"
"""In the address or the headers: a place, a page, a key."""
DATA, FOLDER, KEY = (
    "gs://shop-data/t.jsonl",
    "gs://shop-data/out",
    "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k",
)
LLAMA, GEMINI_API = "meta/llama3_1@llama-3.1-8b", "models/gemini-1.5-flash-001-tuning"
MACHINE: Final = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
TEMPLATES: Final = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"
OF_PIPELINES: Final = {**OF_CHAT, **OF_CODE}
DEFAULTS: Final = {
    "evaluation_interval": 20,
    "enable_early_stopping": True,
    "enable_checkpoint_selection": "default",
    "accelerator_type": "GPU",
    "train_steps": 300,
    "learning_rate_multiplier": 1.0,
}
"""What the page on code models says that a parameter is where a request leaves it out."""
MORE: Final[dict[str, Any]] = {"g2-standard-96": {"acceleratorCount": 8}}
OFF = dict.fromkeys(CHECKS, "off")
PAIRS = b"".join(json.dumps({"text_input": str(n), "output": str(n + 1)}).encode() + b"\n" for n in range(15))
Wire = dict[str, Any]


def errors_of(findings: Any) -> list[str]:
    """The errors, with the paths of their properties."""
    return [f"{'.'.join(map(str, each.path))}: {each}" for each in findings if each.severity == "error"]


def sent(kind: str, folder: Path, **news: Any) -> Wire:
    """What Google got of a declaration."""
    desk, frame = Desk(root=folder), lifecycle_of(kind)
    for name in ("base/config.json", "base/model.safetensors"):
        desk.google.objects["shop-data", name] = {"bucket": "shop-data", "name": name, "generation": "1", "size": "9"}
    (folder / "pairs.jsonl").write_bytes(PAIRS)
    configured = settings(checks=OFF, as_of=date(2024, 11, 20))

    def call() -> Any:
        return desk.call(frame.name, run=Run(), root=folder, settings=configured)

    found = frame.check(call(), {}, {"resourceUrn": urn(frame.name), **news})
    assert errors_of(found.findings) == []
    made = frame.create(call(), found.inputs)
    google: Any = desk.google
    wire: Wire = google.sent.get(made.id) or google.jobs.get(made.id) or {}
    return wire


def deployed(folder: Path, **news: Any) -> Wire:
    """What Google got of weights that are served on a machine."""
    desk, frame = Desk(root=folder), lifecycle_of("model_deployment")
    for name in ("a/model.safetensors", "b/model.safetensors"):
        desk.google.objects["shop-data", name] = {"name": name}
    given = {"artifacts": "gs://shop-data/a", **MACHINE, **news}
    found = frame.check(desk.call(frame.name), {}, {"resourceUrn": urn(frame.name), **given})
    assert errors_of(found.findings) == []
    frame.create(desk.call(frame.name), found.inputs)
    (endpoint,) = desk.google.endpoints.values()
    served = next(name for verb, name in desk.google.journal if verb == "deploy_weights")
    return {"gcsUri": served, **endpoint["deployedModels"][0]["dedicatedResources"]}


def tuned(folder: Path, **news: Any) -> Wire:
    """What Google got of a Gemini model's job."""
    return sent("tuning_job", folder, **_with_spec({"baseModel": "gemini-1.5-pro-002", **news}))


def tuned_open(folder: Path, **news: Any) -> Wire:
    """What Google got of an open model's job."""
    return sent("tuning_job", folder, **_with_spec({"baseModel": LLAMA, "outputUri": FOLDER, **news}))


def _with_spec(news: Wire) -> Wire:
    spec = {"trainingDatasetUri": DATA, **news.pop("supervisedTuningSpec", {})}
    return {**news, "supervisedTuningSpec": spec}


def piped(folder: Path, **news: Any) -> Wire:
    """What Google got of a pipeline."""
    given = {"baseModel": "code-bison@002", "datasetUri": DATA, "gcsOutputDirectory": FOLDER}
    return sent("pipeline_tuning_job", folder, **{**given, **news})


def tuned_by_key(folder: Path, **news: Any) -> Wire:
    """What the Gemini API got."""
    content = {"source": "pairs.jsonl", "contentSha256": hashlib.sha256(PAIRS).hexdigest()}
    return sent("gemini_api_tuned_model", folder, **{"baseModel": GEMINI_API, **content, **news})


SPEC, HYPER, VALUES = "supervisedTuningSpec", "supervisedTuningSpec.hyperParameters", "runtimeConfig.parameterValues"
TASK = "tuningTask.hyperparameters"


@dataclass(frozen=True)
class Walked:
    """A parameter: how a document calls it, the input, values, their place in the request and what is written there."""

    document: str
    name: str
    make: Callable[..., Wire]
    given: str
    at: str
    values: Mapping[Any, Any]
    """What is sent, by what is declared."""

    def __str__(self) -> str:
        return f"{self.document} {self.name}"


def same(*values: Any) -> dict[Any, Any]:
    return {value: value for value in values}


SIZES: Final = {1: "ONE", 2: "TWO", 4: "FOUR", 8: "EIGHT", 16: "SIXTEEN", 32: "THIRTY_TWO"}
ADAPTERS: Final = {size: f"ADAPTER_SIZE_{word}" for size, word in SIZES.items()}
NAMED_SIZES: Final = same(*ADAPTERS.values())
OTHER: Final = "gs://shop-data/other.jsonl"
WALK: Final = [
    Walked("000", "baseModel", tuned, "baseModel", "baseModel", same("gemini-1.5-pro-002", "gemini-1.5-flash-002")),
    *(
        Walked("000", name, tuned, f"{SPEC}.{key}", f"{SPEC}.{key}", same(DATA, OTHER))
        for name, key in (
            ("trainingDatasetUri", "trainingDatasetUri"),
            ("training_dataset_uri", "trainingDatasetUri"),
            ("validationDatasetUri", "validationDatasetUri"),
            ("validation_dataset_uri", "validationDatasetUri"),
        )
    ),
    Walked("000", "epochCount", tuned, f"{HYPER}.epochCount", f"{HYPER}.epochCount", {1: "1", 20: "20"}),
    Walked("000", "adapterSize", tuned, f"{HYPER}.adapterSize", f"{HYPER}.adapterSize", ADAPTERS | NAMED_SIZES),
    Walked(
        "000",
        "learningRateMultiplier",
        tuned,
        f"{HYPER}.learningRateMultiplier",
        f"{HYPER}.learningRateMultiplier",
        same(0.5, 2.0),
    ),
    Walked(
        "000", "tunedModelDisplayName", tuned, "tunedModelDisplayName", "tunedModelDisplayName", same("a", "b" * 128)
    ),
    Walked("002", "displayName", piped, "displayName", "displayName", same("a", "b")),
    Walked("002", "display_name", piped, "displayName", "displayName", same("a", "b")),
    Walked(
        "002",
        "gcsOutputDirectory",
        piped,
        "gcsOutputDirectory",
        "runtimeConfig.gcsOutputDirectory",
        same(FOLDER, "gs://shop-data/two"),
    ),
    Walked("002", "kmsKeyName", piped, "encryptionSpec.kmsKeyName", "encryptionSpec.kmsKeyName", same(KEY, KEY + "2")),
    Walked(
        "002",
        "templateUri",
        piped,
        "baseModel",
        "templateUri",
        {
            "code-bison@002": f"{TEMPLATES}/tune-large-model/v3.0.0",
            "codechat-bison@002": f"{TEMPLATES}/tune-large-chat-model/v3.0.0",
        },
    ),
    Walked("003", "base_model", tuned_by_key, "baseModel", "baseModel", same(GEMINI_API)),
    Walked("003", "display_name", tuned_by_key, "displayName", "displayName", same("a", "number generator model")),
    Walked("003", "batch_size", tuned_by_key, "batchSize", f"{TASK}.batchSize", same(2, 8)),
    Walked("003", "learning_rate", tuned_by_key, "learningRate", f"{TASK}.learningRate", same(0.001, 0.01)),
    Walked("003", "epoch_count", tuned_by_key, "epochCount", f"{TASK}.epochCount", same(1, 5)),
    *(
        Walked("004", name, tuned_open, "baseModel", "baseModel", same(LLAMA, "qwen/qwen3@qwen3-8b"))
        for name in ("base_model", "source_model")
    ),
    Walked(
        "004",
        "custom_base_model",
        tuned_open,
        "customBaseModel",
        "customBaseModel",
        same("gs://shop-data/base", "gs://shop-data/base/"),
    ),
    Walked(
        "004",
        "tuning_mode",
        tuned_open,
        f"{SPEC}.tuningMode",
        f"{SPEC}.tuningMode",
        {
            "FULL": "TUNING_MODE_FULL",
            "PEFT_ADAPTER": "TUNING_MODE_PEFT_ADAPTER",
            "TUNING_MODE_FULL": "TUNING_MODE_FULL",
        },
    ),
    Walked("004", "epochs", tuned_open, f"{HYPER}.epochCount", f"{HYPER}.epochCount", {1: "1", 3: "3"}),
    Walked(
        "004",
        "train_dataset",
        tuned_open,
        f"{SPEC}.trainingDatasetUri",
        f"{SPEC}.trainingDatasetUri",
        same(DATA, OTHER),
    ),
    Walked(
        "004",
        "validation_dataset",
        tuned_open,
        f"{SPEC}.validationDatasetUri",
        f"{SPEC}.validationDatasetUri",
        same(DATA, OTHER),
    ),
    Walked("004", "output_uri", tuned_open, "outputUri", "outputUri", same(FOLDER, "gs://shop-data/two")),
    Walked("004", "learning rate", tuned_open, f"{HYPER}.learningRate", f"{HYPER}.learningRate", same(0.0002, 0.001)),
    Walked("004", "batch size", tuned_open, f"{HYPER}.batchSize", f"{HYPER}.batchSize", {4: "4", 16: "16"}),
    Walked("004", "adapter size", tuned_open, f"{HYPER}.adapterSize", f"{HYPER}.adapterSize", ADAPTERS),
    Walked("004", "gcs_uri", deployed, "artifacts", "gcsUri", same("gs://shop-data/a", "gs://shop-data/b")),
    Walked(
        "004",
        "machine_type",
        deployed,
        "machineType",
        "machineSpec.machineType",
        same("g2-standard-12", "g2-standard-16"),
    ),
    Walked("004", "accelerator_type", deployed, "acceleratorType", "machineSpec.acceleratorType", same("NVIDIA_L4")),
    Walked("004", "accelerator_count", deployed, "acceleratorCount", "machineSpec.acceleratorCount", same(1)),
    Walked("004", "min replicas", deployed, "minReplicaCount", "minReplicaCount", same(1, 2)),
    Walked("004", "max replicas", deployed, "maxReplicaCount", "maxReplicaCount", same(2, 5)),
]
OBJECTS: Final = {
    "000": "hyperParameters supervisedTuningSpec",
    "002": "encryptionSpec parameterValues runtimeConfig",
    "003": "examples hyperparameters training_data tuning_task",
    "004": "",
}
"""What only holds other parameters. The examples of 003 are compared below."""


def declared_at(place: str, value: Any) -> Wire:
    """The inputs with a value at a place."""
    key, _, rest = place.partition(".")
    return {key: declared_at(rest, value) if rest else value}


def at(wire: Any, place: str) -> Any:
    for key in place.split("."):
        wire = wire[key]
    return wire


@pytest.mark.parametrize("walked", WALK, ids=str)
def test_the_value_of_a_documents_parameter_is_in_the_request(walked: Walked, tmp_path: Path) -> None:
    for value, written in walked.values.items():
        more = MORE.get(value, {}) if isinstance(value, str) else {}
        assert at(walked.make(tmp_path, **declared_at(walked.given, value), **more), walked.at) == written, value


@pytest.mark.parametrize("document", NAMED)
def test_every_parameter_that_a_document_names_is_walked(document: str) -> None:
    walked = {each.name for each in WALK if each.document == document} | set(OBJECTS[document].split())
    walked |= (
        set(OF_PIPELINES) if document == "002" else set()
    )  # test_pipeline_parameters.py walks these with their values
    walked |= {"location"} if document == "004" else set()  # in the address
    left = set(NAMED[document].split()) - {*f"{ROWS} {ASKED} {OF_THE_CALL}".split()}
    assert left - walked == set()


def test_the_examples_of_a_file_are_in_the_request_of_the_gemini_api(tmp_path: Path) -> None:
    examples = tuned_by_key(tmp_path)["tuningTask"]["trainingData"]["examples"]["examples"]
    assert [(each["textInput"], each["output"]) for each in examples] == [(str(n), str(n + 1)) for n in range(15)]


@pytest.mark.parametrize(
    ("make", "place", "value", "word"),
    [
        (tuned, f"{HYPER}.adapterSize", 3, "adapter_size"),
        (tuned, f"{HYPER}.adapterSize", "ADAPTER_SIZE_THREE", "adapter_size"),
        (tuned, f"{HYPER}.epochCount", 1.5, "epoch_count"),
        (tuned_open, f"{SPEC}.tuningMode", "LORA", "tuning_mode"),
        (piped, "acceleratorType", "CPU", "accelerator_type"),
        (deployed, "acceleratorCount", 0, "accelerator_count"),
        (deployed, "minReplicaCount", 0, "min_replica_count"),
        (deployed, "machine", "g2-standard-12", "machine"),
        (tuned_by_key, "batchSize", 0, "batch_size"),
    ],
)
def test_a_value_that_cannot_be_sent_is_refused_with_its_name(
    make: Callable[..., Wire], place: str, value: Any, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for check in ("artifacts", "hyperparameters"):
        monkeypatch.delitem(OFF, check)
    with pytest.raises(AssertionError, match=word):
        make(tmp_path, **declared_at(place, value))


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_of_the_pipelines_page_is_left_to_google_which_has_it(name: str, tmp_path: Path) -> None:
    """The sandbox stands for Google's template; train_steps is sent, because the checks compute with it."""
    template = next(each for each in OF_THE_SANDBOX.values() if not each.chat)
    assert template.parameters[name].default == DEFAULTS[name]
    assert at(piped(tmp_path), VALUES).get(name, DEFAULTS[name]) == DEFAULTS[name]
    assert (
        at(piped(tmp_path, **{camel(name): DEFAULTS[name], "evaluationDataUri": OTHER}), VALUES)[name] == DEFAULTS[name]
    )


@pytest.mark.parametrize("kind", ["tuning_job", "pipeline_tuning_job", "gemini_api_tuned_model"])
def test_every_declared_parameter_is_walked(kind: str) -> None:
    """Those that change what is trained; a new one that no document walks is named here."""
    spec = set(keys_with(lifecycle_of(kind).resource.Args, "spec"))
    walked = {each.given.partition(".")[0] for each in WALK}
    walked |= {key for declared, _ in OF_PIPELINES.values() for key in declared}
    # other tests see these reach Google; the last two are the content of a file
    known = {"preTunedModel", "evaluationConfig", "serviceAccount", "contentSha256", "examples"}
    assert spec - known - walked == set()
