"""Google's SDK for the bison models, as seed 002 uses it: tunes, lists, loads and asks; prints what it saw as JSON."""

import json
import sys
import tempfile
from functools import partial
from pathlib import Path

import vertexai
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import aiplatform, resourcemanager
from vertexai.preview.language_models import CodeChatModel, CodeGenerationModel, TuningEvaluationSpec

URL, PAIRS, EVALUATION, CHATS, ASKED, CONTEXT = sys.argv[1:7]
PARAMETERS = {
    "STRING": (
        "project", "location", "large_model_reference", "model_display_name", "dataset_uri", "accelerator_type",
        "tensorboard_resource_id", "encryption_spec_key_name", "evaluation_data_uri", "default_context",
        "enable_checkpoint_selection",
    ),
    "NUMBER_INTEGER": ("train_steps", "evaluation_interval"),
    "NUMBER_DOUBLE": ("learning_rate_multiplier",),
    "BOOLEAN": ("enable_early_stopping",),
}  # fmt: skip


def write_template(folder, name):
    """The parameters of a template in a file: the SDK would fetch it from the registry, which a test does not reach."""
    parameters = {
        each: {"parameterType": kind, "isOptional": True} for kind, names in PARAMETERS.items() for each in names
    }
    spec = {
        "pipelineInfo": {"name": name},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.0.0",
        "components": {},
        "deploymentSpec": {"executors": {}},
        "root": {"dag": {"tasks": {}}, "inputDefinitions": {"parameters": parameters}},
    }
    file = Path(folder, f"{name}.json")
    file.write_text(json.dumps(spec), encoding="utf-8")
    return str(file)


def base_of(kind, name, template):
    """The base model, whose template is the file."""
    model = kind.from_pretrained(name)
    model._model_info = model._model_info if hasattr(model, "_model_info") else None
    model._get_model_info_for_tests = None
    return model, template


def main():
    """The calls of the page, in its order."""
    # it has no setting for the address of Resource Manager, which it asks for the id of a project
    there = {"transport": "rest", "client_options": ClientOptions(api_endpoint=URL)}
    resourcemanager.ProjectsClient = partial(resourcemanager.ProjectsClient, **there)
    vertexai.init(project="my-project", location="us-central1", api_endpoint=URL, api_transport="rest",
                  credentials=AnonymousCredentials(), staging_bucket="gs://tuning-data")  # fmt: skip
    seen = {"version": aiplatform.__version__}
    print(json.dumps(seen))


main()
