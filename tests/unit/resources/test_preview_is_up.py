"""Preview says what up does: what comes from a replaced resource is replaced, what comes from an updated one stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Current, Difference
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.jobs.estimates import Estimates
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import HandMadeVertex, SteppedClock
from support.previewed_program import KIND, OTHER_SPEC, Program, program_that_is_up


@pytest.fixture
def program() -> Program:
    return program_that_is_up()


def test_the_model_of_a_job_that_will_be_replaced_previews_as_replaced(program: Program) -> None:
    assert program.preview("TuningJob", **OTHER_SPEC).replaces == ["supervisedTuningSpec"]
    difference = program.preview("TunedModel", tuningJob=UNKNOWN)
    assert (difference.changed, list(difference.replaces)) == (None, ["tuningJob"])
    assert ("tuningJob",) in difference.paths


@pytest.mark.parametrize(
    ("given", "usd", "line"),
    [
        ({}, 0.1512, "trains a new model: about $0.15; the current one stays (keep_last 2)"),
        ({}, None, "trains a new model; the current one stays (keep_last 2)"),
        (
            {"onReplace": {"keepLast": 0}},
            12.9,
            "trains a new model: about $12.90; the current one is deleted after the new one is ready (keep_last 0)",
        ),
        (
            {"deletionPolicy": "ABANDON"},
            12.9,
            "trains a new model: about $12.90; the current one stays (deletion_policy ABANDON)",
        ),
    ],
)
def test_a_preview_says_once_what_a_new_model_costs_and_what_becomes_of_the_current_one(
    given: dict[str, Any], usd: float | None, line: str
) -> None:
    program = Program()
    job = program.submit("TuningJob")
    told = {"tuningJob": [program.urn("TuningJob")]}
    program.up("TunedModel", tuningJob=job.id, inputSources=told, **given)
    program.run = Run()
    program.preview("TuningJob", **OTHER_SPEC)
    program.run.of(Estimates).note(program.urn("TuningJob"), usd)
    program.desk.told.clear()
    program.preview("TunedModel", tuningJob=UNKNOWN)
    assert program.desk.told == [line]


def test_a_preview_of_a_model_whose_job_stays_says_nothing_of_it(program: Program) -> None:
    program.preview("TuningJob", description="better")
    program.desk.told.clear()
    program.preview("TunedModel", tuningJob=UNKNOWN)
    assert program.desk.told == []


def test_the_deployment_of_a_model_that_will_be_replaced_previews_as_replaced(program: Program) -> None:
    program.preview("TuningJob", retry="2")
    program.preview("TunedModel", tuningJob=UNKNOWN)
    assert list(program.preview("ModelDeployment", model=UNKNOWN).replaces) == ["model"]


def test_the_deployment_on_an_endpoint_that_will_be_replaced_previews_as_replaced(program: Program) -> None:
    program.preview("Endpoint", location="eu")
    assert list(program.preview("ModelDeployment", endpoint=UNKNOWN).replaces) == ["endpoint"]


def moved_without_its_job(retry: str | None) -> Difference:
    """The preview of a model whose job is new in this stack, as after ``pulumi state move`` of the model alone."""
    program = program_that_is_up()
    job = lifecycle_of("tuning_job")
    news = {**(program.made["TuningJob"].inputs or {}), **({"retry": retry} if retry else {})}
    program.desk.google.facts.clear()  # another process has listed nothing yet
    job.check(program.call("TuningJob"), {}, news)
    return program.preview("TunedModel", tuningJob=UNKNOWN, inputSources={"tuningJob": [program.urn("TuningJob")]})


def test_the_model_of_a_job_that_will_be_created_previews_as_replaced() -> None:
    assert list(moved_without_its_job(retry="2").replaces) == ["tuningJob"]


def test_the_model_of_a_job_that_will_be_adopted_again_stays() -> None:
    assert moved_without_its_job(retry=None).changed is False


def test_a_model_that_was_not_checked_in_this_process_is_not_said_to_be_replaced(program: Program) -> None:
    """Pulumi compares what depends on a job that is deleted first before the program declares it, during up too."""
    program.preview("TuningJob", **OTHER_SPEC)
    of_state = {**(program.made["TunedModel"].inputs or {}), "tuningJob": UNKNOWN}
    assert list(program.diff("TunedModel", of_state).replaces) == []


def test_a_model_that_now_comes_from_another_job_is_not_replaced_with_the_job_that_it_came_from(
    program: Program,
) -> None:
    """The program declares B and the model before A. Pulumi then compares the model's old inputs for A's sake."""
    of_state = {**(program.made["TunedModel"].inputs or {}), "tuningJob": UNKNOWN}
    other = program.submit("TuningJob B")
    program.run = Run()
    program.preview("TuningJob B")
    told = {"tuningJob": [program.urn("TuningJob B")]}
    assert list(program.preview("TunedModel", tuningJob=other.id, inputSources=told).replaces) == ["tuningJob"]
    program.preview("TuningJob", **OTHER_SPEC)
    assert list(program.diff("TunedModel", of_state).replaces) == []


def test_a_model_that_is_rewired_to_a_job_that_is_only_updated_is_a_maybe(program: Program) -> None:
    program.submit("TuningJob B")
    program.run = Run()
    program.preview("TuningJob", **OTHER_SPEC)
    program.preview("TuningJob B", description="better")
    told = {"tuningJob": [program.urn("TuningJob B")]}
    difference = program.preview("TunedModel", tuningJob=UNKNOWN, inputSources=told)
    assert (difference.changed, list(difference.replaces)) == (None, [])


@pytest.mark.parametrize("sources", [["TuningJob", "TuningJob B"], []])
def test_a_job_from_several_or_unseen_sources_is_a_maybe(program: Program, sources: list[str]) -> None:
    program.preview("TuningJob", **OTHER_SPEC)
    told = {"tuningJob": [program.urn(each) for each in sources]} if sources else None
    difference = program.preview("TunedModel", tuningJob=UNKNOWN, inputSources=told)
    assert (difference.changed, list(difference.replaces)) == (None, [])


def test_a_job_under_another_provider_is_a_maybe(program: Program) -> None:
    program.preview("TuningJob", **OTHER_SPEC)
    program.run = Run()  # another provider is another process
    difference = program.preview("TunedModel", tuningJob=UNKNOWN)
    assert (difference.changed, list(difference.replaces)) == (None, [])


def test_a_job_whose_replacement_adopts_another_one_replaces_its_model(program: Program) -> None:
    other = program.submit("TuningJob B").id
    assert program.preview("TuningJob", **OTHER_SPEC, adopt=other).becomes == {other}
    assert list(program.preview("TunedModel", tuningJob=UNKNOWN).replaces) == ["tuningJob"]


def reverted_program() -> Program:
    """``--target`` has retrained the job alone: the model of state is still that of the first job."""
    program = program_that_is_up()
    first = program.made["TuningJob"]
    program.submit("TuningJob", **OTHER_SPEC)
    program.made["TuningJob first"] = first
    program.run = Run()
    program.desk.google.facts.clear()  # another process has listed nothing yet
    return program


def going_back(program: Program) -> dict[str, Any]:
    """The spec of the first job."""
    return {"supervisedTuningSpec": (program.made["TuningJob first"].inputs or {})["supervisedTuningSpec"]}


def test_a_model_stays_if_its_job_will_be_replaced_by_the_one_that_it_was_made_from() -> None:
    program = reverted_program()
    difference = program.preview("TuningJob", **going_back(program))
    assert difference.becomes == {program.made["TuningJob first"].id}
    assert program.preview("TunedModel", tuningJob=UNKNOWN).changed is False
    assert program.preview("ModelDeployment", model=UNKNOWN).changed is False


def test_a_job_that_goes_back_to_an_earlier_one_is_not_refused_by_what_a_new_one_would_cost() -> None:
    program = reverted_program()
    frame, job = lifecycle_of("tuning_job"), program.made["TuningJob"]
    news = {**(job.inputs or {}), **going_back(program), "maxCost": 0.0}
    found = frame.check(program.call("TuningJob"), job.inputs or {}, news)
    assert [each for each in found.findings if each.severity == "error"] == []
    assert frame.create(program.call("TuningJob"), found.inputs).id == program.made["TuningJob first"].id


def test_a_model_is_replaced_if_its_job_goes_back_to_another_than_it_was_made_from() -> None:
    program = reverted_program()
    program.made["TunedModel"] = program.up("TunedModel", tuningJob=program.made["TuningJob"].id)
    program.run = Run()
    program.preview("TuningJob", **going_back(program))
    told = {"tuningJob": [program.urn("TuningJob")]}
    assert list(program.preview("TunedModel", tuningJob=UNKNOWN, inputSources=told).replaces) == ["tuningJob"]


def test_a_deployment_stays_if_its_model_will_be_replaced_by_the_one_that_it_serves() -> None:
    program = reverted_program()
    program.made["TunedModel"] = program.up("TunedModel", tuningJob=program.made["TuningJob"].id)
    program.run = Run()
    difference = program.preview("TunedModel", tuningJob=program.made["TuningJob first"].id)
    assert (list(difference.replaces), program.preview("ModelDeployment", model=UNKNOWN).changed) == (
        ["tuningJob"],
        False,
    )


def test_a_job_whose_earlier_one_has_no_model_any_more_is_not_expected_to_adopt_it() -> None:
    program = reverted_program()
    program.desk.google.models.pop(program.made["TunedModel"].outputs["model"])
    assert program.preview("TuningJob", **going_back(program)).becomes == frozenset()
    assert list(program.preview("TunedModel", tuningJob=UNKNOWN).replaces) == ["tuningJob"]


def test_what_a_job_will_adopt_is_not_known_if_its_jobs_cannot_be_listed() -> None:
    program = reverted_program()
    program.desk.google.down = ApiError("sorry", http_status=403, status="PERMISSION_DENIED")
    assert program.preview("TuningJob", **going_back(program)).becomes == frozenset()


def test_a_job_that_may_be_replaced_leaves_its_model_a_maybe(program: Program) -> None:
    program.preview("TuningJob", supervisedTuningSpec=UNKNOWN)
    difference = program.preview("TunedModel", tuningJob=UNKNOWN)
    assert (difference.changed, list(difference.replaces)) == (None, [])


def test_a_changed_label_of_a_model_is_no_update_of_its_deployment(program: Program) -> None:
    assert program.preview("TunedModel", labels={"team": "care"}).changed is None
    difference = program.preview("ModelDeployment", model=UNKNOWN)
    assert (difference.changed, list(difference.paths)) == (False, [])


def test_an_updated_job_whose_name_the_model_is_given_is_no_update_of_the_model(program: Program) -> None:
    program.preview("TuningJob", description="better")
    assert program.preview("TunedModel", tuningJob=UNKNOWN).changed is False


def test_a_model_that_may_be_another_one_leaves_its_deployment_a_maybe(program: Program) -> None:
    program.preview("TunedModel", tuningJob=UNKNOWN)
    assert program.preview("ModelDeployment", model=UNKNOWN).changed is None


# What changes nothing


class CrowdedClock(SteppedClock):
    """While somebody waits for the first time, others come."""

    def __init__(self, others: Callable[[], object]) -> None:
        super().__init__()
        self.others = [others]

    def sleep(self, seconds: float, cancelled: Callable[[], bool]) -> None:
        super().sleep(seconds, cancelled)
        while self.others:
            self.others.pop()()


def test_a_changed_label_of_submitted_jobs_is_no_step_and_one_line_of_the_run_counts_them(program: Program) -> None:
    names = [f"TuningJob {letter}" for letter in "ABCDEFG"]
    for name in names:
        program.submit(name)
    program.run = Run()
    told, found = list[str](), list[Difference]()

    def compare(at: str, clock: SteppedClock | None = None) -> None:
        call = replace(program.call(at), tell=told.append, clock=clock or program.desk.clock)
        made, frame = program.made[at], lifecycle_of("tuning_job")
        found.append(frame.diff(call, made.id, made.outputs, program.check(at, labels={"a": "b"})))

    def others() -> None:
        for each in names[1:6]:
            compare(each)

    compare(names[0], CrowdedClock(others))
    compare(names[6])
    assert [each.changed for each in found] == [False] * 7
    assert [line.partition(":")[0] for line in told] == [
        "6 submitted jobs keep older labels ('A', 'B', 'C', 'D', 'E' and 1 more)",
        "1 more submitted job keeps older labels ('G')",
    ]


def test_a_changed_default_label_of_a_submitted_job_is_no_step(program: Program) -> None:
    news = {**program.check("TuningJob"), "pulumiLabels": {"env": "prod"}}
    assert program.diff("TuningJob", news).changed is False


# What was changed by hand


def refreshed(program: Program, at: str = "TunedModel") -> tuple[Current, Difference]:
    """What refresh reads, and what it then shows: the comparison of what it read with the inputs of state."""
    frame, made = lifecycle_of(KIND[at.partition(" ")[0]]), program.made[at]
    read = frame.read(program.call(at), made.id, made.outputs)
    assert read is not None
    shown = frame.diff(program.call(at), made.id, read.outputs, made.inputs or {})
    program.made[at] = replace(read, inputs=read.inputs or made.inputs)
    program.run = Run()
    return read, shown


@pytest.mark.parametrize("way", ["deleted", "undeployed"])
def test_refresh_shows_an_endpoint_that_was_taken_away_by_hand(program: Program, way: str) -> None:
    endpoint = program.made["TunedModel"].outputs["endpoint"]
    if way == "deleted":
        del program.desk.google.endpoints[endpoint]
    else:
        program.desk.google.endpoints[endpoint]["deployedModels"] = []
    read, shown = refreshed(program)
    assert "endpoint" not in read.outputs
    assert (shown.changed, list(shown.paths)) == (True, [("endpoint",)])
    assert refreshed(program)[1].changed is False


def test_preview_warns_of_a_model_that_nothing_serves_and_says_how_to_serve_it_again(program: Program) -> None:
    program.desk.google.endpoints.pop(program.made["TunedModel"].outputs["endpoint"])
    refreshed(program)
    assert program.preview("TunedModel").changed is False
    (warning,) = program.desk.warnings
    assert "Nothing serves the model" in warning
    assert "declare an Endpoint and a ModelDeployment" in warning


def test_an_endpoint_that_nobody_may_read_is_not_taken_for_gone(program: Program) -> None:
    class Forbidden(HandMadeVertex):
        def get_endpoint(self, name: str) -> dict[str, Any]:
            raise ApiError("no", http_status=403, status="PERMISSION_DENIED")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program.desk.google, "vertex_of", lambda name: Forbidden(program.desk.google, name.split("/")[3]))
        read, shown = refreshed(program)
    assert read.outputs["endpoint"] == program.made["TunedModel"].outputs["endpoint"]
    assert shown.changed is False


def test_an_update_does_not_bring_back_the_name_of_an_endpoint_that_is_gone(program: Program) -> None:
    program.desk.google.endpoints.pop(program.made["TunedModel"].outputs["endpoint"])
    refreshed(program)
    made = program.made["TunedModel"]
    news = program.check("TunedModel", labels={"team": "care"})
    updated = lifecycle_of("tuned_model").update(program.call("TunedModel"), made.id, made.outputs, news)
    assert "endpoint" not in updated.outputs


def test_refresh_after_an_edit_in_the_console_invents_no_input(program: Program) -> None:
    made, frame = program.made["TunedModel"], lifecycle_of("tuned_model")
    model = program.desk.google.models[made.outputs["model"]]
    model["labels"] = {**model["labels"], "team": "care"}
    model["defaultCheckpointId"] = "1"
    declared = {**(made.inputs or {}), "labels": {"team": "shop"}, "pulumiLabels": {"team": "shop"}}
    read = frame.read(replace(program.call("TunedModel"), declared=declared), made.id, {**made.outputs, **declared})
    assert read is not None
    assert read.inputs == {**declared, "labels": {"team": "care"}, "pulumiLabels": {"team": "care"}}
    assert read.outputs["defaultCheckpointId"] == "1"


def test_refresh_writes_what_the_console_made_of_a_declared_checkpoint(program: Program) -> None:
    made, frame = program.made["TunedModel"], lifecycle_of("tuned_model")
    program.desk.google.models[made.outputs["model"]]["defaultCheckpointId"] = "1"
    declared = {**(made.inputs or {}), "defaultCheckpointId": "2"}
    read = frame.read(replace(program.call("TunedModel"), declared=declared), made.id, made.outputs)
    assert read is not None
    assert read.inputs == {**declared, "defaultCheckpointId": "1"}
