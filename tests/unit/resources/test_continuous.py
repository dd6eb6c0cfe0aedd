"""Continuous tuning over the real google/ and a running sandbox: versions of one model, each of which has its own entry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.audit.findings import audit_of
from pulumi_gcp_tuning.audit.listing import list_things
from pulumi_gcp_tuning.audit.removal import remove_item
from pulumi_gcp_tuning.audit.state import read_state
from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.commands import list_models
from pulumi_gcp_tuning.commands.connection import Connection
from pulumi_gcp_tuning.errors import NotFound, Refused
from pulumi_gcp_tuning.resources.core.claims import claim_of, marks_in, token_in
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import TYPE, urn
from support.sandbox_program import TYPES, Program

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.items import Item
    from pulumi_gcp_tuning.resources.core.lifecycle import Current, Properties


def declared(program: Program, parent: object, **changed: Any) -> Properties:
    spec = {"trainingDatasetUri": program.dataset().outputs["uri"], "hyperParameters": {"epochCount": 2.0}}
    return {"preTunedModel": {"tunedModelName": parent}, "supervisedTuningSpec": spec, **changed}


def trained_on(program: Program, parent: Current, name: str, **changed: Any) -> Current:
    """The model of a job that trains on from another one."""
    job = program.create("tuning_job", declared(program, parent.outputs["versionedModel"], **changed), name=name)
    return program.create("tuned_model", {"tuningJob": job.id}, name=name)


def is_there(program: Program, model: Current) -> bool:
    try:
        program.google.vertex_of(model.id).get_model(model.outputs["versionedModel"])
    except NotFound:
        return False
    return True


def serving(program: Program, model: Current) -> bool:
    return bool(program.google.vertex("us").get_endpoint(model.outputs["endpoint"]).get("deployedModels"))


def found(program: Program, news: Properties, name: str = "more", **olds: Any) -> Any:
    sent = {**news, "resourceUrn": urn(TYPES["tuning_job"], name)}
    return lifecycle_of("tuning_job").check(program.call("tuning_job", name, tell=program.lines.append), olds, sent)


def test_each_version_has_the_claim_of_its_own_entry(program: Program) -> None:
    _, first = program.trained()
    second = trained_on(program, first, "more")
    assert second.outputs["versionedModel"] == first.outputs["model"] + "@2"
    vertex = program.google.vertex("us")
    claims = [token_in(marks_in(vertex.get_model(each.outputs["versionedModel"])).claim) for each in (first, second)]
    assert claims == [claim_of(first.outputs), claim_of(second.outputs)]


def test_a_delete_of_the_parent_leaves_the_version_that_another_job_added(program: Program) -> None:
    _, first = program.trained()
    second = trained_on(program, first, "more")
    program.new_run()
    program.delete("tuned_model", first)
    assert (is_there(program, first), is_there(program, second), serving(program, second)) == (False, True, True)


def test_a_delete_of_a_version_leaves_the_parent(program: Program) -> None:
    _, first = program.trained()
    second = trained_on(program, first, "more")
    program.new_run()
    program.delete("tuned_model", second, "more")
    assert (is_there(program, first), serving(program, first), is_there(program, second)) == (True, True, False)


def test_the_last_version_takes_the_model_with_it(program: Program) -> None:
    _, first = program.trained()
    second = trained_on(program, first, "more")
    program.new_run()
    program.delete("tuned_model", first)
    program.delete("tuned_model", second, "more")
    assert list(program.google.vertex("us").list_models(first.outputs["model"].rpartition("/models/")[0])) == []


def test_a_job_that_nobody_took_over_deletes_only_its_own_version(program: Program) -> None:
    _, first = program.trained()
    job = program.create("tuning_job", declared(program, first.outputs["versionedModel"]), name="more")
    program.google.vertex_of(job.id).tuning_jobs.poll(job.id)
    program.new_run()
    program.delete("tuning_job", job, "more")
    assert [each["versionId"] for each in program.google.vertex("us").list_model_versions(first.outputs["model"])] == [
        "1"
    ]
    assert serving(program, first)


def test_a_superseded_version_is_kept_and_goes_with_the_current_one(program: Program) -> None:
    _, first = program.trained()
    older = trained_on(program, first, "more")
    newer = trained_on(program, first, "more", retry="2")
    program.new_run()
    program.delete("tuned_model", older, "more")
    assert is_there(program, older)
    program.delete("tuned_model", newer, "more")
    assert (is_there(program, first), is_there(program, older), is_there(program, newer)) == (True, False, False)


def test_of_superseded_versions_only_keep_last_are_kept(program: Program) -> None:
    _, first = program.trained()
    older = trained_on(program, first, "more")
    job = program.create("tuning_job", declared(program, first.outputs["versionedModel"], retry="2"), name="more")
    program.create("tuned_model", {"tuningJob": job.id, "onReplace": {"keepLast": 0}}, name="more")
    program.new_run()
    gone = {**older.outputs, "onReplace": {"keepLast": 0}}
    lifecycle_of("tuned_model").delete(program.call("tuned_model", "more"), older.id, gone)
    assert (is_there(program, first), is_there(program, older)) == (True, False)


def test_another_display_name_makes_a_model_of_its_own(program: Program) -> None:
    _, first = program.trained()
    second = trained_on(program, first, "more", tunedModelDisplayName="More")
    assert second.outputs["model"] != first.outputs["model"]
    assert second.outputs["modelVersion"] == "1"


def test_the_same_declaration_adopts_the_job_under_either_spelling_of_the_project(program: Program) -> None:
    _, first = program.trained()
    news = declared(program, first.outputs["versionedModel"])
    job = program.create("tuning_job", news, name="more")
    number = first.outputs["versionedModel"].split("/")[1]
    assert number.isdigit()
    news["preTunedModel"]["tunedModelName"] = news["preTunedModel"]["tunedModelName"].replace(
        number, program.settings.project
    )
    program.new_run()
    assert program.create("tuning_job", news, name="more").id == job.id


def test_a_read_of_a_continued_job_is_its_declaration(program: Program) -> None:
    _, first = program.trained()
    news = declared(program, first.outputs["versionedModel"])
    job = program.create("tuning_job", news, name="more")
    inputs = program.read("tuning_job", job, "more").outputs
    assert inputs["preTunedModel"] == {"tunedModelName": first.outputs["versionedModel"]}
    assert "baseModel" not in inputs


def test_preview_says_what_a_continued_job_starts_from_and_what_it_makes(program: Program) -> None:
    _, first = program.trained()
    program.new_run()
    found(program, declared(program, first.outputs["versionedModel"]))
    told = " ".join(program.lines)
    assert f"trains on from {first.outputs['versionedModel']} (gemini-3.5-flash), and adds a version to" in told


def test_a_parent_that_only_apply_knows_passes_and_preview_says_so(program: Program) -> None:
    checked = found(program, declared(program, UNKNOWN))
    assert [each for each in checked.findings if each.severity == "error"] == []
    assert "not checked until apply: the model that it trains on from" in " ".join(program.lines)


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        ({"baseModel": "gemini-3.5-flash"}, "base_model", "exclude each other"),
        ({"preTunedModel": None}, "base_model", "It is required but not set"),
        (
            {"preTunedModel": {"tunedModelName": "gemini-3.5-flash"}},
            "tuned_model_name",
            "is not the name of a tuned model",
        ),
        ({"preTunedModel": {"tunedModelName": "PARENT9"}}, "tuned_model_name", "There is no model"),
        ({"preTunedModel": {"tunedModelName": "PARENT", "checkpointId": "9"}}, "checkpoint_id", "no checkpoint '9'"),
        ({"location": "asia-east1"}, "location", "cannot be tuned in asia-east1"),
        (
            {
                "supervisedTuningSpec": {
                    "trainingDatasetUri": "gs://shop-data/a.jsonl",
                    "hyperParameters": {"adapterSize": 32},
                }
            },
            "adapter_size",
            "gemini-3.5-flash",
        ),
    ],
)
def test_what_a_continued_job_cannot_do_is_refused_at_preview(
    program: Program, changes: dict[str, Any], path: str, says: str
) -> None:
    _, first = program.trained()
    parent = first.outputs["versionedModel"]
    program.new_run()
    news = {**declared(program, parent), **changes}
    named = (news.get("preTunedModel") or {}).get("tunedModelName", "")
    if named.startswith("PARENT"):
        news["preTunedModel"]["tunedModelName"] = named.replace("PARENT", parent)
    news = {key: value for key, value in news.items() if value is not None}
    errors = [each for each in found(program, news).findings if each.severity == "error"]
    assert any(path in str(each.path) and says in str(each) for each in errors), [str(each) for each in errors]


def models_in_audit(program: Program, *held: tuple[str, str, Current]) -> list[Item]:
    """The models that the audit of a state with these entries finds."""
    entries = [
        {"type": f"{TYPE}:{TYPES[kind]}", "urn": urn(TYPES[kind], name), "id": each.id, "outputs": each.outputs}
        for kind, name, each in held
    ]
    state = read_state({"deployment": {"resources": entries}}, project="shop", stack="dev")
    listed = list_things(program.google, shipped(), state.places, [])
    return [each for each in audit_of([state], listed, shipped()).items if each.what == "model"]


def test_an_audit_names_a_version_that_no_entry_has_and_deletes_only_that_one(program: Program) -> None:
    job, first = program.trained()
    second = trained_on(program, first, "more")
    of_second = ("tuned_model", "more", second)
    items = models_in_audit(program, ("tuning_job", "bot", job), ("tuned_model", "bot", first), of_second)
    assert items == []
    items = models_in_audit(program, ("tuning_job", "bot", job), ("tuned_model", "bot", first))
    assert [(each.name, each.why) for each in items] == [(second.outputs["versionedModel"], "orphan")]
    program.new_run()
    remove_item(program.call("tuned_model", "more"), replace(items[0], blocked=None))
    assert (is_there(program, first), is_there(program, second)) == (True, False)


def test_a_list_of_models_has_each_version_with_its_own_job(program: Program) -> None:
    job, first = program.trained()
    trained_on(program, first, "more")
    connection = Connection(program.settings, program.google, program.clock)
    found = {each.name.partition("@")[2]: each for each in list_models(connection=connection).models}
    assert sorted(found) == ["1", "2"]
    assert found["1"].job_id == job.id.rpartition("/")[2] != found["2"].job_id
    assert not set(found["1"].endpoints) & set(found["2"].endpoints)


def test_a_model_has_the_metrics_of_its_training(program: Program) -> None:
    job, first = program.trained()
    loss = first.outputs["metrics"]["trainTotalLoss"]
    assert loss["final"] <= loss["first"]
    assert loss["best"] <= loss["final"]
    assert "evalTotalLoss" not in first.outputs["metrics"]
    assert first.outputs["experiment"] == program.read("tuning_job", job).outputs["experiment"]
    assert program.read("tuned_model", first).outputs["metrics"] == first.outputs["metrics"]


def test_a_model_has_the_estimate_of_its_job_beside_what_the_training_cost(program: Program) -> None:
    job, first = program.trained()
    usage = first.outputs["usage"]
    assert usage["estimatedUsd"] == job.outputs["estimatedUsd"]
    assert usage["estimatedUsd"] == pytest.approx(usage["trainingUsd"], rel=0.5)
    assert program.read("tuning_job", job).outputs["estimatedUsd"] == job.outputs["estimatedUsd"]


def test_a_model_that_a_later_run_takes_over_has_the_estimate_of_its_job(program: Program) -> None:
    job = program.job()
    program.new_run()
    program.diff("tuning_job", job, {key: job.outputs[key] for key in job.inputs or ()})
    model = program.create("tuned_model", {"tuningJob": job.id})
    assert model.outputs["usage"]["estimatedUsd"] == job.outputs["estimatedUsd"]


def test_a_parent_that_may_be_replaced_shows_the_job_as_uncertain_and_cancels_nothing(program: Program) -> None:
    _, first = program.trained()
    news = declared(program, first.outputs["versionedModel"])
    job = program.create("tuning_job", news, name="more")
    inputs = program.inputs("tuning_job", {**news, "preTunedModel": {"tunedModelName": UNKNOWN}}, job.outputs, "more")
    difference = program.diff("tuning_job", job, inputs, "more")
    assert (difference.changed, list(difference.replaces), difference.delete_before_replace) == (None, [], False)


def test_another_checkpoint_of_the_parent_is_another_job(program: Program) -> None:
    _, first = program.trained()
    news = declared(program, first.outputs["versionedModel"])
    job = program.create("tuning_job", news, name="more")
    parent = {"tunedModelName": first.outputs["versionedModel"], "checkpointId": 1.0}
    inputs = program.inputs("tuning_job", {**news, "preTunedModel": parent}, job.outputs, "more")
    assert program.diff("tuning_job", job, inputs, "more").replaces == ["preTunedModel"]


def test_if_all_versions_had_the_same_labels_a_delete_would_leave_those_of_others(program: Program) -> None:
    _, first = program.trained()
    older = trained_on(program, first, "more")
    newer = trained_on(program, first, "more", retry="2")
    program.new_run()
    program.delete("tuned_model", older, "more")
    vertex = program.google.vertex("us")
    shared = vertex.get_model(older.outputs["versionedModel"])["labels"]
    for each in (first, older, newer):
        vertex.patch_model(each.outputs["versionedModel"], {"labels": shared}, ["labels"])
    program.new_run()
    program.delete("tuned_model", newer, "more")
    assert (is_there(program, first), is_there(program, newer)) == (True, False)


@pytest.mark.parametrize("name", ["known", UNKNOWN])
def test_a_checkpoint_that_only_apply_knows_passes_preview_and_is_trained_on(program: Program, name: object) -> None:
    """As ``model.checkpoints[0].checkpoint_id`` of a TunedModel of the same ``up``."""
    _, first = program.trained()
    parent = first.outputs["versionedModel"]
    news = declared(program, parent if name == "known" else name)
    news["preTunedModel"]["checkpointId"] = UNKNOWN
    assert [str(each) for each in found(program, news).findings] == []
    checkpoint = first.outputs["checkpoints"][0]["checkpointId"]
    news["preTunedModel"] = {"tunedModelName": parent, "checkpointId": checkpoint}
    job = program.create("tuning_job", news, name="more")
    live = program.google.vertex_of(job.id).tuning_jobs.get(job.id)
    assert live["preTunedModel"]["checkpointId"] == checkpoint


def test_a_checkpoint_that_turns_out_not_to_exist_is_refused_before_anything_is_submitted(program: Program) -> None:
    _, first = program.trained()
    news = declared(program, first.outputs["versionedModel"])
    news["preTunedModel"]["checkpointId"] = UNKNOWN
    assert [str(each) for each in found(program, news).findings] == []
    news["preTunedModel"]["checkpointId"] = "9"
    inputs = {**found(program, news).inputs}
    with pytest.raises(Refused, match="no checkpoint '9'"):
        lifecycle_of("tuning_job").create(program.call("tuning_job", "more"), inputs)
