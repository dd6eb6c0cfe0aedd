"""Google's SDK for the bison models, as seed 002 uses it: tunes, lists, loads and asks; prints what it saw as JSON."""

import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import vertexai
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import aiplatform, resourcemanager
from vertexai._model_garden import _model_garden_models
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


def write_template(folder: str, name: str) -> str:
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


def main() -> None:
    """The calls of the page, in its order."""
    # it has no setting for the address of Resource Manager, which it asks for the id of a project
    there: dict[str, Any] = {"transport": "rest", "client_options": ClientOptions(api_endpoint=URL)}
    module: Any = resourcemanager
    module.ProjectsClient = partial(resourcemanager.ProjectsClient, **there)
    vertexai.init(
        project="my-project",
        location="us-central1",
        api_endpoint=URL,
        api_transport="rest",
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        staging_bucket="gs://tuning-data",
    )
    board = aiplatform.Tensorboard.create(display_name="tickets")
    with tempfile.TemporaryDirectory() as folder:
        templates = _model_garden_models._SHORT_MODEL_ID_TO_TUNING_PIPELINE_MAP
        templates["code-bison"] = write_template(folder, "tune-large-model")
        templates["codechat-bison"] = write_template(folder, "tune-large-chat-model")
        code = CodeGenerationModel.from_pretrained("code-bison@002")
        spec = TuningEvaluationSpec(
            evaluation_data=EVALUATION,
            evaluation_interval=20,
            enable_early_stopping=False,
            enable_checkpoint_selection=True,
            tensorboard=board.resource_name,
        )
        job = code.tune_model(
            PAIRS,
            train_steps=100,
            learning_rate_multiplier=1.5,
            tuning_job_location="us-central1",
            tuned_model_location="europe-west4",
            model_display_name="tickets",
            tuning_evaluation_spec=spec,
        )
        tuned = job.get_tuned_model()
        name = tuned._endpoint.list_models()[0].model
        vertexai.init(location="europe-west4")
        listed = code.list_tuned_model_names()
        loaded: Any = CodeGenerationModel.get_tuned_model(listed[0])
        vertexai.init(location="us-central1")
        chat = CodeChatModel.from_pretrained("codechat-bison@002")
        talks: Any = chat.tune_model(
            CHATS,
            train_steps=300,
            tuning_job_location="us-central1",
            tuned_model_location="us-central1",
            default_context=CONTEXT,
        ).get_tuned_model()
        seen = {
            "version": aiplatform.__version__,
            "experiments": [each.display_name for each in aiplatform.TensorboardExperiment.list(board.resource_name)],
            "listed": [each.partition("@")[0] == name.partition("@")[0] for each in listed],
            "answer": loaded.predict(prefix=ASKED, temperature=0.0).text,
            "chat": talks.start_chat(context=CONTEXT).send_message(ASKED, temperature=0.0).text,
        }
    sys.stdout.write(json.dumps(seen))


main()
