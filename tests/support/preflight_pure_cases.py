"""Cases of what no resource has yet: pipelines, open models, the Gemini API, continuous and preference tuning.

Each calls the function that the resource to come will call; its situation is the function's arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight import (
    artifacts,
    cmek,
    continuing,
    existing,
    hyperparameters,
    identity,
    location,
    places,
    quota,
)
from pulumi_gcp_tuning.preflight.facts import (
    Binding,
    Bucket,
    Known,
    Listing,
    LiveJob,
    LiveJobs,
    Policy,
    QuotaLimit,
    TunedParent,
)
from pulumi_gcp_tuning.wording import PYTHON
from support.preflight_case import KEY, Case

NUMBER: Final = "123456789012"
AGENTS: Final = [identity.vertex_agent(NUMBER), identity.open_model_agent(NUMBER)]
GEMMA, QWEN, SCOUT = (
    "google/gemma3@gemma-3-27b-it",
    "qwen/qwen3@qwen3-32b",
    "meta/llama4@llama-4-scout-17b-16e-instruct",
)
CODE, CHAT = "code-bison@002", "codechat-bison@002"
GEMINI_API: Final = "models/gemini-1.5-flash-001-tuning"
BOARD: Final = "projects/shop/locations/us-central1/tensorboards/123"
FOLDER: Final = "gs://shop-data/checkpoint"
PARENT: Final = "projects/shop/locations/us-central1/models/555"
DATA: Final = "supervised_tuning_spec.training_dataset_uri"


def pure(judge: Callable[..., Sequence[Finding]], rule: str, id: str, **more: Any) -> Case:  # noqa: A002
    """A case of ``check/rule`` that a function decides; ``given`` and ``but`` are about its arguments."""
    check, _, name = rule.partition("/")
    put: dict[str, Any] = {
        key: {f"arguments/{place}": value for place, value in more.pop(key).items()} for key in ("given", "but")
    }
    return Case(id=f"pure: {id}", kind="pure", judge=judge, check=check, rule=name, **put, **more)


def tuned(base_model: str, method: Any, today: str, region: str | None = "us-central1") -> list[Finding]:
    """The catalogue's word."""
    return places.check_model(base_model, region, date.fromisoformat(today), method=method)


def model_of(state: str = "SUCCEEDED", checkpoint: str | None = None, *, is_there: bool = True) -> list[Finding]:
    """What a TunedModel is given: the model m of a job in this state."""
    job = existing.JobResult(
        state=state,
        ended=True,
        succeeded=state == "SUCCEEDED",
        model="m",
        model_is_there=Known(is_there),
        checkpoints=("1", "2"),
    )
    return existing.check_job_model("j", "tuning job", "TuningJob", Known(job), checkpoint=checkpoint)


def a_model(*, is_there: bool) -> list[Finding]:
    """A model that is given by name."""
    return existing.check_model_exists("m", Known(is_there))


def pre_tuned(tuned_on: str) -> list[Finding]:
    """Continuous tuning of a model of that day."""
    return places.check_pre_tuned_model(date.fromisoformat(tuned_on))


def of_parent(checkpoint: str, checkpoints: Sequence[str]) -> list[Finding]:
    """Continuous tuning from a checkpoint."""
    parent = Known(TunedParent(name=PARENT, checkpoints=tuple(checkpoints)))
    return continuing.check_parent(PARENT, parent, checkpoint, None, None, key_name=None, key_known=True)


def same_key(key_name: str | None, of_parent: str | None) -> list[Finding]:
    """Continuous tuning under a key."""
    return cmek.check_same_key(key_name, Known(TunedParent(name=PARENT, key=of_parent)))


def room(family: Any, limit: int, running: int = 0, on_quota: Any = "fail", listed: str = "") -> list[Finding]:
    """Room for one job."""
    need = quota.need_of(family)
    limits = Known(
        [
            QuotaLimit(
                metric=need.metric or "", display_name=listed or need.display_name, limit=limit, region=need.region
            )
        ]
    )
    live = [LiveJob(name=str(n), region="us-central1", family=family) for n in range(running)]
    usage = quota.Usage.of_jobs(family, need, LiveJobs(by_region={"us-central1": Known(live)}))
    return quota.check_quota(quota.PlannedJob(name="a", need=need), quota.Plan(), limits, usage, on_quota=on_quota)


