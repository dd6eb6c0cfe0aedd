"""Every parameter that the source documents name reaches Google's request, belongs to something else that is named here, or is refused."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from pulumi_gcp_tuning.config import CHECKS
from pulumi_gcp_tuning.resources.core.description import keys_of as keys_with
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import Desk, settings, urn

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
SAME: Final = {
    "training_dataset_uri": "trainingDatasetUri",
    "validation_dataset_uri": "validationDatasetUri",
    "train_dataset": "trainingDatasetUri",
    "validation_dataset": "validationDatasetUri",
    "source_model": "baseModel",
    "gcs_uri": "the artifacts of a deployment",
}
"""Google's Python clients have other names for what a request calls so."""
DATA, FOLDER, KEY = (
    "gs://shop-data/t.jsonl",
    "gs://shop-data/out",
    "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k",
)
OFF = dict.fromkeys(CHECKS, "off")
PAIRS = b"".join(json.dumps({"text_input": str(n), "output": str(n + 1)}).encode() + b"\n" for n in range(15))
Wire = dict[str, Any]


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
    assert [str(each) for each in found.findings if each.severity == "error"] == []
    made = frame.create(call(), found.inputs)
    google: Any = desk.google
    wire: Wire = google.sent.get(made.id) or google.jobs.get(made.id) or {}
    return wire


def keys_of(value: Any) -> set[str]:
    """Every key at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def requests_of(document: str, folder: Path) -> set[str]:
    """The keys of the requests that a declaration with all parameters of a document makes."""
    spec: Wire = {"trainingDatasetUri": DATA, "validationDatasetUri": "gs://shop-data/v.jsonl"}
    if document == "000":
        more: Wire = {"hyperParameters": {"epochCount": 4, "learningRateMultiplier": 2.0, "adapterSize": 4}}
        given: Wire = {
            "baseModel": "gemini-1.5-pro-002",
            "tunedModelDisplayName": "m",
            "supervisedTuningSpec": {**spec, **more},
        }
        return keys_of(sent("tuning_job", folder, **given))
    if document == "002":
        code = {
            "datasetUri": DATA,
            "gcsOutputDirectory": FOLDER,
            "displayName": "d",
            "modelDisplayName": "m",
            "trainSteps": 300,
            "tunedModelLocation": "europe-west4",
            "learningRateMultiplier": 1.0,
            "acceleratorType": "GPU",
            "evaluationDataUri": DATA,
            "evaluationInterval": 20,
            "enableEarlyStopping": True,
            "enableCheckpointSelection": "true",
            "tensorboardResourceId": "1",
            "encryptionSpec": {"kmsKeyName": KEY},
        }
        chat = {"datasetUri": DATA, "gcsOutputDirectory": FOLDER, "defaultContext": "c"}
        return keys_of(sent("pipeline_tuning_job", folder, baseModel="code-bison@002", **code)) | keys_of(
            sent("pipeline_tuning_job", folder, baseModel="codechat-bison@002", **chat)
        )
    if document == "003":
        given = {"epochCount": 5, "batchSize": 2, "learningRate": 0.001, "displayName": "number generator model"}
        content = {"source": "pairs.jsonl", "contentSha256": hashlib.sha256(PAIRS).hexdigest()}
        wire = sent(
            "gemini_api_tuned_model", folder, baseModel="models/gemini-1.5-flash-001-tuning", **content, **given
        )
        return keys_of(wire)
    more = {
        "tuningMode": "TUNING_MODE_FULL",
        "hyperParameters": {"epochCount": 3, "learningRate": 0.0002, "batchSize": 4},
    }
    given = {"outputUri": FOLDER, "customBaseModel": "gs://shop-data/base", "supervisedTuningSpec": {**spec, **more}}
    return keys_of(sent("tuning_job", folder, baseModel="meta/llama3_1@llama-3.1-8b", **given)) | {
        # the machine of a ModelDeployment; test_weights_on_machines.py sees it reach Google
        "machineType",
        "acceleratorType",
        "acceleratorCount",
    }


@pytest.mark.parametrize("document", NAMED)
def test_what_a_document_names_reaches_google_or_is_known_to_be_no_parameter(document: str, tmp_path: Path) -> None:
    reached = {key.replace("_", "").lower() for key in requests_of(document, tmp_path)}
    reached |= {"location"} if document != "002" else set()  # of a pipeline it is a parameter too
    left = [name for name in NAMED[document].split() if name not in f"{ROWS} {ASKED} {OF_THE_CALL}".split()]
    wire = [SAME.get(name, {"epochs": "epochCount"}.get(name, name)) for name in left]
    silent = [name for name in wire if name.replace("_", "").lower() not in reached and " " not in name]
    assert silent == []


@pytest.mark.parametrize("kind", ["tuning_job", "pipeline_tuning_job", "gemini_api_tuned_model"])
def test_every_declared_parameter_reaches_google_in_the_walk(kind: str, tmp_path: Path) -> None:
    """Those that change what is trained; a new one that no document walks is named here."""
    spec = set(keys_with(lifecycle_of(kind).resource.Args, "spec"))
    documents = {"tuning_job": ("000", "004"), "pipeline_tuning_job": ("002",), "gemini_api_tuned_model": ("003",)}[
        kind
    ]
    reached = {key.replace("_", "").lower() for each in documents for key in requests_of(each, tmp_path)}
    # other tests see these reach Google; the last two have other names there
    known = {"preTunedModel", "evaluationConfig", "encryptionSpec", "serviceAccount", "baseModel", "tunedModelLocation"}
    assert {key for key in spec - known if key.lower() not in reached} == set()
