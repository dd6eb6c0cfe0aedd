"""Cases that a function decides, about what is around a job: buckets, TensorBoards, endpoints, models, keys, agents, quota."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight import cmek, existing, identity, location, quota
from pulumi_gcp_tuning.preflight.facts import (
    Binding,
    Bucket,
    Known,
    LiveJob,
    LiveJobs,
    Missing,
    Policy,
    QuotaLimit,
    TunedParent,
)
from pulumi_gcp_tuning.resources.facts.dataset_reports import SUPERVISED, DatasetFact, check_dataset_fact
from support.hand_made_lookups import NUMBER
from support.preflight_case import DATA, KEY, TRAINING
from support.preflight_pure_cases import GEMMA, PARENT, pure

AGENTS: Final = [identity.vertex_agent(NUMBER), identity.open_model_agent(NUMBER)]
BOARD: Final = "projects/shop/locations/us-central1/tensorboards/123"


def unreadable(reason: str) -> list[Finding]:
    """A job whose training data could not be read."""
    missing = Missing(subject=DATA, reason=reason, needs="storage.objects.get")
    return check_dataset_fact(DatasetFact(paths=SUPERVISED, training_uri=DATA, training=missing))


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


CASES: Final = [
    pure(unreadable, "dataset/object that Google can decrypt", "data under a key that Google does not keep", path=TRAINING,
         says="is encrypted with a customer-supplied key", way_out="under a key of Cloud KMS",
         given={"reason": "The target object is encrypted by a customer-supplied encryption key."}, but={"reason": "no answer"}),
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
    pure(location.check_endpoint_place, "location/endpoint in its model's project", "an endpoint of another project", path="endpoint",
         says="The endpoint is in project blogs1, but the model is in shop", way_out="Use an endpoint in project shop", severity="warn",
         given={"endpoint": "projects/blogs1/locations/us/endpoints/1", "model": "projects/shop/locations/us/models/2"},
         but={"endpoint": "projects/shop/locations/us/endpoints/1"}),
    pure(location.check_coming_places, "location/endpoint where the model will be", "an endpoint elsewhere than the model will be",
         path="endpoint", says="The endpoint is in us-central1, the model will be in us", way_out="Set location of the Endpoint to us",
         given={"endpoint_place": "us-central1", "model_place": "us"}, but={"endpoint_place": "us"}),
    pure(model_of, "existence/job has a model", "the model of a job that failed", path="tuning_job", says="ended FAILED and made no model",
         way_out="set retry on the TuningJob", given={"state": "FAILED"}, but={"state": "SUCCEEDED"}),
    pure(model_of, "existence/job has a model", "a model that was deleted", path="tuning_job", says="its model m is gone",
         way_out="set retry on the TuningJob", given={"is_there": False}, but={"is_there": True}),
    pure(existing.check_job_fits, "existence/job of the other kind", "the model of an open model's job", path="tuning_job",
         says="makes no model", way_out="Declare a ModelDeployment", but={"tunes_open_model": False},
         given={"job": "j", "tunes_open_model": True, "weights": False}),
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
    pure(agents, "identity/open-model agents on the buckets", "agents that cannot read the images", path=TRAINING, severity="warn",
         says="was found on the bucket images", way_out="gcp.storage.BucketIAMMember on both buckets",
         given={"granted": AGENTS[1:]}, but={"granted": AGENTS}),
    pure(agents, "identity/agents that come with the first job", "an agent that is not there yet", path=TRAINING, severity="warn",
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
