"""What weakens a check: a value that only apply knows, a switch, a fact that could not be fetched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pytest

from pulumi_gcp_tuning.config import CHECKS
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from support.findings import printed_of
from support.hand_made_google import SteppedClock
from support.preflight_case import (
    CHECKED_DATA,
    DATA,
    DROP,
    KEY,
    KEYED_DAY,
    Case,
    Kind,
    Tree,
    changed,
    good_rows,
    lines,
    places,
    usual,
)
from support.preflight_identity_cases import TUNE_AGENT, TUNER
from support.preflight_table import OF_RESOURCES
from support.preflight_world import Program, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from preflight.conftest import WorldOf
    from pulumi_gcp_tuning.errors import Finding

LATER: Final = "not checked until apply"
WHOLE: Final[Tree] = {
    "project": "shop",
    "location": "us-central1",
    "baseModel": "gemini-2.5-flash",
    "tunedModelDisplayName": "Shop",
    "description": "of the shop",
    "labels": {"team": "shop"},
    "supervisedTuningSpec": {
        "trainingDatasetUri": DATA,
        "validationDatasetUri": CHECKED_DATA,
        "hyperParameters": {"epochCount": 3, "adapterSize": 4, "learningRateMultiplier": 1.5},
        "exportLastCheckpointOnly": True,
    },
    "encryptionSpec": {"kmsKeyName": KEY},
    "serviceAccount": TUNER,
    "retry": "1",
    "onChange": "replace",
    "onQuota": "wait",
    "maxCost": 100.0,
    "deletionPolicy": "DELETE",
}
WHOLE_WORLD: Final[Tree] = {
    "world/today": KEYED_DAY,
    "world/key": {},
    "world/account": {},
    "world/running": 1,  # the agent of tuning comes with the first job
    "world/bindings": [
        ["roles/aiplatform.tuningServiceAgent", f"serviceAccount:{TUNER}"],
        ["roles/iam.serviceAccountTokenCreator", f"serviceAccount:{TUNE_AGENT}"],
    ],
    "world/objects/validation.jsonl": lines(*good_rows(10, 200)),
}
TOLD: Final = (
    "supervisedTuningSpec",
    "supervisedTuningSpec/trainingDatasetUri",
    "encryptionSpec",
    "encryptionSpec/kmsKeyName",
    "serviceAccount",
)
PROPERTIES: Final = sorted(
    {"/".join(leaf.split("/")[:depth]) for leaf in places(WHOLE) for depth in range(1, leaf.count("/") + 2)}
)


def whole_job(**more: Any) -> Tree:
    """A job with everything that it can have, and all of it right."""
    return changed(usual("tuning_job"), {"inputs": WHOLE, **WHOLE_WORLD, **{f"world/{k}": v for k, v in more.items()}})


def judged(
    situation: Tree, world_of: WorldOf, folder: Path, kind: Kind = "tuning_job", **more: Any
) -> tuple[list[Finding], list[str]]:
    """What the resource's check finds, and what it tells."""
    world = world_of(situation["world"]["today"])
    world.make(situation["world"])
    write_files(folder, situation)
    with Program(world.server, situation) as program:
        return list(program.check(kind, **more).findings), program.told


def errors(findings: Sequence[Finding]) -> list[str]:
    return [str(each) for each in printed_of(findings) if each.severity == "error"]


def test_a_job_with_everything_passes_without_a_word(world_of: WorldOf, tmp_path: Path) -> None:
    findings, told = judged(whole_job(), world_of, tmp_path)
    assert findings == []
    assert [line.partition(":")[0] for line in told] == ["trains a model", "quota"]


@pytest.mark.parametrize("place", PROPERTIES)
def test_a_value_that_only_apply_knows_is_no_error(place: str, world_of: WorldOf, tmp_path: Path) -> None:
    findings, told = judged(changed(whole_job(), {f"inputs/{place}": UNKNOWN}), world_of, tmp_path)
    assert errors(findings) == []
    assert any(line.startswith(LATER) for line in told) is (place in TOLD)


