"""FineTunedModel under Pulumi's mocks: what it declares, with which arguments, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest

import pulumi_gcp_tuning as tuning
from pulumi_gcp_tuning.components.fine_tuned_model import READER, RUNNER, TOKENS
from pulumi_gcp_tuning.components.open_model_roles import ROLE as WRITER
from support.recorded_engine import run

# pulumi_gcp says this about itself when it is imported
pytestmark = pytest.mark.filterwarnings("ignore:gcp.storage.getTransferProjectServieAccount:DeprecationWarning")
OURS = "pulumi-python:dynamic/gcptuning:"
ACCOUNT = "tuner@shop.iam.gserviceaccount.com"


class Engine(pulumi.runtime.Mocks):
    """Keeps what was registered by type and name."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.seen[args.typ.removeprefix(OURS), args.name] = args.inputs
        kind = args.typ.removeprefix(OURS)
        found = {"uri": f"gs://b/{args.name}", "finalCheckpointUri": f"gs://b/of/{kind}", "usage": {"jobUrl": kind}}
        return f"{args.name}-id", {**args.inputs, **found, "metrics": {"trainTotalLoss": {"bestStep": len(kind)}}}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        assert args.token == "gcp:organizations/getProject:getProject"
        return {"number": "123456789012"}

    def of(self, type_: str, name: str = "router") -> dict[str, Any]:
        return self.seen[type_, name]


@pytest.fixture
def data(tmp_path: Path) -> str:
    file = tmp_path / "train.jsonl"
    file.write_text('{"contents": []}\n')
    return str(file)


def declared(data: str, **more: Any) -> tuple[Engine, list[tuning.FineTunedModel]]:
    """What the engine saw of a component with these arguments, and the component."""
    engine, made = Engine(), list[tuning.FineTunedModel]()
    pulumi.runtime.set_mocks(engine, preview=False)
    arguments: Any = {"base_model": "gemini-3.1-flash-lite", "bucket": "b", "training_data": data, **more}
    run(lambda: made.append(tuning.FineTunedModel("router", **arguments)))
    return engine, made


def test_data_job_and_model_are_its_children(data: str) -> None:
    engine, _ = declared(data)
    children = {kind: inputs["resourceUrn"] for (kind, _), inputs in engine.seen.items() if "resourceUrn" in inputs}
    assert set(children) == {"TuningDataset", "TuningJob", "TunedModel"}
    assert all("gcptuning:index:FineTunedModel$" in urn for urn in children.values())


def test_the_job_trains_on_the_uploaded_files(data: str) -> None:
    engine, _ = declared(data, validation_data=data, hyper_parameters={"epoch_count": 3})
    assert engine.of("TuningJob")["supervisedTuningSpec"] == {
        "trainingDatasetUri": "gs://b/router-training",
        "validationDatasetUri": "gs://b/router-validation",
        "hyperParameters": {"epochCount": 3},
    }


@pytest.mark.parametrize(
    ("argument", "value", "child", "key"),
    [
        ("labels", {"team": "care"}, "TuningJob", "labels"),
        ("labels", {"team": "care"}, "TunedModel", "labels"),
        ("location", "europe-west4", "TuningJob", "location"),
        ("project", "shop", "TuningJob", "project"),
        ("max_cost", 5.0, "TuningJob", "maxCost"),
        ("retry", "2", "TuningJob", "retry"),
        ("display_name", "Router", "TuningJob", "tunedModelDisplayName"),
        ("encryption_spec", {"kms_key_name": "k"}, "TuningJob", "encryptionSpec"),
        ("on_replace", {"keep_last": 1}, "TunedModel", "onReplace"),
        ("wait_for", "accepted", "TunedModel", "waitFor"),
        ("checks", {"model": "warn"}, "TuningJob", "checks"),
        ("checks", {"model": "warn"}, "TuningDataset", "checks"),
    ],
)
def test_an_argument_reaches_the_resource_that_it_is_of(
    data: str, argument: str, value: Any, child: str, key: str
) -> None:
    engine, _ = declared(data, **{argument: value})
    names = {"TuningDataset": "router-training"}
    sent = engine.of(child, names.get(child, "router"))[key]
    assert sent == (
        {"kmsKeyName": "k"} if key == "encryptionSpec" else {"keepLast": 1} if key == "onReplace" else value
    )