def serving(count: int, limit: int, used: int = 0) -> list[Finding]:
    """Room for a deployment of an open model."""
    need = quota.serving_need("NVIDIA_L4", "us-central1", count)
    limits = Known([QuotaLimit(metric=str(need.metric), display_name="", limit=limit, region="us-central1")])
    job = quota.PlannedJob(name="a", need=need)
    return quota.check_quota(job, quota.Plan(), limits, quota.Usage(amount=used), on_quota="fail")


def agents(granted: Sequence[str], images: str = "images", *, had_a_job: bool = True) -> list[Finding]:
    """The agents of an open-model job on the buckets of data and images."""
    members = frozenset(f"serviceAccount:{each}" for each in granted)
    policy = Known(Policy(bindings=(Binding(role="roles/storage.objectUser", members=members),)))
    return identity.check_open_model_agents(
        NUMBER, "data", (images,), {"data": policy, "images": policy}, Known(had_a_job)
    )


def grant(member: str, *, had_a_job: bool) -> list[Finding]:
    """A grant to an agent."""
    return identity.check_tuning_agent_exists(member, NUMBER, Known(had_a_job))


def bucket(project_number: str, product: Any = "PIPELINE") -> list[Finding]:
    """The bucket of a pipeline's data."""
    found = Known(Bucket(name="data", location="us", project_number=project_number))
    return location.check_bucket(
        "data", found, "us-central1", path=("dataset_uri",), product=product, project_number=NUMBER
    )


def board(name: str, region: str = "us-central1", *, exists: bool = True) -> list[Finding]:
    """The TensorBoard of a pipeline."""
    return location.check_tensorboard(name, region, Known(exists))


def checkpoint(
    uri: str | None = FOLDER,
    base_model: str | None = QWEN,
    product: Any = "OPEN",
    names: Sequence[str] = (),
    kind: str = "qwen3",
) -> list[Finding]:
    """A checkpoint to start from."""
    listing = Known(Listing(names=tuple(f"checkpoint/{name}" for name in names)))
    return artifacts.check_custom_base_model(uri, base_model, product, listing, Known({"model_type": kind}))


def parameters(given: Mapping[str, Any], base_model: str, method: Any = "SUPERVISED") -> list[Finding]:
    """Hyperparameters of a job."""
    return hyperparameters.check_hyperparameters(given, base_model, method=method)


def pipeline(given: Mapping[str, Any], base_model: str = CODE) -> list[Finding]:
    """Parameters of a pipeline."""
    return hyperparameters.check_pipeline_parameters(given, base_model)


