"""The effect of a new declaration: a changed spec, place or ``retry`` means another job, any other change only updates the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pulumi_gcp_tuning.errors import ApiError, Finding, NotFound, Refused
from pulumi_gcp_tuning.grammar import some_of
from pulumi_gcp_tuning.names import MalformedName, may_be_same_resource
from pulumi_gcp_tuning.preflight.change import ON_CHANGE
from pulumi_gcp_tuning.preflight.existing import JOB_EXISTS
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.preflight.spelling import DECLARED, NAME
from pulumi_gcp_tuning.resources.core.declared import called, doing, find_difference
from pulumi_gcp_tuning.resources.core.description import keys_of
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, known, property_path
from pulumi_gcp_tuning.resources.core.labels import SPEC
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Difference, Properties, is_known
from pulumi_gcp_tuning.resources.jobs.adoption import Wanted, choose, find_jobs, spec_is_known, wanted_at_preview
from pulumi_gcp_tuning.resources.jobs.earlier import say_what_runs
from pulumi_gcp_tuning.resources.jobs.estimates import kept_estimate
from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind, Job, JobKind, unreadable_name
from pulumi_gcp_tuning.resources.jobs.older_labels import tell_of_older_labels
from pulumi_gcp_tuning.resources.jobs.open_starts import with_start_folder
from pulumi_gcp_tuning.wording import advise, words

RULES: Final[Rules] = (NAME, ON_CHANGE, JOB_EXISTS)
"""The rules about the job named in ``adopt`` and of :func:`forbidden_changes`, besides those of the frame."""
_PLACE = ("project", "location", "retry")
_LABELS = ("labels", "pulumiLabels")


def would_submit(kind: DeclaredKind, olds: Properties, inputs: Properties) -> bool:
    """Whether this run would submit a job: a new one, or one with another spec, place or ``retry``."""
    adopts = inputs.get("adopt") not in (None, UNKNOWN)
    return not adopts and (not olds or bool(_replacing(kind, olds, inputs)))


def find_changes(
    call: Call,
    kind: DeclaredKind,
    args: type[CommonArgs],
    id: str,  # noqa: A002
    olds: Properties,
    news: Properties,
) -> Difference:
    """A changed spec, place or ``retry`` replaces. A change of any other input in ``args`` is an update that Google never sees.

    An entry whose ``adopt`` names its own job is never replaced. Raises Refused if that job has another spec. Also
    raises Refused if the entry's job has the spec that ``news`` declares and only the entry differs, because a
    replacement would pay for the job again.
    """
    kept_estimate(call, id, olds)
    if not spec_is_known(kind, news) and (wanted := wanted_at_preview(call, kind, news)) is not None:
        for line in say_what_runs(call, wanted, besides=[id]):
            call.tell(line)
    difference = find_difference(olds, news, _replacing(kind, olds, news), args)
    if not difference.replaces:
        return _without_labels(call, difference, news)
    if _names(news.get("adopt"), id):
        with doing(f"reading the {kind.noun} {id}"):
            job = kind.at(call, id).get(id)
        refuse_another_spec(call, kind, job, news)
        return replace(difference, replaces=[])
    _refuse_to_pay_again(call, kind, id, olds, news)
    spec = [place for place, _, _ in kind.differences(olds, news)]
    return replace(
        difference,
        paths=list(dict.fromkeys([*spec, *difference.paths])),
        delete_before_replace=_still_active(call, kind, id, olds),
        becomes=_adopted(call, news, wanted_at_preview(call, kind, news), id),
    )


def forbidden_changes(kind: DeclaredKind, olds: Properties, inputs: Properties) -> list[Finding]:
    """The findings of ``on_change="error"``. A changed ``retry`` asks for another job, so it is always allowed."""
    if not olds or inputs.get("onChange") != "error" or olds.get("retry") != inputs.get("retry"):
        return []
    return [
        ON_CHANGE.finding(
            property_path(place),
            words(
                "It changed from {old} to {new}, which would start another paid job; {on_change} is 'error'.",
                old=repr(old),
                new=repr(new),
            ),
            advise(
                "undo the change", "Undo the change, or set {on_change=replace} (or a new {retry}) to submit a new job."
            ),
        )
        for place, old, new in kind.differences(olds, inputs)
    ]


def find_reasons(call: Call, kind: DeclaredKind, olds: Properties, inputs: Properties) -> str:
    """The names of what changed if the inputs submit another job than the one in state; empty otherwise."""
    if not olds or not would_submit(kind, olds, inputs):
        return ""
    places = [place for place, _, _ in kind.differences(olds, inputs)]
    places += [(key,) for key in _replacing(kind, olds, inputs) if key not in {place[0] for place in places}]
    paths = [call.spelling.path(property_path(place)) for place in places]
    return some_of(paths, 3)


def check_adopt(kind: JobKind, args: Any) -> list[Finding]:
    """The findings of the rules that ``adopt`` names a job of this kind, in the declared place."""
    if known(args.adopt) is None:
        return []
    try:
        name = kind.parse_name(str(args.adopt))
    except MalformedName as error:
        return [unreadable_name(kind, error, ("adopt",))]
    if known(args.location) not in (None, name.location):
        problem = f"The job is in {name.location}, but the declaration says {args.location}."
        remedy = advise("set a property", "Set {location} to {place}.", place=name.location)
        return [DECLARED.finding(("adopt",), problem, remedy)]
    project = known(args.project)
    if project is not None and project.isdigit() == name.project.isdigit() and project != name.project:
        problem = f"The job is in project {name.project}, but the declaration says {project}."
        remedy = advise("set a property", "Set {project} to {id}.", id=name.project)
        return [DECLARED.finding(("adopt",), problem, remedy)]
    return []


def refuse_another_spec(call: Call, kind: DeclaredKind, job: Job, inputs: Properties) -> None:
    """Raises Refused if the job that ``adopt`` names does not have the declared spec."""
    found = kind.differences(job, inputs) and kind.differences(job, with_start_folder(call, inputs))
    if not found:
        return
    lines = [
        f"- {call.spelling.path(property_path(place))}: the job has {old!r}, the declaration has {new!r}"
        for place, old, new in found[:4]
    ]
    raise Refused(
        f"The {kind.noun} {job['name']} does not match the declaration:\n" + "\n".join(lines) + "\n"
        f"Change the declaration (`gcp-tuning adopt {job['name']}` prints the job's), or leave adopt out to submit a new job."
    )


def _names(adopt: object, id: str) -> bool:  # noqa: A002
    return isinstance(adopt, str) and may_be_same_resource(adopt, id)


def _refuse_to_pay_again(call: Call, kind: DeclaredKind, id: str, olds: Properties, news: Properties) -> None:  # noqa: A002
    """Raises Refused if the job has the declared spec and only the entry differs, for example after an import file was shortened."""
    changed = kind.differences(olds, news)
    is_known_spec = all(is_known(news.get(key)) for key in keys_of(kind.args, "spec"))
    if not changed or not is_known_spec or any(olds.get(key) != news.get(key) for key in _PLACE):
        return
    if not _was_submitted_for(call, kind, id, olds, news):
        return
    paths = ", ".join(call.spelling.path(property_path(place)) for place, _, _ in changed[:4])
    raise Refused(
        f"{called(call, news)!r} would be trained and paid for again, although {id} has the declared specification: "
        f"only its entry in the state differs, in {paths}.\n"
        f"Set adopt to {id!r} to keep this job; or set retry (any text) to submit a new one."
    )


def _was_submitted_for(call: Call, kind: DeclaredKind, id: str, olds: Properties, news: Properties) -> bool:  # noqa: A002
    label = (olds.get("effectiveLabels") or {}).get(SPEC)
    by_folder = with_start_folder(call, news)
    if label is not None:
        return label in (kind.spec_hash(news), kind.spec_hash(by_folder))
    try:
        with doing(f"reading the {kind.noun} {id}"):
            return not kind.differences(kind.at(call, id).get(id), by_folder)
    except NotFound:
        return False


def _without_labels(call: Call, difference: Difference, news: Properties) -> Difference:
    """Drops the update if only labels differ, because Google cannot change them. One line of the run says so."""
    if not difference.paths or any(place[0] not in _LABELS for place in difference.paths):
        return difference
    tell_of_older_labels(call, called(call, news))
    return replace(difference, changed=False)


def _replacing(kind: DeclaredKind, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    keys = list(dict.fromkeys(str(place[0]) for place, _, _ in kind.differences(olds, news)))
    return keys + [key for key in _PLACE if news.get(key) is not UNKNOWN and olds.get(key) != news.get(key)]


def _adopted(call: Call, news: Properties, wanted: Wanted | None, id: str) -> frozenset[str]:  # noqa: A002
    """The job that a replacement will adopt; empty if it submits one, or if that is not known before apply.

    Raises Refused if the create would be refused because of another job than this one.
    """
    if news.get("adopt") is not None:
        return frozenset({news["adopt"]} - {UNKNOWN})
    if wanted is None or not wanted.spec:
        return frozenset()
    try:
        found = choose(call, wanted, find_jobs(call, wanted, besides=[id]))
    except ApiError:
        return frozenset()
    return frozenset({str(found["name"])} if found else ())


def _still_active(call: Call, kind: JobKind, id: str, olds: Mapping[str, Any]) -> bool:  # noqa: A002
    """Whether the old job must be cancelled before the new one starts. Both at once would cost twice and need two slots."""
    if not kind.state_of(olds).is_active:
        return False
    try:
        return kind.state_of(kind.at(call, id).get(id)).is_active
    except ApiError:
        return False
