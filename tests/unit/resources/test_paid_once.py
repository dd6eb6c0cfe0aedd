"""An entry of the state that differs from the job at Google submits no second job for what that job was submitted for."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.resources.core.run import Run
from support.declared_tuning_job import TUNING_JOB, checked, created, declared, with_spec
from support.hand_made_google import Desk, HandMadeJobs, refused


@pytest.fixture
def desk() -> Desk:
    return Desk()


def imported(desk: Desk) -> tuple[str, dict[str, Any]]:
    """A running job that somebody else started, and an entry of it without its hyperparameters."""
    job = created(Desk(desk.google))
    desk.google.jobs[job.id]["labels"] = {}
    entry = deepcopy(job.outputs)
    entry["supervisedTuningSpec"].pop("hyperParameters")
    entry["effectiveLabels"] = {}
    return job.id, entry


def test_an_entry_that_lacks_a_part_of_the_spec_is_not_replaced_by_a_second_job(desk: Desk) -> None:
    name, entry = imported(desk)
    with pytest.raises(Refused) as found:
        TUNING_JOB.diff(desk.call(), name, entry, checked(desk, entry))
    said = str(found.value)
    assert said.startswith(f"'bot' would be trained and paid for again, although {name} has the declared specification")
    assert "supervised_tuning_spec.hyper_parameters" in said
    assert f"Set adopt to '{name}'" in said


def test_an_entry_of_ours_that_was_shortened_is_recognised_by_the_label_without_a_request(desk: Desk) -> None:
    job = created(desk)
    entry = deepcopy(job.outputs)
    entry["supervisedTuningSpec"].pop("hyperParameters")
    news = checked(desk, entry)
    desk.google.journal.clear()
    with pytest.raises(Refused, match="paid for again"):
        TUNING_JOB.diff(desk.call(), job.id, entry, news)
    assert desk.google.said("get_tuning_job") == []


def test_adopt_keeps_the_running_job_of_a_shortened_entry_and_completes_the_entry(desk: Desk) -> None:
    name, entry = imported(desk)
    news = checked(desk, entry, adopt=name)
    difference = TUNING_JOB.diff(desk.call(), name, entry, news)
    assert (difference.changed, list(difference.replaces), difference.delete_before_replace) == (None, [], False)
    updated = TUNING_JOB.update(desk.call(), name, entry, news)
    assert updated.outputs["supervisedTuningSpec"] == news["supervisedTuningSpec"]
    assert desk.google.said("cancel_tuning_job") == []


def test_another_spec_for_the_job_that_adopt_names_is_refused_at_preview_and_does_not_cancel_it(desk: Desk) -> None:
    theirs = created(Desk(desk.google))
    made = created(desk, adopt=theirs.id)
    other = with_spec(hyperParameters={"epochCount": 5.0, "adapterSize": 4.0})
    news = TUNING_JOB.check(desk.call(), made.outputs, {**other, "adopt": theirs.id}).inputs
    with pytest.raises(Refused, match=r"hyper_parameters.epoch_count: the job has 3, the declaration has 5"):
        TUNING_JOB.diff(desk.call(), made.id, made.outputs, news)


@pytest.mark.parametrize("changed", [{"retry": "again"}, {"baseModel": "gemini-3.1-flash-lite"}])
def test_a_new_retry_and_another_spec_replace_a_shortened_entry(desk: Desk, changed: dict[str, Any]) -> None:
    name, entry = imported(desk)
    assert TUNING_JOB.diff(desk.call(), name, entry, checked(desk, entry, **changed)).replaces


def test_a_shortened_entry_whose_job_is_gone_is_replaced(desk: Desk) -> None:
    name, entry = imported(desk)
    news = checked(desk, entry)
    del desk.google.jobs[name]
    assert TUNING_JOB.diff(desk.call(), name, entry, news).replaces


def test_a_shortened_entry_whose_job_cannot_be_read_is_not_replaced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, entry = imported(desk)
    news = checked(desk, entry)

    def denied(*_: object) -> None:
        raise refused("PERMISSION_DENIED")

    monkeypatch.setattr(HandMadeJobs, "get", denied)
    with pytest.raises(ApiError, match="reading the tuning job"):
        TUNING_JOB.diff(desk.call(), name, entry, news)


def test_a_preview_says_why_it_trains_again(desk: Desk) -> None:
    made = created(desk)
    desk.told.clear()
    TUNING_JOB.check(desk.call(), made.outputs, declared(retry="again"))
    assert [line.partition(" (")[0] for line in desk.told if "train" in line] == [
        "cost of the new training: about $0.07, $0.05 to $0.09"
    ]
    assert [line for line in desk.told if "retry" in line] == ["what changed: retry"]


def test_the_cost_of_a_retrain_is_one_line_although_pulumi_checks_a_replacement_twice(desk: Desk) -> None:
    made, run = created(desk), Run()
    desk.told.clear()
    inputs = TUNING_JOB.check(desk.call(run=run), made.outputs, declared(retry="again")).inputs
    TUNING_JOB.diff(desk.call(run=run), made.id, made.outputs, inputs)
    TUNING_JOB.check(desk.call(run=run), {}, inputs)
    assert len({line for line in desk.told if "$" in line}) == 1


def test_the_first_training_is_said_with_its_cost_and_nothing_changed(desk: Desk) -> None:
    TUNING_JOB.check(desk.call(), {}, declared())
    assert desk.told[0].startswith("trains a model: about $0.07, $0.05 to $0.09 (2,311 tokens")
    assert not [line for line in desk.told if "changed" in line]


def test_a_preview_of_a_revert_says_which_job_it_adopts_and_names_no_cost(desk: Desk) -> None:
    first = created(desk)
    desk.google.succeed(first.id)
    second = created(desk, retry="again")
    desk.clock.seconds += 3600
    desk.told.clear()
    TUNING_JOB.check(desk.call(run=Run()), second.outputs, declared())
    assert desk.told == [f"adopts {first.id}, which was submitted for this declaration; nothing is trained again"]


def test_a_preview_of_an_unchanged_job_says_nothing_of_training(desk: Desk) -> None:
    made = created(desk)
    desk.told.clear()
    TUNING_JOB.check(desk.call(), made.outputs, declared(description="better"))
    assert [line for line in desk.told if "trains" in line] == []
