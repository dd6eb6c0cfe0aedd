"""Preflight and sandbox, two oracles that share no code, over the same declarations: each accepted difference has a reason."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from pulumi_gcp_tuning.preflight.facts import Bucket, Known
from pulumi_gcp_tuning.preflight.hyperparameters import check_hyperparameters
from pulumi_gcp_tuning.preflight.location import check_bucket
from pulumi_gcp_tuning.preflight.machines import check_machine
from pulumi_gcp_tuning.preflight.places import check_location, check_model
from pulumi_gcp_tuning.preflight.registry import RULES
from pulumi_gcp_tuning.preflight.spelling import check_display_name, check_labels
from sandbox.running import run_sandbox
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.errors import GoogleError
from tuning_sandbox.kernel.sandbox import Config, parse_as_of
from tuning_sandbox.vertex import machines

if TYPE_CHECKING:
    from pulumi_gcp_tuning.errors import Finding
    from sandbox.running import RunningSandbox

QUOTA: Final = "aiplatform.googleapis.com/global_concurrent_tuning_jobs"
DAYS: Final = ("2025-03-01", "2026-06-01", "2026-11-28", "2027-04-01", "2027-06-01")
MODELS: Final = (
    *("gemini-3.5-flash", "gemini-3.5-flash-lite", "gemini-3.1-flash-lite", "gemini-2.5-pro", "gemini-2.5-flash"),
    *("gemini-2.5-flash-lite", "gemini-2.0-flash-001", "gemini-2.0-flash-lite", "gemini-1.5-pro-002"),
    *("gemini-1.5-flash-002", "gemini-1.5-flash-001", "gemini-1.0-pro-002", "translation-llm-002"),
    *("gemini-3.8-flash", "gemini-2.5-flash-image", "gemini-9"),
)
REGIONS: Final = (
    *("us-central1", "us-east5", "us-west2", "us-west4", "europe-west2", "europe-west4", "europe-west9"),
    *("asia-northeast3", "southamerica-east1", "africa-south1", "us", "eu", "global", "nowhere1"),
)
NO_BUCKET: Final = "The Google Cloud Storage bucket of"
"""What the sandbox says last: everything before it was taken."""

ONLY_WARNED: Final = {
    "closed to new projects": "every project of a sandbox is new; whether yours used the model is not known at preview",
    "model in region": "the stored page of regions is cut off after southamerica-east1; what follows is assumed",
    "adapter size of the model": "of gemini-1.0-pro-002 no page says the sizes; what the catalogue assumes only warns",
    "bucket in the job's region": "Google's page and its users disagree, so preview warns; the sandbox follows the users",
}
"""Rules that warn where the sandbox refuses, and why."""

REFUSED_AS: Final = {
    "closed to new projects": "Publisher Model `",
    "model in region": "Tuning of ",
    "adapter size of the model": "The adapter size is not supported",
    "bucket in the job's region": "The Cloud Storage bucket of `",
}
"""How the refusal begins that such a warning explains: a warning explains no other one."""

ONLY_SANDBOX: Final = {
    "epoch_count must be at most 500.": "the sandbox really trains, so it bounds the epochs; no page of Google's does",
}
"""What the sandbox says where preflight has nothing against it, and why."""


@pytest.fixture(scope="module", params=DAYS)
def oracle(request: pytest.FixtureRequest) -> Iterator[RunningSandbox]:
    config = Config(mode="stepped", as_of=parse_as_of(request.param), seed=7)
    with run_sandbox(create_app(config)) as running:
        yield running


@pytest.fixture(scope="module")
def oracle_of_2026() -> Iterator[RunningSandbox]:
    with run_sandbox(create_app(Config(mode="stepped", as_of=parse_as_of("2026-06-01"), seed=7))) as running:
        yield running


def refusal(sandbox: RunningSandbox, region: str = "us-central1", **body: Any) -> str | None:
    """What the sandbox says against a job, None where it takes everything but the missing bucket."""
    spec: dict[str, Any] = {"trainingDatasetUri": "gs://not-there/train.jsonl", **body.pop("spec", {})}
    whole = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": spec, **body}
    answer = sandbox.post(f"/v1/projects/my-project/locations/{region}/tuningJobs", json=whole)
    message = str(answer.json()["error"]["message"])
    return None if message.startswith(NO_BUCKET) else message


def rule_of(finding: Finding) -> str:
    """The name of the warning rule that a finding is of."""
    if finding.check == "retirement":
        return "closed to new projects" if "to projects that made no call" in str(finding) else "another day"
    if finding.path[-1:] == ("adapter_size",):
        return "adapter size of the model"
    return {"region": "model in region", "location": "bucket in the job's region"}.get(finding.check, finding.check)


def differences(cells: dict[str, tuple[list[Finding], str | None]]) -> list[str]:
    """Where one oracle refuses and the other does not, but for the listed reasons."""
    found = []
    for cell, (findings, refused) in cells.items():
        errors = [finding for finding in findings if finding.severity == "error"]
        warned = {rule_of(finding) for finding in findings if finding.severity == "warn"}
        if errors and refused is None:
            found.append(f"{cell}: only preflight refuses: {errors[0]}")
        explained = refused in ONLY_SANDBOX or any(
            str(refused).startswith(REFUSED_AS.get(rule, "\0")) for rule in warned
        )
        if refused is not None and not errors and not explained:
            found.append(f"{cell}: only the sandbox refuses: {refused}")
    return found


def test_models_in_regions_on_days(oracle: RunningSandbox) -> None:
    day = date.fromisoformat(oracle.admin("GET", "clock")["now"][:10])
    cells = {
        f"{model} in {region} on {day}": (
            [*check_location(region, base_model=model), *check_model(model, region, day)],
            refusal(oracle, region, baseModel=model),
        )
        for model in MODELS
        for region in REGIONS
    }
    assert any(refused is None for _, refused in cells.values())
    assert differences(cells) == []


def cells_of(oracle: RunningSandbox, seed: str, count: int | None) -> Iterator[tuple[str, list[Finding], str | None]]:
    """Whole jobs: model, region, place of the bucket, labels and numbers at once. All of them, or ``count`` drawn ones."""
    day = date.fromisoformat(oracle.admin("GET", "clock")["now"][:10])
    facts = {}
    for place in BUCKETS:
        named = {"name": f"grid-{place}", "location": place.upper()}
        oracle.post("/storage/v1/b?project=my-project", json=named)  # 409 the second time
        facts[place] = Known(Bucket.from_wire(oracle.get(f"/storage/v1/b/grid-{place}").json()))
    oracle.admin("POST", "quotas", {"metric": QUOTA, "limit": 100_000})
    grid = product(MODELS, REGIONS, BUCKETS)
    rng = random.Random(f"{seed} {day}")  # noqa: S311
    drawn = list(grid) if count is None else rng.sample(list(grid), count)
    for model, region, place in drawn:
        # mostly one thing is wrong, or it would hide what one oracle says of the others
        labels = rng.choice(list(LABELS.values())) if rng.random() < 0.1 else {"team": "shop"}
        epochs, size = rng.choice((None, 1, 100)), rng.choice(SIZES[:5]) if rng.random() < 0.2 else None
        wire: dict[str, Any] = {"epochCount": epochs} if epochs else {}
        wire |= {"adapterSize": f"ADAPTER_SIZE_{size}"} if size else {}
        given = {"epoch_count": epochs, "adapter_size": wire.get("adapterSize")}
        path = ("training_dataset_uri",)
        findings = [
            *check_location(region, base_model=model),
            *check_model(model, region, day),
            *check_bucket(f"grid-{place}", facts[place], region, path=path),
            *check_labels(labels, ours=0),
            *check_hyperparameters({key: value for key, value in given.items() if value}, model),
        ]
        uri = f"gs://grid-{place}/train.jsonl"
        body = {"baseModel": model, "labels": labels}
        body["supervisedTuningSpec"] = {"trainingDatasetUri": uri, "hyperParameters": wire}
        answer = oracle.post(f"/v1/projects/my-project/locations/{region}/tuningJobs", json=body)
        refused = None if answer.status_code == 200 else str(answer.json()["error"]["message"])
        yield f"{model} in {region} on {day}, bucket in {place}, {labels}, {wire}", findings, refused


def judge_cells(oracle: RunningSandbox, seed: str, count: int | None) -> None:
    cells = {cell: (findings, refused) for cell, findings, refused in cells_of(oracle, seed, count)}
    assert differences(cells) == []


def test_a_sample_of_whole_jobs(oracle: RunningSandbox, request: pytest.FixtureRequest) -> None:
    judge_cells(oracle, str(request.config.getoption("--seed")), 60)


@pytest.mark.full
def test_every_model_region_and_place_of_a_bucket(oracle: RunningSandbox, request: pytest.FixtureRequest) -> None:
    judge_cells(oracle, str(request.config.getoption("--seed")), None)


MACHINE_TYPES: Final = (*machines.MACHINES, "g2-standard-5", "a3-highgpu-8g", "n1-standard-4", "g2", "")
MACHINES_ONLY_SANDBOX: Final = {
    "The sandbox does not have the machine type": "it has g2 machines, and preview does not know which Google has",
    "The machine type is required.": "a deployment without one gets the usual machine before anything is sent",
}
"""What the sandbox says of a machine where preflight says nothing or only warns, and why; no warning excuses another refusal."""


def refusal_of_machine(resources: dict[str, Any]) -> str | None:
    """What the sandbox says against the machines of a deployment."""
    try:
        machines.read_machine(cast("Any", None), resources, "dedicated_resources")
    except GoogleError as error:
        return error.message
    return None


@pytest.mark.parametrize("machine", MACHINE_TYPES)
@pytest.mark.parametrize("accelerator", ["NVIDIA_L4", "NVIDIA_TESLA_T4", "NVIDIA_L5"])
def test_machines_and_their_accelerators(machine: str, accelerator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "_check_quota", lambda *_: None)
    for count, (least, most) in product((1, 2, 3, 4, 8, 16), ((1, 1), (2, 1), (1, 3))):
        spec = {"machineType": machine, "acceleratorType": accelerator, "acceleratorCount": count}
        resources = {"machineSpec": spec, "minReplicaCount": least, "maxReplicaCount": most}
        findings = check_machine(machine or None, accelerator, count, least, most)
        said = refusal_of_machine(resources)
        errors = [finding for finding in findings if finding.severity == "error"]
        if said is None or errors:
            assert (said is not None) == bool(errors), (resources, said, errors)
        else:
            assert any(said.startswith(known) for known in MACHINES_ONLY_SANDBOX), (resources, said)


def test_the_rules_that_only_warn_are_rules() -> None:
    assert set(ONLY_WARNED) <= {rule.name for rule in RULES}
    assert REFUSED_AS.keys() == ONLY_WARNED.keys()


LABELS: Final = {
    **{
        f"key {key!r}": {key: "x"}
        for key in ("team", "1team", "Team", "te am", "te.am", "팀", "_a", "a" * 64, "a" * 65)
    },
    **{f"value {value!r}": {"team": value} for value in ("", "x" * 64, "x" * 65, "Blue", "b_1-2", "a b", "팀")},
    **{f"{count} labels": {f"k{n}": "v" for n in range(count)} for count in (0, 64, 65)},
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_labels(oracle_of_2026: RunningSandbox, labels: dict[str, str]) -> None:
    cell = {"labels": (check_labels(labels, ours=0), refusal(oracle_of_2026, labels=labels))}
    assert differences(cell) == []


NAMES: Final = {"1 character": "a", "128 characters": "a" * 128, "129 characters": "a" * 129}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_display_names(oracle_of_2026: RunningSandbox, name: str) -> None:
    cell = {"name": (check_display_name(name, path=("name",)), refusal(oracle_of_2026, tunedModelDisplayName=name))}
    assert differences(cell) == []


SIZES: Final = ("ONE", "TWO", "FOUR", "EIGHT", "SIXTEEN", "THIRTY_TWO")


@pytest.mark.parametrize("model", ["gemini-3.5-flash", "gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"])
def test_adapter_sizes_and_numbers(oracle_of_2026: RunningSandbox, model: str) -> None:
    cells = {}
    wires: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"adapterSize": f"ADAPTER_SIZE_{size}"}, {"adapter_size": f"ADAPTER_SIZE_{size}"}) for size in SIZES
    ]
    wires += [({"epochCount": count}, {"epoch_count": count}) for count in (-1, 1, 12, 1000)]
    wires += [({"learningRateMultiplier": rate}, {"learning_rate_multiplier": rate}) for rate in (-1.0, 0.1, 10.0)]
    wires += [({"learningRate": 0.1}, {"learning_rate": 0.1}), ({"batchSize": 4}, {"batch_size": 4})]
    for wire, given in wires:
        said = refusal(oracle_of_2026, baseModel=model, spec={"hyperParameters": wire})
        cells[f"{model} {wire}"] = (check_hyperparameters(given, model), said)
    assert differences(cells) == []


BUCKETS: Final = (
    *("us", "eu", "asia", "nam4", "eur4", "eur5", "eur7", "eur8", "asia1"),
    *("us-central1", "us-east1", "europe-west4", "europe-west2", "northamerica-northeast1"),
)
JOBS: Final = (
    *("us-central1", "us-east1", "europe-west4", "europe-west2", "europe-west6", "europe-north1"),
    *("asia-northeast1", "northamerica-northeast1"),
)


@pytest.mark.parametrize("place", BUCKETS)
def test_buckets_in_regions_and_multi_regions(oracle_of_2026: RunningSandbox, place: str) -> None:
    bucket = f"data-in-{place}"
    made = oracle_of_2026.post("/storage/v1/b?project=my-project", json={"name": bucket, "location": place.upper()})
    fact = Known(Bucket.from_wire(made.json()))
    oracle_of_2026.admin("POST", "quotas", {"metric": QUOTA, "limit": 100_000})
    for region in JOBS:
        spec = {"trainingDatasetUri": f"gs://{bucket}/train.jsonl"}
        body = {"baseModel": "gemini-2.5-flash", "supervisedTuningSpec": spec}
        answer = oracle_of_2026.post(f"/v1/projects/my-project/locations/{region}/tuningJobs", json=body)
        refused = answer.status_code != 200
        findings = check_bucket(bucket, fact, region, path=("training_dataset_uri",))
        assert bool(findings) is refused, (place, region, answer.text)
        assert all(rule_of(finding) in ONLY_WARNED for finding in findings)
