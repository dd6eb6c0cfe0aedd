"""What a review says of the steps of a preview, and its verdict."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.review.html import page
from pulumi_gcp_tuning.review.judging import Material, review_of
from pulumi_gcp_tuning.review.markdown import markdown
from pulumi_gcp_tuning.review.report import Change, DataChange, Judgement, Removal
from support.fake_cli import urn
from support.planned_steps import COST, JOB, JOB_INPUTS, SPEC, UNKNOWN, preview, review, step

NEW_JOB = step("create", "TuningJob", new=JOB_INPUTS)
OTHER_SPEC = SPEC | {"hyperParameters": {"epochCount": 9}}
RETRAINED = step("replace", "TuningJob", old=JOB_INPUTS, new=JOB_INPUTS | {"supervisedTuningSpec": OTHER_SPEC}, id_=JOB)
ROUTER = urn("TuningJob", "router")


def quota(name: str = "jobs", **noted: Any) -> dict[str, Any]:
    return {
        "name": name,
        "need": 1,
        "in_use": 1,
        "limit": 1,
        "fits": False,
        "before": [],
        "on_quota": "wait",
        "ahead": 0,
    } | noted


def finding(severity: Any, *, on: str | None = None) -> Judgement:
    from pulumi_gcp_tuning.review.previews import named_by

    return Judgement(severity=severity, resource=named_by(on) if on else None, path="", problem="Odd.")


def test_the_sentence_says_what_is_trained_replaced_and_deleted_and_what_that_costs() -> None:
    model = step("replace", "TunedModel", old={"tuningJob": JOB}, new={"tuningJob": UNKNOWN}, needs=[ROUTER])
    found = review(RETRAINED, model, facts={ROUTER: {"cost": COST}})
    assert found.sentence == "This merge trains 1 model (about $12.90), replaces 1, deletes 0."
    assert found.verdict == "OK"


def test_a_training_again_names_the_innermost_field_with_both_values() -> None:
    [training] = review(RETRAINED).trainings
    path = "supervised_tuning_spec.hyper_parameters.epoch_count"
    assert training.again
    assert training.changes == (Change(path=path, old="8", new="9"),)


@pytest.mark.parametrize("rows", [{"added": 4, "removed": 1, "before": 40, "after": 43}, {"why_not": "it is gone"}])
def test_a_training_by_data_names_the_dataset_instead_of_its_address(rows: dict[str, Any]) -> None:
    uris = ("gs://shop-data/old.jsonl", "gs://shop-data/new.jsonl")
    states = [{"contentSha256": uri, "uri": uri, "source": "t.jsonl"} for uri in uris]
    specs = [JOB_INPUTS | {"supervisedTuningSpec": SPEC | {"trainingDatasetUri": uri}} for uri in uris]
    data = step("replace", "TuningDataset", "training", old=states[0], new=states[1])
    job = step("replace", "TuningJob", old=specs[0], new=specs[1], needs=[data["urn"]])
    [training] = review(data, job, facts={data["urn"]: {"rows": rows}}).trainings
    assert training.changes == ()
    [changed] = training.data
    assert changed == DataChange(dataset=changed.dataset, **rows)
    assert changed.dataset.name == "training"


def test_rows_that_nobody_compared_are_said_to_be_so() -> None:
    data = step("replace", "TuningDataset", "training", old={"contentSha256": "a"}, new={"contentSha256": "b"})
    job = step("replace", "TuningJob", old=JOB_INPUTS, new=JOB_INPUTS, needs=[data["urn"]])
    [training] = review(data, job).trainings
    assert training.data[0].why_not == "the rows were not compared"


def test_an_adopted_job_trains_nothing() -> None:
    found = review(NEW_JOB, facts={ROUTER: {"adopts": {"id": JOB}}})
    assert (found.trainings, [each.name for each in found.adoptions]) == ((), ["router"])
    assert found.sentence == "This merge trains 0 models, replaces 0, deletes 0, adopts 1 job."


def test_the_cost_of_the_model_in_use_stands_beside_the_cost_of_the_merge() -> None:
    model = step("replace", "TunedModel", outputs={"tuningJob": JOB, "usage": {"trainingUsd": 9.5}}, needs=[ROUTER])
    [training] = review(RETRAINED, model, facts={ROUTER: {"cost": COST}}).trainings
    assert (training.cost.before, training.cost.usd) == (9.5, 12.9)


def test_the_job_of_an_open_model_has_its_own_cost_and_links() -> None:
    usage = {"trainingUsd": 9.5, "jobUrl": "https://console.test/j"}
    found = review(
        {**RETRAINED, "oldState": {**RETRAINED["oldState"], "outputs": {"usage": usage}}},
        facts={ROUTER: {"cost": COST}},
    )
    assert found.trainings[0].cost.before == 9.5
    assert [(each.text, each.url) for each in found.links] == [("router: job", "https://console.test/j")]


@pytest.mark.parametrize("usd", [float("inf"), float("nan"), "9.5", None])
def test_a_cost_in_state_that_is_no_number_is_not_known(usd: object) -> None:
    model = step("same", "TunedModel", outputs={"usage": {"trainingUsd": usd}, "tuningJob": JOB})
    assert review(RETRAINED, model).trainings[0].cost.before is None


def test_jobs_of_the_stack_say_how_long_such_a_job_took() -> None:
    times = {"createTime": "2026-11-01T10:00:00Z", "baseModel": "gemini-3.1-flash-lite"}
    jobs = [
        step("same", "TuningJob", f"job-{end}", outputs=times | {"endTime": f"2026-11-01T{end}:00Z"})
        for end in ("10:45", "12:00")
    ]
    [training] = review(NEW_JOB, *jobs).trainings
    assert training.took == "2 jobs of this stack: 45 min to 2 h"


def test_what_others_reported_says_it_if_the_stack_has_no_such_job() -> None:
    [training] = review(NEW_JOB).trainings
    assert training.took == "2 reports: 46 min to 2 h 9 min"


def test_nothing_is_said_of_how_long_a_job_of_an_open_model_takes() -> None:
    [training] = review(step("create", "TuningJob", new=JOB_INPUTS | {"baseModel": "meta/llama3_1@llama"})).trainings
    assert training.took == ""


@pytest.mark.parametrize(
    ("noted", "order"),
    [
        ({"fits": True}, ""),
        ({}, "router waits for a free slot"),
        ({"before": ["first"], "ahead": 1}, "router waits for first"),
        ({"before": ["first"], "ahead": 9}, "router waits for first and 8 more"),
        ({"on_quota": "fail"}, "no room for router"),
    ],
)
def test_the_order_of_waiting_is_said_only_if_there_is_no_room(noted: dict[str, Any], order: str) -> None:
    [found] = review(NEW_JOB, facts={ROUTER: {"quota": quota(**noted)}}).quotas
    assert (found.order, found.need, found.in_use, found.limit) == (order, 1, 1, 1)


def test_only_the_first_jobs_that_wait_are_named() -> None:
    jobs = [step("create", "TuningJob", f"job-{number}", new=JOB_INPUTS) for number in range(9)]
    facts = {each["urn"]: {"quota": quota(ahead=9 - at, before=["x"])} for at, each in enumerate(jobs)}
    [found] = review(*jobs, facts=facts).quotas
    assert found.order.startswith("job-8 waits for x; job-7 waits for x and 1 more; ")
    assert found.order.endswith("; 4 more after them")


def test_the_needs_of_jobs_in_one_quota_are_added() -> None:
    second = step("create", "TuningJob", "second", new=JOB_INPUTS)
    facts = {each["urn"]: {"quota": quota(fits=True)} for each in (NEW_JOB, second)}
    [found] = review(NEW_JOB, second, facts=facts).quotas
    assert found.need == 2


def test_a_machine_that_serves_weights_is_billed_by_the_hour() -> None:
    machine = step("create", "ModelDeployment", "support", new={"machineType": "g2-standard-12"})
    found = review(machine, facts={machine["urn"]: {"hourly": {"text": "1 x g2-standard-12"}}})
    assert [(each.resource.name, each.text) for each in found.hourly] == [("support", "1 x g2-standard-12")]
    assert "- ModelDeployment `support`: 1 x g2-standard-12" in markdown(found)
    assert "1 x g2-standard-12" in page(found)


@pytest.mark.parametrize(
    ("kind", "inputs", "errors", "why"),
    [
        ("TuningJob", JOB_INPUTS, True, "its inputs are wrong"),
        ("TuningJob", {"preTunedModel": UNKNOWN}, False, "the base model is not known before apply"),
        ("GeminiApiTunedModel", {}, False, "there is no price of tuning in the Gemini API"),
        ("TuningJob", JOB_INPUTS, False, "its check did not come to the cost"),
    ],
)
def test_a_cost_that_is_not_known_says_why(kind: str, inputs: dict[str, Any], errors: bool, why: str) -> None:  # noqa: FBT001
    new = step("create", kind, new=inputs)
    found = review(new, findings=[finding("error", on=new["urn"])] if errors else [])
    assert f"1 model (cost not known: {why})" in found.sentence
    for text in (markdown(found), page(found)):
        assert f"not known: {why}" in text


def test_a_base_model_of_many_jobs_has_one_end_of_life() -> None:
    model = {"base_model": "gemini", "stage": "OPEN", "tuning_until": "2027-04-07", "serving_until": None}
    facts = {urn("TuningJob", name): {"model": model} for name in ("a", "b")}
    [found] = review(NEW_JOB, facts=facts).ends
    assert [each.name for each in found.resources] == ["a", "b"]
    assert (found.tuning_until, found.serving_until) == ("2027-04-07", None)


@pytest.mark.parametrize(
    ("kind", "inputs", "more", "outcome"),
    [
        ("TunedModel", {}, {}, "deleted"),
        ("TunedModel", {"deletionPolicy": "ABANDON"}, {}, "left behind"),
        ("TunedModel", {"deletionPolicy": "PREVENT"}, {}, "kept"),
        ("TunedModel", {}, {"protect": True}, "kept"),
        ("TunedModel", {}, {"retained": True}, "left behind"),
        ("TunedModel", {"deletionPolicy": "ABANDON"}, {"protect": True}, "kept"),
        ("TuningJob", {}, {}, "left behind"),
        ("ModelDeployment", {}, {}, "deleted"),
    ],
)
def test_what_leaves_the_stack_is_deleted_kept_or_left_behind(
    kind: str, inputs: dict[str, Any], more: dict[str, Any], outcome: str
) -> None:
    [removal] = review(step("delete", kind, old=inputs, **more)).removals
    assert removal.outcome == outcome


def test_what_the_program_only_read_is_left_behind() -> None:
    found = review(step("discard", "TunedModel"))
    assert [each.outcome for each in found.removals] == ["left behind"]
    assert found.sentence == "This merge trains 0 models, replaces 0, deletes 0, leaves 1."


@pytest.mark.parametrize(("old", "more"), [({"deletionPolicy": "PREVENT"}, {}), ({}, {"protect": True})])
@pytest.mark.parametrize("kind", ["Endpoint", "TunedModel"])
def test_a_replacement_whose_deletion_fails_warns(kind: str, old: dict[str, Any], more: dict[str, Any]) -> None:
    assert review(step("replace", kind, old=old, new=old, **more)).verdict == "WARN"


def test_what_an_interrupted_run_replaced_is_a_deletion() -> None:
    found = review(step("same", "Endpoint", id_="new"), step("delete-replaced", "Endpoint", id_="old"))
    assert [(each.id, each.outcome) for each in found.removals] == [("old", "deleted")]
    assert (found.verdict, found.sentence) == ("WARN", "This merge trains 0 models, replaces 0, deletes 1.")


def test_the_old_half_of_a_replacement_is_deleted_once() -> None:
    parts = [step(op, "Endpoint", id_="old") for op in ("create-replacement", "replace", "delete-replaced")]
    assert len(review(*parts).removals) == 1


def test_an_object_that_two_entries_hold_is_not_deleted() -> None:
    assert review(step("same", "Endpoint", id_="one"), step("delete-replaced", "Endpoint", id_="one")).removals == ()


def test_an_imported_job_trains_nothing() -> None:
    found = review(step("import", "TuningJob", new=JOB_INPUTS))
    assert (found.trainings, [each.name for each in found.adoptions]) == ((), ["router"])


def of_others(op: str, chain: str = "gcp:storage/bucket:Bucket", **state: Any) -> dict[str, Any]:
    old = {"id": "it", "inputs": {}, "custom": True, **state}
    return {"op": op, "urn": f"urn:pulumi:dev::shop::{chain}::data", "oldState": old, "newState": {}}


@pytest.mark.parametrize(
    ("op", "state", "outcome", "told"),
    [
        ("delete", {}, "deleted", "deletes 1 resource"),
        ("replace", {}, "deleted", "replaces 1 resource"),
        ("create-replacement", {}, "deleted", "replaces 1 resource"),
        ("delete-replaced", {}, "deleted", "deletes 1 resource"),
        ("delete", {"retainOnDelete": True}, "left behind", "leaves 1 resource"),
        ("delete", {"protect": True}, "kept", "leaves 1 resource"),
    ],
)
@pytest.mark.parametrize("chain", ["gcp:kms/cryptoKey:CryptoKey", "gcptuning:index:FineTunedModel$gcp:a/b:Bucket"])
def test_what_another_package_removes_is_counted(
    op: str, state: dict[str, Any], outcome: str, told: str, chain: str
) -> None:
    found = review(of_others(op, chain, **state))
    assert [each.outcome for each in found.removals] == [outcome]
    assert found.verdict == ("OK" if outcome == "left behind" else "WARN")
    assert found.sentence == f"This merge changes no resource of pulumi_gcp_tuning. Of other packages it {told}."


def test_removals_of_others_stand_beside_ours_in_the_sentence() -> None:
    found = review(step("delete", "TunedModel"), of_others("delete"), of_others("replace", "random:index:Pet"))
    assert found.sentence == (
        "This merge trains 0 models, replaces 0, deletes 1. Of other packages it deletes 1 resource, replaces 1 resource."
    )


def test_the_old_half_of_a_replacement_of_another_package_is_counted_once() -> None:
    found = review(*(of_others(op) for op in ("create-replacement", "replace", "delete-replaced")))
    assert [each.replaced for each in found.removals] == [True]


@pytest.mark.parametrize(
    ("op", "chain", "custom"),
    [
        ("discard", "aws:s3/bucket:Bucket", True),
        ("delete", "my:index:Team", False),
        ("delete", "pulumi:providers:gcp", True),
        ("delete", "pulumi:pulumi:Stack", False),
        ("delete", "gcptuning:index:FineTunedModel", False),
        ("delete", "gcptuning:components:OpenModelBucketRoles", False),
    ],
)
def test_what_has_no_object_of_its_own_is_no_removal(op: str, chain: str, custom: bool) -> None:  # noqa: FBT001
    assert review(of_others(op, chain, custom=custom)).removals == ()


@pytest.mark.parametrize("chain", ["gcptuning:index:FineTunedModel$", "my:index:Team$", ""])
def test_a_resource_in_a_component_is_one_of_ours(chain: str) -> None:
    gone = step("delete", "TunedModel")
    urn_ = f"urn:pulumi:dev::shop::{chain}pulumi-python:dynamic/gcptuning:TunedModel::router"
    assert len(review({**gone, "urn": urn_}).removals) == 1


@pytest.mark.parametrize(("keep", "outcome"), [({}, "kept"), ({"onReplace": {"keepLast": 0}}, "deleted")])
def test_a_replaced_model_is_kept_as_on_replace_says(keep: dict[str, Any], outcome: str) -> None:
    [removal] = review(step("replace", "TunedModel", old=keep, new=keep)).removals
    assert (removal.outcome, removal.replaced) == (outcome, True)


def test_the_record_of_a_replaced_job_is_no_removal() -> None:
    assert review(RETRAINED).removals == ()


def test_a_deleted_model_warns() -> None:
    found = review(step("delete", "TunedModel"))
    assert found.verdict == "WARN"
    assert found.sentence == "This merge trains 0 models, replaces 0, deletes 1."
    assert isinstance(found.removals[0], Removal)


def test_a_deleted_dataset_does_not_warn() -> None:
    assert review(step("delete", "TuningDataset")).verdict == "OK"


@pytest.mark.parametrize(("severity", "verdict"), [("error", "BLOCK"), ("warn", "WARN"), ("info", "OK")])
def test_findings_and_policies_decide_the_verdict(severity: str, verdict: str) -> None:
    assert review(NEW_JOB, findings=[finding(severity)]).verdict == verdict
    assert review(NEW_JOB, policies=[finding(severity)]).verdict == verdict


def test_findings_come_by_severity() -> None:
    found = review(NEW_JOB, findings=[finding("info"), finding("warn"), finding("error")])
    assert [each.severity for each in found.findings] == ["error", "warn", "info"]


def test_a_resource_whose_inputs_are_wrong_is_no_update() -> None:
    changed = step("update", "TuningJob", old=JOB_INPUTS, new=JOB_INPUTS | {"supervisedTuningSpec": OTHER_SPEC})
    found = review(changed, findings=[finding("error", on=ROUTER)])
    assert found.updates == ()
    assert found.sentence == "This merge is blocked by 1 error."


def test_a_preview_that_failed_blocks_and_is_incomplete() -> None:
    found = review(NEW_JOB, problem="boom")
    assert (found.verdict, found.complete) == ("BLOCK", False)
    assert found.sentence.startswith("The preview did not finish, so this report is incomplete.")


def test_without_the_checks_their_sections_are_missing_and_nothing_is_ok() -> None:
    for steps in ((NEW_JOB,), ()):
        found = review_of(Material(preview=preview(*steps), facts=None))
        assert found.verdict == "WARN"
        assert not found.complete
        assert "cost" in found.missing


def test_a_stack_where_only_others_change_says_so() -> None:
    bucket = {"op": "create", "urn": "urn:pulumi:dev::shop::gcp:storage/bucket:Bucket::data", "newState": {}}
    found = review(bucket)
    told = "This merge changes no resource of pulumi_gcp_tuning. Of other packages it creates 1 resource."
    assert found.sentence == told
    assert [each.resource.type for each in found.nodes] == ["Bucket"]


def test_a_model_that_follows_its_job_names_the_job_as_its_reason() -> None:
    model = step("replace", "TunedModel", old={"tuningJob": JOB}, new={"tuningJob": UNKNOWN}, needs=[ROUTER])
    [update] = review(RETRAINED, model).updates
    assert ([each.name for each in update.follows], update.changes) == (["router"], ())


@pytest.mark.parametrize(
    ("old", "fate"),
    [
        ({}, "stays (keep_last 2)"),
        ({"onReplace": {"keepLast": 0}}, "is deleted after the new one is ready (keep_last 0)"),
        ({"deletionPolicy": "ABANDON"}, "stays (deletion_policy ABANDON)"),
    ],
)
def test_a_model_that_is_trained_again_says_in_one_line_what_that_costs_and_what_stays(
    old: dict[str, Any], fate: str
) -> None:
    model = step("replace", "TunedModel", old={"tuningJob": JOB, **old}, new={"tuningJob": UNKNOWN}, needs=[ROUTER])
    found = review(RETRAINED, model, facts={ROUTER: {"cost": COST}})
    line = f"trains a new model: about $12.90; the current one {fate}"
    assert [each.trains for each in found.updates] == [line]
    assert line in page(found)
    assert markdown(found).replace("\\", "").count(line) == 1


def test_links_are_those_of_the_models_in_use() -> None:
    usage = {"modelUrl": "https://console.test/m", "trainingUsd": 9.5, "jobUrl": "javascript:alert(1)"}
    found = review(step("same", "TunedModel", outputs={"usage": usage}), step("update", "TunedModel", "other"))
    assert [(each.text, each.url) for each in found.links] == [("router: model", "https://console.test/m")]
    assert "[router: model](https://console.test/m)" in markdown(found)


def test_a_replacement_in_three_steps_is_one() -> None:
    parts = [{**RETRAINED, "op": op} for op in ("create-replacement", "replace", "delete-replaced")]
    assert len(review(*parts).trainings) == 1


def test_the_same_preview_gives_the_same_review_in_any_order() -> None:
    model = step("create", "TunedModel", needs=[ROUTER])
    assert review(NEW_JOB, model) == review(model, NEW_JOB)