def test_when_nothing_is_known_nothing_is_refused(world_of: WorldOf, tmp_path: Path) -> None:
    situation = changed(whole_job(), {f"inputs/{place}": UNKNOWN for place in WHOLE})
    findings, told = judged(situation, world_of, tmp_path)
    assert findings == []
    assert len([line for line in told if line.startswith(LATER)]) == 1


OF_NAMES: Final = ("properties", "project and location")
"""Rules that judge which properties there are, whatever their values."""
IN_INPUTS: Final = [
    case
    for case in OF_RESOURCES
    for place, value in case.but.items()
    if place.startswith("inputs/") and (case.rule not in OF_NAMES or value is not DROP)
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in IN_INPUTS])
def test_what_a_rule_refuses_passes_while_its_value_is_not_known(
    case: Case, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (place,) = case.but
    findings, _ = judged(changed(case.refused, {place: UNKNOWN}), world_of, tmp_path, case.kind)
    assert [each for each in findings if case.says_so(each)] == []
    assert errors(findings) == []


def test_a_model_that_is_not_known_has_no_price_and_max_cost_says_so(world_of: WorldOf, tmp_path: Path) -> None:
    situation = changed(usual("tuning_job"), {"inputs/baseModel": "gemini-9-flash", "inputs/maxCost": 100})
    findings, told = judged(situation, world_of, tmp_path, checks={"model": "warn"})
    assert errors(findings) == []
    said = "The price of tuning gemini-9-flash is not known, so max_cost was not checked"
    assert [each.path for each in findings if str(each.problem).startswith(said)] == [("max_cost",)]
    assert any(line.startswith("trains a model: the price of tuning gemini-9-flash is not known") for line in told)


def test_a_multimodal_dataset_of_vertex_ai_is_no_error_and_is_said_not_to_be_read(
    world_of: WorldOf, tmp_path: Path
) -> None:
    name = "projects/shop/locations/us-central1/datasets/1"
    spec = {"inputs/supervisedTuningSpec": {"trainingDatasetUri": name, "validationDatasetUri": CHECKED_DATA}}
    findings, _ = judged(changed(usual("tuning_job"), spec), world_of, tmp_path)
    assert errors(findings) == []
    assert [(each.check, each.severity) for each in findings if name in str(each.problem)] == [("dataset", "warn")]


def test_a_misspelt_region_is_said_once_and_not_again_of_the_key(world_of: WorldOf, tmp_path: Path) -> None:
    findings, _ = judged(changed(whole_job(), {"inputs/location": "us-centra1"}), world_of, tmp_path)
    assert [each.check for each in findings if each.severity == "error"] == ["region"]


@pytest.mark.parametrize("exists", [True, False])
def test_the_grants_of_an_account_that_the_program_makes_are_read_if_it_exists(
    world_of: WorldOf, tmp_path: Path, *, exists: bool
) -> None:
    situation = changed(whole_job(bindings=[]), {} if exists else {"world/account": DROP})
    findings, told = judged(situation, world_of, tmp_path, fromResources=["serviceAccount"])
    warned = [(each.severity, each.path, "unless this run does" in str(each)) for each in findings]
    assert warned == [("warn", ("service_account",), True)] * (2 if exists else 0)
    assert any(line.startswith(LATER) for line in told) is not exists


OF_A_CHECK: Final = {
    (case.check, case.kind): case for case in reversed(OF_RESOURCES) if case.severity == "error" and not case.also
}


def test_every_check_has_a_case_to_switch() -> None:
    assert {check for check, _ in OF_A_CHECK} - {"schema", "change"} == set(CHECKS)


SWITCHED: Final = [
    pytest.param(case, where, id=f"{'-'.join(key)} of the {where}")
    for key, case in OF_A_CHECK.items()
    for where in ("resource", "stack")
    if where == "resource" or case.check in CHECKS
]


@pytest.mark.parametrize("level", ["warn", "off"])
@pytest.mark.parametrize(("case", "where"), SWITCHED)
def test_a_check_is_switched_on_the_resource_and_for_the_stack(
    case: Case, level: str, where: str, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    situation = case.refused
    # what is switched off for the whole table stays so
    levels, own = {**situation["inputs"].get("checks", {}), case.check: level}, {}
    if where == "resource":
        own = {"checks": levels}
    else:
        situation = changed(situation, {"config/gcp-tuning:checks": json.dumps(levels)})
    findings, _ = judged(situation, world_of, tmp_path, case.kind, **own)
    mine = [each.severity for each in findings if case.says_so(each)]
    if case.check in ("schema", "change"):
        assert mine == ["error"]
    else:
        assert mine == (["warn"] if level == "warn" else [])
        assert errors(findings) == []


def test_the_resource_wins_over_the_stack(world_of: WorldOf, tmp_path: Path) -> None:
    case = OF_A_CHECK["region", "tuning_job"]
    situation = changed(case.refused, {"config/gcp-tuning:checks": '{"region": "off"}'})
    findings, _ = judged(situation, world_of, tmp_path, checks={"region": "error"})
    assert [each.severity for each in findings if case.says_so(each)] == ["error"]


MISSING: Final = [
    ("disabled", "cloudbilling.googleapis.com", "the Cloud Billing API"),
    ("disabled", "cloudquotas.googleapis.com", "the Cloud Quotas API"),
    ("disabled", "cloudresourcemanager.googleapis.com", "the Cloud Resource Manager API"),
    ("disabled", "iam.googleapis.com", "the IAM API"),
    ("without", "serviceusage.services.get", "serviceusage.services.get"),
    ("without", "cloudquotas.quotas.get", "cloudquotas.quotas.get"),
    ("without", "orgpolicy.policy.get", "orgpolicy.policy.get"),
    ("without", "storage.buckets.get", "storage.buckets.get"),
    ("without", "storage.objects.get", "storage.objects.get"),
    ("without", "cloudkms.cryptoKeys.get", "cloudkms.cryptoKeys.get"),
    ("without", "iam.serviceAccounts.get", "iam.serviceAccounts.get"),
    ("without", "resourcemanager.projects.get", "resourcemanager.projects.get"),
]


@pytest.mark.parametrize(("how", "what", "needs"), MISSING, ids=[what for _, what, _ in MISSING])
def test_a_fact_that_cannot_be_fetched_is_one_warning_that_names_what_is_missing(
    how: str, what: str, needs: str, world_of: WorldOf, tmp_path: Path
) -> None:
    findings, _ = judged(whole_job(**{how: [what]}), world_of, tmp_path)
    assert errors(findings) == []
    named = [each for each in findings if needs in str(each.remedy)]
    assert named
    assert all("could not be checked" in str(each.problem) and each.shared for each in named)
    assert len({str(each.problem) for each in named}) == len(named)


def test_a_key_of_a_project_without_the_kms_api_is_refused(world_of: WorldOf, tmp_path: Path) -> None:
    findings, _ = judged(whole_job(disabled=["cloudkms.googleapis.com"]), world_of, tmp_path)
    (refused,) = errors(findings)
    assert "The Cloud KMS API is disabled in project shop, so its keys cannot be used" in refused
    assert "gcloud services enable cloudkms.googleapis.com --project shop" in refused


def test_the_policies_of_a_key_and_of_an_account_that_may_not_be_read_are_one_warning_each(
    world_of: WorldOf, tmp_path: Path
) -> None:
    findings, _ = judged(whole_job(without=["*.getIamPolicy"]), world_of, tmp_path)
    said = {each.check: str(each.remedy) for each in findings}
    assert [(each.check, each.severity) for each in findings] == [("identity", "warn"), ("cmek", "warn")]
    assert "cloudkms.cryptoKeys.getIamPolicy" in said["cmek"]
    assert "resourcemanager.projects.getIamPolicy" in said["identity"]


def test_without_a_connection_there_is_one_warning(world_of: WorldOf, tmp_path: Path) -> None:
    world = world_of(KEYED_DAY)
    situation = whole_job()
    with Program(world.server, situation, base_url="http://127.0.0.1:9", clock=SteppedClock()) as program:
        findings = program.check("tuning_job").findings
    assert [each.severity for each in findings] == ["warn"]
    assert "Nothing answers at http://127.0.0.1:9" in str(findings[0].problem)
    assert "a connection to Google, and credentials" in str(findings[0].remedy)