HYPER: Final = PYTHON.path(hyperparameters.PATH)
EVALUATED: Final = "gs://shop-data/evaluation.jsonl"
MODELS: Final = [
    pure(tuned, "model/method and mode", "a full tuning of a model with adapters only",
         path="supervised_tuning_spec.tuning_mode", says="is not offered for full tuning", way_out="Set tuning_mode to PEFT_ADAPTER",
         given={"base_model": SCOUT, "method": "FULL", "today": "2026-11-21"}, but={"method": "PEFT_ADAPTER"}),
    pure(tuned, "model/method and mode", "adapters on a model that is tuned as a whole",
         path="supervised_tuning_spec.tuning_mode", says="is not offered for adapter tuning", way_out="Set tuning_mode to FULL",
         given={"base_model": "qwen/qwen3@qwen3-4b", "method": "PEFT_ADAPTER", "today": "2026-11-21"}, but={"method": "FULL"}),
    pure(tuned, "model/method and mode", "preference tuning of a model without it",
         path="base_model", says="is not offered for preference tuning", way_out="Use one of gemini-2.5-flash",
         given={"base_model": "gemini-2.5-pro", "method": "PREFERENCE", "today": "2026-06-01"},
         but={"base_model": "gemini-2.5-flash"}),
    pure(tuned, "model/method and mode", "a tuning job of a bison model", path="base_model",
         says="was tuned through pipelines", way_out="Use one of gemini-1.0-pro-002",
         given={"base_model": CODE, "method": "SUPERVISED", "today": "2024-06-01"}, but={"method": "PIPELINE"}),
    pure(tuned, "region/model in region", "a region in which no open model is tuned", path="location",
         says="cannot be tuned in europe-west1", way_out="Use us-central1",
         given={"base_model": GEMMA, "method": "FULL", "today": "2026-11-21", "region": "europe-west1"},
         but={"region": "europe-west4"}),
    pure(tuned, "retirement/not retired", "a retired bison model", path="base_model",
         says="code-bison@002 retired on 2025-04-09", way_out="Use",
         given={"base_model": CODE, "method": "PIPELINE", "today": "2026-11-21"}, but={"today": "2024-06-01"}),
    pure(tuned, "retirement/tuning is open", "a bison model past its last day of tuning", path="base_model",
         says="can no longer be tuned: its last day of tuning was 2024-10-08", way_out="Use",
         given={"base_model": CHAT, "method": "PIPELINE", "today": "2024-12-01"}, but={"today": "2024-06-01"}),
    pure(tuned, "retirement/not retired", "the Gemini API's tuning, which is withdrawn", path="base_model",
         says="retired on 2025-05-24", way_out="Use",
         given={"base_model": GEMINI_API, "method": "GEMINI_API", "today": "2026-11-21"}, but={"today": "2025-01-01"}),
    pure(pre_tuned, "model/parent of continuous tuning", "a parent from before continuous tuning",
         path="pre_tuned_model.tuned_model_name", says="The model was tuned on 2025-07-10", way_out="Tune it again from its base model",
         given={"tuned_on": "2025-07-10"}, but={"tuned_on": "2025-07-11"}),
    pure(of_parent, "existence/checkpoint of the parent exists", "a checkpoint that the parent does not have",
         path="pre_tuned_model.checkpoint_id", says="has no checkpoint '9'", way_out="It has 1, 2",
         given={"checkpoint": "9", "checkpoints": ["1", "2"]}, but={"checkpoint": "2"}),
    pure(places.check_accelerator, "region/accelerator type", "an accelerator that there is not", path="accelerator_type",
         says="The accelerator type 'CPU' does not exist", way_out="Use one of GPU", given={"accelerator_type": "CPU"},
         but={"accelerator_type": "TPU"}),
    pure(places.check_location, "region/one region", "an open model in a multi-region", path="location",
         says="An open model cannot be tuned in 'eu'", way_out="Use a single region",
         given={"location": "eu", "base_model": GEMMA}, but={"location": "global"}),
]  # fmt: skip