def test_googles_own_agent_needs_no_roles(data: str) -> None:
    engine, _ = declared(data)
    assert [kind for kind, _ in engine.seen if kind.startswith("gcp:")] == []


def test_an_own_account_may_run_jobs_and_read_the_bucket(data: str) -> None:
    engine, _ = declared(data, service_account=ACCOUNT, project="shop")
    runs = engine.of("gcp:projects/iAMMember:IAMMember", "router-runs")
    reads = engine.of("gcp:storage/bucketIAMMember:BucketIAMMember", "router-reads")
    assert (runs["project"], runs["role"], runs["member"]) == ("shop", RUNNER, f"serviceAccount:{ACCOUNT}")
    assert (reads["bucket"], reads["role"], reads["member"]) == ("b", READER, f"serviceAccount:{ACCOUNT}")


def test_an_agent_that_exists_may_act_for_the_account(data: str) -> None:
    engine, _ = declared(data, service_account=ACCOUNT, project="shop", tuning_agent_exists=True)
    acts = engine.of("gcp:serviceaccount/iAMMember:IAMMember", "router-acts")
    agent = "serviceAccount:service-123456789012@gcp-sa-vertex-tune.iam.gserviceaccount.com"
    assert (acts["serviceAccountId"], acts["role"], acts["member"]) == (
        f"projects/-/serviceAccounts/{ACCOUNT}",
        TOKENS,
        agent,
    )


def test_an_own_endpoint_is_where_the_model_will_be(data: str) -> None:
    engine, (made,) = declared(data, own_endpoint=True, location="europe-west4", display_name="Router")
    endpoint = engine.of("Endpoint")
    assert (endpoint["location"], endpoint["displayName"]) == ("eu", "Router")
    assert engine.of("ModelDeployment")["endpoint"] == "router-id"
    assert made.deployment is not None


OPEN: dict[str, Any] = {"base_model": "meta/llama3_1@llama-3.1-8b", "location": "us-central1"}
MACHINE: tuning.MachineArgsDict = {
    "machine_type": "g2-standard-12",
    "accelerator_type": "NVIDIA_L4",
    "accelerator_count": 1,
}


def test_an_open_model_is_trained_into_the_bucket_and_served_on_a_machine(data: str) -> None:
    more = {"tuning_mode": "PEFT_ADAPTER", "hyper_parameters": {"learning_rate": 0.0002}, "machine": MACHINE}
    engine, (made,) = declared(data, **OPEN, **more)
    job, serving = engine.of("TuningJob"), engine.of("ModelDeployment")
    assert job["outputUri"] == "gs://b/checkpoints/stack/router/{training}"
    assert job["supervisedTuningSpec"]["tuningMode"] == "PEFT_ADAPTER"
    assert (serving["tuningJob"], serving["machineType"], serving["acceleratorCount"]) == (
        "router-id",
        "g2-standard-12",
        1,
    )
    assert {kind for kind, _ in engine.seen if kind in ("TunedModel", "Endpoint")} == set()
    assert (made.tuned_model, made.own_endpoint) == (None, None)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        pytest.param({}, "TunedModel", id="Gemini"),
        pytest.param({"own_endpoint": True, "location": "us-central1"}, "TunedModel", id="Gemini on an endpoint"),
        pytest.param(OPEN, "TuningJob", id="open"),
        pytest.param({**OPEN, "machine": MACHINE}, "ModelDeployment", id="open on a machine"),
    ],
)
def test_the_results_of_the_training_are_those_of_what_waits_for_it(data: str, more: Any, kind: str) -> None:
    found: list[Any] = []
    pulumi.runtime.set_mocks(Engine(), preview=False)
    given: Any = {"base_model": "gemini-3.1-flash-lite", "bucket": "b", "training_data": data, **more}

    def program() -> Any:
        made = tuning.FineTunedModel("router", **given)
        return pulumi.Output.all(made.metrics, made.usage, made.weights).apply(found.append)

    run(program)
    metrics, usage, weights = found[0]
    assert (metrics.train_total_loss.best_step, usage.job_url) == (len(kind), kind)
    assert weights == f"gs://b/of/{'ModelDeployment' if 'machine' in more else 'TuningJob'}"


