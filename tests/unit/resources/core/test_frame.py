"""What the frame does around any resource; ``test_every_resource.py`` tries its rules on each one that is registered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import Failed, Finding, NotFound, Refused, Unfinished
from pulumi_gcp_tuning.resources.core.frame import Frame
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current, Difference, Judged, Properties
from pulumi_gcp_tuning.resources.core.outputs import Outputs
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.core.told import CommonTold
from pulumi_gcp_tuning.resources.core.traits import Traits
from pulumi_gcp_tuning.resources.registry import registered
from support.findings import finding_of, printed_of
from support.hand_made_google import Desk, urn

JOB = "projects/shop-dev/locations/us-central1/tuningJobs/1"
VERBS = ("check", "diff", "create", "read", "update", "delete")
OTHER = "projects/shop-dev/locations/us-central1/tuningJobs/2"


class ThingArgs(CommonArgs):
    """What a program declares."""

    id: str | None = None
    size: int | None = None
    replace: bool | None = None
    unfinished: bool | None = None


class Thing:
    """A resource that is replaced where ``replace`` says so, and whose id is the input ``id``."""

    Args, Told, State = ThingArgs, CommonTold, Outputs
    RULES = ()

    def __init__(self, *, shared: bool = False) -> None:
        self.TRAITS = Traits(noun="thing", costs="It costs nothing.", shared=shared)
        self.deleted: list[str] = []
        self.made: list[str] = []
        self.judged: list[tuple[bool, bool]] = []
        self.findings: list[Finding] = []
        self.gone = False

    def submits(self, olds: Properties, inputs: Properties) -> bool:
        return not olds

    def judge(
        self,
        call: Call,
        args: ThingArgs,
        told: CommonTold,
        olds: Properties,
        inputs: Properties,
        *,
        ask: bool,
        creating: bool,
    ) -> Judged:
        self.judged.append((ask, creating))
        return Judged(findings=self.findings)

    def changes(self, call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
        if not news.get("replace"):
            return Difference(changed=False)
        return Difference(changed=None, replaces=["size"], delete_before_replace=bool(news.get("first")))

    def make(self, call: Call, args: ThingArgs, told: CommonTold, inputs: Properties) -> Current:
        self.made.append(str(args.id))
        if args.unfinished:
            raise Unfinished("The wait ended early.", id=str(args.id), outputs=inputs)
        return Current(id=str(args.id), outputs=inputs)

    def look(self, call: Call, id: str, outputs: Properties) -> Current | None:  # noqa: A002
        if self.gone:
            raise NotFound("gone", http_status=404, status="NOT_FOUND")
        return Current(id=id, outputs=outputs)

    def patch(self, call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
        return Current(id=id, outputs=news)

    def remove(self, call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
        if self.gone:
            raise NotFound("gone", http_status=404, status="NOT_FOUND")
        self.deleted.append(id)


class Engine:
    """One run: what the engine asks of every kind, in its order."""

    def __init__(self, kind: str, *, shared: bool = False) -> None:
        self.thing, self.desk, self.run, self.told = Thing(shared=shared), Desk(), Run(), list[str]()
        self.frame = Frame(kind, self.thing)

    def call(self, name: str) -> Call:
        return self.desk.call("Thing", name, run=self.run, tell=self.told.append)

    def keep(self, name: str, id: str, **news: Any) -> None:  # noqa: A002
        """The program declares it: check, then diff."""
        self.frame.check(self.call(name), {}, news)
        self.compare(name, id, **news)

    def compare(self, name: str, id: str, **news: Any) -> None:  # noqa: A002
        self.frame.diff(self.call(name), id, {"resourceUrn": urn("Thing", name)}, news)

    def create(self, name: str, id: str, **more: Any) -> None:  # noqa: A002
        self.frame.create(self.call(name), {"id": id, "resourceUrn": urn("Thing", name), **more})

    def delete(self, name: str, id: str, **outputs: Any) -> list[str]:  # noqa: A002
        """What was deleted so far, after this delete too."""
        self.frame.delete(self.call(name), id, {"resourceUrn": urn("Thing", name), **outputs})
        return self.thing.deleted


@pytest.fixture
def engine() -> Engine:
    return Engine("tuning_job")


def test_a_pending_delete_of_what_diff_left_in_place_touches_nothing(engine: Engine) -> None:
    engine.keep("a", JOB)
    assert engine.delete("a", JOB) == []
    assert engine.told == [
        f"{JOB} is not deleted, because 'a' still uses it. Its older entry is removed from the state."
    ]


def test_a_delete_of_what_create_adopted_touches_nothing(engine: Engine) -> None:
    engine.keep("a", JOB, replace=True)
    engine.create("a", JOB)
    assert engine.delete("a", JOB) == []


def test_a_delete_of_what_an_unfinished_create_holds_touches_nothing(engine: Engine) -> None:
    with pytest.raises(Unfinished):
        engine.create("a", JOB, unfinished=True)
    assert engine.delete("a", JOB) == []


def test_what_a_replacement_left_behind_is_deleted(engine: Engine) -> None:
    engine.keep("a", JOB, replace=True)
    engine.create("a", OTHER)
    assert engine.delete("a", JOB) == [JOB]


def test_what_has_to_go_before_its_replacement_is_deleted(engine: Engine) -> None:
    engine.keep("a", JOB, replace=True, first=True)
    assert engine.delete("a", JOB) == [JOB]


def test_what_an_option_deletes_before_its_replacement_is_refused(engine: Engine) -> None:
    engine.keep("a", JOB, replace=True)
    with pytest.raises(Refused, match=r"delete_before_replace would delete it before its replacement exists"):
        engine.delete("a", JOB)
    assert engine.thing.deleted == []


def test_what_nobody_compared_because_of_an_option_is_not_deleted_before_its_replacement(engine: Engine) -> None:
    engine.frame.check(engine.call("a"), {}, {})
    with pytest.raises(Refused, match=r"delete_before_replace"):
        engine.delete("a", JOB)


def test_what_a_failed_create_was_to_replace_stays_the_current_one(engine: Engine) -> None:
    engine.keep("a", JOB, replace=True)
    engine.thing.findings = [finding_of(("size",), "It is too large.", "Make it smaller.")]
    with pytest.raises(Refused):
        engine.create("a", OTHER)
    assert engine.delete("a", JOB) == []


def fail(engine: Engine, name: str, id: str) -> None:  # noqa: A002
    engine.thing.findings = [finding_of(("size",), "It is too large.", "Make it smaller.")]
    with pytest.raises(Refused):
        engine.create(name, id)
    engine.thing.findings = []


def test_after_a_failure_nothing_is_deleted_that_another_entry_may_still_use(engine: Engine) -> None:
    engine.keep("b", OTHER, replace=True)
    engine.create("b", OTHER + "0")
    fail(engine, "c", OTHER + "1")
    for name, id in (("a", JOB), ("b", OTHER)):  # noqa: A001  # one is not declared as far as we know, one is replaced
        with pytest.raises(Failed, match="another resource failed in this run"):
            engine.delete(name, id)
    assert engine.thing.deleted == []


def test_after_a_create_that_has_not_ended_nothing_is_deleted(engine: Engine) -> None:
    with pytest.raises(Unfinished):
        engine.create("b", OTHER, unfinished=True)
    with pytest.raises(Failed, match="another resource failed in this run"):
        engine.delete("a", JOB)


def test_a_failure_does_not_keep_what_goes_before_its_replacement(engine: Engine) -> None:
    fail(engine, "c", OTHER)
    engine.keep("a", JOB, replace=True, first=True)
    assert engine.delete("a", JOB) == [JOB]


def test_a_failed_delete_does_not_keep_the_others(engine: Engine) -> None:
    with pytest.raises(Refused):
        engine.delete("b", OTHER, deletionPolicy="PREVENT")
    assert engine.delete("a", JOB) == [JOB]


@pytest.mark.parametrize(("asked", "held"), [("", True), ("@1", True), ("@default", True), ("@2", False)])
def test_a_held_first_version_holds_the_whole_model_but_no_later_version(asked: str, held: bool) -> None:  # noqa: FBT001
    holdings, model = Holdings(), "projects/shop-dev/locations/us/models/1"
    holdings.hold("tuned_model", urn("TunedModel"), JOB, {"versionedModel": f"{model}@1"})
    assert holdings.names(model + asked) is held


@pytest.mark.parametrize(("asked", "held"), [("", True), ("@2", True), ("@1", False), ("@3", False)])
def test_a_held_later_version_holds_the_whole_model_but_no_other_version(asked: str, held: bool) -> None:  # noqa: FBT001
    holdings, model = Holdings(), "projects/shop-dev/locations/us/models/1"
    holdings.hold("tuned_model", urn("TunedModel"), JOB, {"versionedModel": f"{model}@2"})
    assert holdings.names(model + asked) is held


def test_what_the_program_no_longer_declares_is_deleted_although_a_refresh_compared_it(engine: Engine) -> None:
    engine.compare("a", JOB)
    assert engine.delete("a", JOB) == [JOB]


def test_what_another_entry_uses_is_not_deleted(engine: Engine) -> None:
    engine.keep("b", JOB)
    assert engine.delete("a", JOB) == []
    assert "'b' still uses it" in engine.told[0]


def test_the_number_of_a_project_is_taken_for_its_id(engine: Engine) -> None:
    engine.keep("a", JOB)
    assert engine.delete("a", JOB.replace("shop-dev", "123456789012")) == []


def test_the_same_id_in_another_project_is_another_thing(engine: Engine) -> None:
    engine.keep("a", JOB)
    other = JOB.replace("shop-dev", "shop-prod")
    assert engine.delete("a", other) == [other]


def test_a_kind_holds_nothing_for_another_kind() -> None:
    jobs, models = Engine("tuning_job"), Engine("tuned_model")
    models.run = jobs.run
    jobs.keep("a", JOB)
    assert models.delete("a", JOB) == [JOB]


def test_what_is_shared_is_given_up_by_each_of_its_users() -> None:
    engine = Engine("tuning_dataset", shared=True)
    engine.keep("b", "gs://shop/1.jsonl")
    assert engine.delete("a", "gs://shop/1.jsonl") == ["gs://shop/1.jsonl"]
    assert engine.run.of(Holdings).names("gs://shop/1.jsonl")


def test_a_share_of_ones_own_is_kept() -> None:
    engine = Engine("tuning_dataset", shared=True)
    engine.keep("a", "gs://shop/1.jsonl")
    assert engine.delete("a", "gs://shop/1.jsonl") == []


def test_after_a_cancel_nothing_new_starts(engine: Engine) -> None:
    call = replace(engine.call("a"), cancelled=lambda: True)
    for start in (
        lambda: engine.frame.create(call, {"id": JOB}),
        lambda: engine.frame.update(call, JOB, {}, {}),
        lambda: engine.frame.delete(call, JOB, {}),
    ):
        with pytest.raises(Refused, match="Not started"):
            start()
    assert (engine.thing.made, engine.thing.deleted, engine.thing.judged) == ([], [], [])


@pytest.mark.parametrize(
    "told", [{}, {"resourceUrn": urn("Thing")}, {"resourceUrn": urn("Thing"), "fromResources": []}]
)
def test_what_a_program_reads_by_its_id_and_is_not_there_is_an_error_that_names_it(told: Properties) -> None:
    engine = Engine("tuning_job")
    engine.thing.gone = True
    with pytest.raises(
        Refused, match=rf"^The tuning job {JOB} does not exist at http.*\nCheck the name, .*GCP_TUNING_BASE_URL"
    ):
        engine.frame.read(engine.call("a"), JOB, told)


def test_all_findings_come_at_once(engine: Engine) -> None:
    engine.thing.findings = [finding_of(("size",), "It is too large.", "Make it smaller.")]
    checked = engine.frame.check(engine.call("a"), {}, {"size": "many", "colour": "red"})
    assert [finding.path for finding in printed_of(checked.findings)] == ["size", "colour", "size"]


def test_where_nothing_would_be_made_google_is_not_asked_and_findings_are_warnings(engine: Engine) -> None:
    engine.thing.findings = [finding_of(("size",), "Retired.", "Wait.", check="retirement")]
    new = engine.frame.check(engine.call("a"), {}, {})
    old = engine.frame.check(engine.call("a"), {"id": JOB}, {})
    assert engine.thing.judged == [(True, False), (False, False)]
    assert [finding.severity for finding in (*new.findings, *old.findings)] == ["error", "warn"]


def test_create_judges_again_and_makes_nothing_where_something_is_wrong(engine: Engine) -> None:
    engine.thing.findings = [finding_of(("size",), "It is too large.", "Make it smaller.")]
    with pytest.raises(Refused, match=r"The thing 'a' is refused.*\n- size: It is too large"):
        engine.create("a", JOB)
    assert (engine.thing.judged, engine.thing.made) == ([(True, True)], [])


def test_gone_is_what_the_api_that_made_it_says(engine: Engine) -> None:
    engine.thing.gone = True
    call = engine.call("a")
    assert engine.frame.read(call, JOB, {"apiOrigin": call.settings.api_origin}) is None
    engine.frame.delete(call, JOB, {"apiOrigin": call.settings.api_origin})


@pytest.mark.parametrize("frame", registered(), ids=lambda frame: frame.kind)
def test_no_resource_overrides_a_verb_of_the_frame(frame: Frame) -> None:
    taken = [verb for verb in VERBS if hasattr(frame.resource, verb)]
    assert taken == [], f"rename {', '.join(taken)} in resources/{frame.kind}.py: the frame alone has these verbs"


@pytest.mark.parametrize("frame", registered(), ids=lambda frame: frame.kind)
def test_every_resource_fills_in_inputs_as_a_pure_function(frame: Frame) -> None:
    inputs = {"bucket": "b", "source": "s"}
    once = frame.traits.fill_in(dict(inputs))
    assert frame.traits.fill_in(once) == once
    assert inputs == {"bucket": "b", "source": "s"}