PARAMETERS: Final = [
    pure(parameters, "hyperparameters/parameter exists", "a parameter that there is not", path=f"{HYPER}.epoch_cout",
         says="epoch_cout is not a hyperparameter", way_out="Did you mean epoch_count?",
         given={"given": {"epoch_cout": 3}, "base_model": GEMMA}, but={"given": {"epoch_count": 3}}),
    pure(parameters, "hyperparameters/parameter of the model", "a batch size on Google's own model", path=f"{HYPER}.batch_size",
         says="does not take batch_size: Google chooses", way_out="Leave batch_size out",
         given={"given": {"batch_size": 8}, "base_model": "gemini-3.5-flash"}, but={"given": {}}),
    pure(parameters, "hyperparameters/parameter of the model", "a learning rate on Google's own model", path=f"{HYPER}.learning_rate",
         says="does not take learning_rate: a learning rate is for open models", way_out="Leave learning_rate out",
         given={"given": {"learning_rate": 0.001}, "base_model": "gemini-3.5-flash"}, but={"base_model": GEMMA}),
    pure(parameters, "hyperparameters/parameter of the model", "a multiplier on an open model",
         path=f"{HYPER}.learning_rate_multiplier", says="the multiplier is for Google's own models",
         way_out="Leave learning_rate_multiplier out",
         given={"given": {"learning_rate_multiplier": 2}, "base_model": GEMMA}, but={"base_model": "gemini-3.5-flash"}),
    pure(parameters, "hyperparameters/parameter of the model", "beta outside preference tuning", path=f"{HYPER}.beta",
         says="beta is for preference tuning", way_out="Leave it out",
         given={"given": {"beta": 0.1}, "base_model": "gemini-2.5-flash"}, but={"method": "PREFERENCE"}),
    pure(parameters, "hyperparameters/one learning rate", "both rates", path=f"{HYPER}.learning_rate",
         says="cannot be set together", way_out="Leave learning_rate out and keep learning_rate_multiplier",
         given={"given": {"learning_rate": 0.001, "learning_rate_multiplier": 2}, "base_model": "unknown"},
         but={"given": {"learning_rate": 0.001}}),
    pure(parameters, "hyperparameters/numbers that a model can use", "no epochs", path=f"{HYPER}.epoch_count",
         says="epoch_count is 0; it must be above 0", way_out="at least 1",
         given={"given": {"epoch_count": 0}, "base_model": GEMMA}, but={"given": {"epoch_count": 1}}),
    pure(parameters, "hyperparameters/numbers that a model can use", "half an epoch", path=f"{HYPER}.epoch_count",
         says="is not a whole number", way_out="Use 2",
         given={"given": {"epoch_count": 1.5}, "base_model": GEMMA}, but={"given": {"epoch_count": 2}}),
    pure(parameters, "hyperparameters/numbers that a model can use", "a rate that is no number", path=f"{HYPER}.learning_rate",
         says="which is not a number", way_out="Use a number",
         given={"given": {"learning_rate": "fast"}, "base_model": GEMMA}, but={"given": {"learning_rate": 0.0002}}),
    pure(hyperparameters.check_adapter_size, "hyperparameters/adapter size under full tuning", "an adapter under full tuning",
         path=f"{HYPER}.adapter_size", says="it has no adapter", way_out="Leave adapter_size out", severity="warn",
         given={"adapter_size": 16, "base_model": GEMMA, "method": "FULL"}, but={"method": "PEFT_ADAPTER"}),
    pure(hyperparameters.check_adapter_size, "hyperparameters/adapter size of the model", "an adapter on a Qwen without one",
         path=f"{HYPER}.adapter_size", says="does not offer adapter size 4", way_out="It has no adapter sizes",
         given={"adapter_size": 4, "base_model": "qwen/qwen3@qwen3-4b"}, but={"base_model": QWEN}),
    pure(pipeline, "hyperparameters/parameters of a pipeline", "epochs of a pipeline", path="epoch_count",
         says="A pipeline has no parameter epoch_count", way_out="epochs are steps x batch size / examples",
         given={"given": {"epoch_count": 3}}, but={"given": {"train_steps": 300}}),
    pure(pipeline, "hyperparameters/parameters of a pipeline", "a batch size of a pipeline", path="batch_size",
         says="A pipeline has no parameter batch_size", way_out="Set train_steps",
         given={"given": {"batch_size": 8}}, but={"given": {"learning_rate_multiplier": 1}}),
    pure(pipeline, "hyperparameters/parameters of a pipeline", "a selection that there is not", path="enable_checkpoint_selection",
         says="enable_checkpoint_selection is 'best'", way_out='Use "true", "false" or "default"',
         given={"given": {"enable_checkpoint_selection": "best"}}, but={"given": {"enable_checkpoint_selection": "default"}}),
    pure(pipeline, "hyperparameters/numbers that a model can use", "no train steps", path="train_steps",
         says="train_steps is 0", way_out="at least 1", given={"given": {"train_steps": 0}}, but={"given": {"train_steps": 1}}),
    pure(pipeline, "hyperparameters/evaluation of a pipeline", "an interval without an evaluation set", path="evaluation_interval",
         says="evaluation_interval needs an evaluation set", way_out="Set evaluation_data_uri (10 to 250 examples)",
         given={"given": {"evaluation_interval": 20}}, but={"given": {"evaluation_interval": 20, "evaluation_data_uri": EVALUATED}}),
    pure(pipeline, "hyperparameters/evaluation of a pipeline", "early stopping without an evaluation set", path="enable_early_stopping",
         says="enable_early_stopping needs an evaluation set", way_out="Set enable_early_stopping to false",
         given={"given": {"enable_early_stopping": True}}, but={"given": {"enable_early_stopping": False}}),
    pure(pipeline, "hyperparameters/evaluation of a pipeline", "an evaluation set of a chat model", path="evaluation_data_uri",
         says="is a chat model; evaluation is not offered", way_out="Leave evaluation_data_uri out",
         given={"given": {"evaluation_data_uri": EVALUATED}, "base_model": CHAT}, but={"base_model": CODE}),
    pure(pipeline, "hyperparameters/best checkpoint of a pipeline", "the best checkpoint without an evaluation set",
         path="enable_checkpoint_selection", says="needs an evaluation set", way_out="to false",
         given={"given": {"enable_checkpoint_selection": "true"}}, but={"given": {"enable_checkpoint_selection": "false"}}),
    pure(pipeline, "hyperparameters/interval within the steps", "an interval longer than the training", path="evaluation_interval",
         says="there are only 100 steps", way_out="Use an interval of at most 100", severity="warn",
         given={"given": {"train_steps": 100, "evaluation_interval": 101, "evaluation_data_uri": EVALUATED}},
         but={"given": {"train_steps": 101, "evaluation_interval": 101, "evaluation_data_uri": EVALUATED}}),
]  # fmt: skip