def test_without_a_machine_nothing_serves_an_open_model(data: str) -> None:
    engine, (made,) = declared(data, **OPEN, output_uri="gs://w/out", custom_base_model="gs://w/base")
    assert made.deployment is None
    assert (engine.of("TuningJob")["outputUri"], engine.of("TuningJob")["customBaseModel"]) == (
        "gs://w/out",
        "gs://w/base",
    )


@pytest.mark.parametrize(
    ("exists", "agents"), [(False, {"aiplatform"}), (True, {"aiplatform", "vertex-moss-ft"})], ids=["before", "after"]
)
def test_googles_agents_get_their_role_on_the_buckets_of_images_and_rows(
    data: str,
    exists: bool,  # noqa: FBT001  # as in the list
    agents: set[str],
) -> None:
    more = {"media_buckets": {"photos": "p"}, "tuning_agent_exists": exists, "project": "shop"}
    engine, _ = declared(data, **OPEN, **more)
    grants = [inputs for (kind, _), inputs in engine.seen.items() if kind.endswith(":BucketIAMMember")]
    wanted = {f"serviceAccount:service-123456789012@gcp-sa-{each}.iam.gserviceaccount.com" for each in agents}
    assert {(each["bucket"], each["member"]) for each in grants} == {(b, m) for b in ("b", "p") for m in wanted}
    assert {each["role"] for each in grants} == {WRITER}


def test_the_account_of_an_open_models_job_may_write_checkpoints(data: str) -> None:
    engine, _ = declared(data, **OPEN, service_account=ACCOUNT, project="shop", tuning_agent_exists=True)
    assert engine.of("gcp:storage/bucketIAMMember:BucketIAMMember", "router-reads")["role"] == WRITER
    acts = engine.of("gcp:serviceaccount/iAMMember:IAMMember", "router-acts")
    assert acts["member"].startswith("serviceAccount:service-123456789012@gcp-sa-vertex-moss-ft.")


def test_a_location_that_the_catalogue_cannot_tell_is_asked_for(data: str) -> None:
    with pytest.raises(TypeError, match=r"FineTunedModel 'router': endpoint_location: .* Set endpoint_location\."):
        declared(data, own_endpoint=True, location="europe-west4", base_model="gemini-9")
    engine, _ = declared(
        data, own_endpoint=True, location="europe-west4", base_model="gemini-9", endpoint_location="eu"
    )
    assert engine.of("Endpoint")["location"] == "eu"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"epochs": 3}, "epochs"),
        ({"bucket": None}, "bucket: it is required but not set."),
        ({"endpoint_location": "us"}, "it needs own_endpoint=True"),
        ({"tuning_agent_exists": True}, "it needs service_account"),
        ({"machine": MACHINE}, "machine: it is for open models, and base_model is none. Remove it."),
        ({"tuning_mode": "FULL"}, "tuning_mode: it is for open models"),
        (
            {**OPEN, "own_endpoint": True},
            "own_endpoint: it is for Gemini. Weights get an endpoint of their own: set machine.",
        ),
        ({**OPEN, "wait_for": "model"}, "wait_for: it is for Gemini. No TunedModel waits for an open model"),
        ({**OPEN, "machine": {"machine": "g2"}}, "machine.machine: there is no such argument."),
        ({**OPEN, "machine": {"accelerator_count": 1}}, "machine.machine_type: it is required but not set."),
        ({**OPEN, "media_buckets": {"data": "p"}}, "media_buckets: the key 'data' is that of bucket."),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(data: str, more: dict[str, Any], says: str) -> None:
    with pytest.raises(TypeError, match="FineTunedModel 'router': ") as refusal:
        declared(data, **more)
    assert says in str(refusal.value)


@pytest.mark.parametrize(
    ("args", "says"), [({"base_modle": "m"}, "Did you mean base_model?"), (5, "or a dict, got 5.")]
)
def test_args_that_are_not_its_arguments_are_refused_in_a_sentence(args: Any, says: str) -> None:
    with pytest.raises(TypeError, match="FineTunedModel 'router': ") as refusal:
        tuning.FineTunedModel("router", args)
    assert says in str(refusal.value)


def test_an_args_object_declares_the_same(data: str) -> None:
    engine = Engine()
    pulumi.runtime.set_mocks(engine, preview=False)
    args = tuning.FineTunedModelArgs(base_model="gemini-3.1-flash-lite", bucket="b", training_data=data, retry="2")
    run(lambda: tuning.FineTunedModel("router", args))
    assert engine.of("TuningJob")["retry"] == "2"