SURROUNDINGS: Final = [
    pure(bucket, "location/bucket in the same project", "data of another project", path="dataset_uri", severity="warn",
         says="belongs to project 999", way_out="Keep the data in a bucket of the job's own project",
         given={"project_number": "999"}, but={"project_number": NUMBER}),
    pure(board, "location/TensorBoard in the pipeline's region", "a TensorBoard elsewhere", path="tensorboard_resource_id",
         says="is in us-central1, but the pipeline runs in europe-west4", way_out="Use an instance in europe-west4",
         given={"name": BOARD, "region": "europe-west4"}, but={"region": "us-central1"}),
    pure(board, "location/TensorBoard exists", "a TensorBoard that there is not", path="tensorboard_resource_id",
         says="The TensorBoard instance projects/shop", way_out="Create it, or leave it out", severity="warn",
         given={"name": BOARD, "exists": False}, but={"exists": True}),
    pure(location.check_pipeline_places, "location/pipeline and upload region", "a pipeline where there are none", path="location",
         says="does not run in us-south1", way_out="Use one of us-central1",
         given={"pipeline_region": "us-south1", "upload_region": "us-west1"}, but={"pipeline_region": "us-west1"}),
    pure(location.check_pipeline_places, "location/pipeline and upload region", "an upload where there is none",
         path="tuned_model_location", says="does not upload models in us-south1", way_out="Use one of us-central1",
         given={"pipeline_region": "us-west1", "upload_region": "us-south1"}, but={"upload_region": "asia-northeast3"}),
    pure(location.check_endpoint_place, "location/endpoint in its model's location", "an endpoint elsewhere", path="endpoint",
         says="The endpoint is in us-central1, but the model is in us", way_out="Use an endpoint in us", severity="warn",
         given={"endpoint": "projects/shop/locations/us-central1/endpoints/1", "model": "projects/shop/locations/us/models/2"},
         but={"endpoint": "projects/shop/locations/us/endpoints/1"}),
    pure(location.check_coming_places, "location/endpoint where the model will be", "an endpoint elsewhere than the model will be",
         path="endpoint", says="The endpoint is in us-central1, the model will be in us", way_out="Set location of the Endpoint to us",
         given={"endpoint_place": "us-central1", "model_place": "us"}, but={"endpoint_place": "us"}),
    pure(model_of, "existence/job has a model", "the model of a job that failed", path="tuning_job", says="ended FAILED and made no model",
         way_out="set retry on the TuningJob", given={"state": "FAILED"}, but={"state": "SUCCEEDED"}),
    pure(model_of, "existence/job has a model", "a model that was deleted", path="tuning_job", says="its model m is gone",
         way_out="set retry on the TuningJob", given={"is_there": False}, but={"is_there": True}),
    pure(model_of, "existence/checkpoint exists", "a checkpoint that there is not", path="default_checkpoint_id",
         says="has no checkpoint '9'", way_out="It has 1, 2", given={"checkpoint": "9"}, but={"checkpoint": "2"}),
    pure(existing.check_checkpoint, "existence/checkpoint exists", "a checkpoint of a model without any", path="default_checkpoint_id",
         says="has no checkpoint '9'", way_out="remove default_checkpoint_id", given={"wanted": "9", "offered": ()}, but={"wanted": None}),
    pure(a_model, "existence/model exists", "a model that there is not", path="model", says="There is no model m",
         way_out="Check the name", given={"is_there": False}, but={"is_there": True}),
    pure(location.check_parent_place, "location/parent model in the job's location", "a parent elsewhere", severity="warn",
         path="pre_tuned_model.tuned_model_name", says="The parent model is in us-central1", way_out="copy it to europe-west4",
         given={"parent_model": PARENT, "region": "europe-west4", "result_location": "eu"}, but={"region": "us-central1"}),
    pure(cmek.check_pipeline_key, "cmek/bison models with a key", "a key on TPU", path="accelerator_type",
         says="Pipeline tuning on TPU cannot use a customer-managed key", way_out="Set accelerator_type to GPU",
         given={"key_name": KEY, "accelerator_type": "TPU", "pipeline_region": "us-central1", "upload_region": None},
         but={"accelerator_type": "GPU"}),
    pure(cmek.check_pipeline_key, "cmek/bison models with a key", "a key of a pipeline elsewhere", path="location",
         says="only in us-central1; this is europe-west4", way_out="Set location to us-central1",
         given={"key_name": KEY, "accelerator_type": "GPU", "pipeline_region": "europe-west4", "upload_region": "us-central1"},
         but={"pipeline_region": "us-central1"}),
    pure(cmek.check_pipeline_key, "cmek/bison models with a key", "a key of an upload elsewhere", path="tuned_model_location",
         says="only in us-central1; this is us-west1", way_out="Set tuned_model_location to us-central1",
         given={"key_name": KEY, "accelerator_type": "GPU", "pipeline_region": "us-central1", "upload_region": "us-west1"},
         but={"upload_region": "us-central1"}),
    pure(same_key, "cmek/continuous tuning with the same key", "another key than the parent's", path="encryption_spec.kms_key_name",
         says="was tuned with", way_out="continuous tuning uses the parent's key",
         given={"key_name": KEY.replace("cryptoKeys/key", "cryptoKeys/other"), "of_parent": KEY}, but={"key_name": KEY}),
    pure(same_key, "cmek/continuous tuning with the same key", "a key where the parent has none", path="encryption_spec.kms_key_name",
         says="was tuned without a customer-managed key", way_out="Leave encryption_spec out",
         given={"key_name": KEY, "of_parent": None}, but={"key_name": None}),
    pure(cmek.check_model_takes_key, "cmek/model takes a key", "a key at global", path="encryption_spec",
         says="A job at global cannot use a customer-managed key", way_out="Set location to one of us-central1",
         given={"key_name": KEY, "base_model": GEMMA, "location": "global", "as_of": date(2026, 11, 21)},
         but={"location": "us-central1"}),
    pure(agents, "identity/open-model agents on the buckets", "agents that cannot read the images", path=DATA, severity="warn",
         says="was found on the bucket images", way_out="gcp.storage.BucketIAMMember on both buckets",
         given={"granted": AGENTS[1:]}, but={"granted": AGENTS}),
    pure(agents, "identity/agents that come with the first job", "an agent that is not there yet", path=DATA, severity="warn",
         says="it has no access to the bucket images yet", way_out="Run one small text-only job first",
         given={"granted": AGENTS[:1], "had_a_job": False}, but={"granted": AGENTS}),
    pure(grant, "identity/agents that come with the first job", "a grant before the first job", path="member", severity="warn",
         says="does not exist before the project's first tuning job", way_out="Run one job first",
         given={"member": f"serviceAccount:{identity.tuning_agent(NUMBER)}", "had_a_job": False}, but={"had_a_job": True}),
    pure(room, "quota/a limit below what one job needs", "fewer GPUs than a pipeline takes", path="on_quota",
         says="is 4, but one job needs 8: it would never start", way_out="in multiples of 8",
         given={"family": "pipeline-gpu", "limit": 4}, but={"limit": 8}),
    pure(room, "quota/a limit below what one job needs", "fewer TPU cores than a pipeline takes", path="on_quota",
         says="is 32, but one job needs 64: it would never start", way_out="in multiples of 64",
         given={"family": "pipeline-tpu", "limit": 32}, but={"limit": 64}),
    pure(room, "quota/room for the job", "a second open-model job", path="on_quota",
         says="Global concurrent managed OSS model fine-tuning jobs", way_out="on_quota='wait' waits for a slot",
         given={"family": "open", "limit": 1, "running": 1}, but={"running": 0}),
    pure(room, "quota/room for the job", "a second GPU pipeline", path="on_quota", says="need 8, in use 8 in us-central1, limit 8, free 0",
         way_out="in multiples of 8", given={"family": "pipeline-gpu", "limit": 8, "running": 1}, but={"limit": 16}),
    pure(room, "quota/a quota that is not listed", "a quota under another name", path="on_quota", severity="warn",
         says="do not list the quota", way_out="Ask for more", given={"family": "open", "limit": 1, "listed": "Something else"},
         but={"listed": ""}),
    pure(serving, "quota/room for the job", "serving GPUs that are taken", path="on_quota", says="need 2, in use 7, limit 8, free 1",
         way_out="in us-central1", given={"count": 2, "limit": 8, "used": 7}, but={"count": 1}),
]  # fmt: skip

WEIGHTS: Final = ["config.json", "model-00001-of-00002.safetensors"]
ARTIFACTS: Final = [
    pure(artifacts.check_output_uri, "artifacts/output_uri for an open model", "an open model without output_uri", path="output_uri",
         says="The output_uri field is required for this model", way_out="Set it to a folder for the weights",
         given={"output_uri": None, "product": "OPEN"}, but={"output_uri": "gs://shop-data/tuned"}),
    pure(artifacts.check_output_uri, "artifacts/output_uri only for an open model", "a Gemini model with output_uri", path="output_uri",
         says="output_uri is for open models", way_out="Leave it out",
         given={"output_uri": "gs://shop-data/tuned", "product": "GEMINI"}, but={"product": "OPEN"}),
    pure(checkpoint, "artifacts/output_uri only for an open model", "a Gemini model from a checkpoint", path="custom_base_model",
         says="cannot start from a checkpoint", way_out="set base_model to an open model",
         given={"product": "GEMINI", "names": WEIGHTS}, but={"product": "OPEN"}),
    pure(artifacts.check_output_uri, "artifacts/folder in Cloud Storage", "a file for a folder", path="output_uri",
         says="names a file, not a folder", way_out="Use its folder: gs://shop-data/tuned",
         given={"output_uri": "gs://shop-data/tuned/a.safetensors", "product": "OPEN"}, but={"output_uri": "gs://shop-data/tuned"}),
    pure(checkpoint, "artifacts/base_model beside custom_base_model", "a checkpoint without its base model", path="base_model",
         says="custom_base_model also needs base_model", way_out="Set base_model",
         given={"base_model": None, "names": WEIGHTS}, but={"base_model": QWEN}),
    pure(checkpoint, "artifacts/checkpoint folder", "a folder without weights", path="custom_base_model",
         says="has no *.safetensors file", way_out="config.json and *.safetensors files",
         given={"names": ["pytorch_model.bin"]}, but={"names": WEIGHTS}),
    pure(checkpoint, "artifacts/checkpoint folder", "weights without their config", path="custom_base_model",
         says="has weights but no config.json", way_out="Copy the checkpoint's config.json",
         given={"names": ["model.safetensors"]}, but={"names": WEIGHTS}),
    pure(checkpoint, "artifacts/same architecture", "a checkpoint of another architecture", path="custom_base_model",
         says="says model_type 'llama'", way_out="Set base_model to the model that the checkpoint was made from",
         given={"names": WEIGHTS, "kind": "llama"}, but={"kind": "qwen3"}),
]  # fmt: skip


CASES: Final = [*MODELS, *PARAMETERS, *SURROUNDINGS, *ARTIFACTS]
