"""What differs between the kinds of billed jobs. Everything else in this package works with any kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Protocol

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.google.job_states import Collection, JobState
from pulumi_gcp_tuning.names import MalformedName
from pulumi_gcp_tuning.preflight.places import check_places_in_names
from pulumi_gcp_tuning.preflight.spelling import DECLARED, NAME
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs
from pulumi_gcp_tuning.resources.core.labels import RESERVED, effective_labels
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Place, Properties
from pulumi_gcp_tuning.resources.jobs.spec import differences, hash_of
from pulumi_gcp_tuning.wording import PropertyPath, advise, like, words

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue, Product
    from pulumi_gcp_tuning.google.protocols import JobsApi, VertexApi
    from pulumi_gcp_tuning.preflight.facts import Family

Job = Mapping[str, Any]
"""A job in Google's answer."""


class JobName(Protocol):
    """The name of a job, parsed."""

    @property
    def project(self) -> str:
        """The project's id or number."""
        ...

    @property
    def location(self) -> str:
        """The region."""
        ...


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """A kind of billed job.

    ``resource`` is the class that a program declares. ``product`` is its product in the catalogue. ``family`` is the
    quota that a job uses (None for a foreign job that uses none). ``listed`` are the fields kept of a listed job
    besides name, state, labels and create time. ``made`` is what a job made, in the shape of ``tunedModel``.
    ``progress`` returns the words that follow the state, ``error_of`` the reason for a failure. ``curves_at`` is where the
    training steps are: the URI of a file of JSON lines, or the name of a TensorBoard experiment; None if there are none.
    ``curves_come`` says when there are some.

    Two functions take the resource's ``Args``. ``read_spec`` normalises declared inputs, a request or an answer; the
    three compare equal if they mean the same. ``read_inputs`` is the declaration that describes a job, without its
    place and its labels. The service adds ``service_labels`` to those labels. ``chosen_id`` makes an id from identity
    and spec if Google accepts one. ``names_endpoint`` says whether a job always names the endpoint that it made,
    ``keeps_records`` that Google deletes no record.
    """

    resource: str
    collection: Collection
    product: Product
    parse_name: Callable[[str], JobName]
    calls: Callable[[VertexApi], JobsApi]
    family: Callable[[Job, Catalogue], Family | None]
    listed: tuple[str, ...]
    made: Callable[[Job], Mapping[str, Any]]
    progress: Callable[[Job], Sequence[str]]
    error_of: Callable[[Job], Mapping[str, Any]]
    curves_at: Callable[[Job], str | None]
    curves_come: str
    read_spec: Callable[[type[CommonArgs], Mapping[str, Any]], Properties]
    read_inputs: Callable[[type[CommonArgs], Job], Properties]
    service_labels: tuple[str, ...] = ()
    chosen_id: Callable[[str, str], str] | None = None
    names_endpoint: bool = True
    keeps_records: bool = True

    @property
    def noun(self) -> str:
        """The word for a job of this kind in messages."""
        return self.collection.noun

    def state_of(self, job: Job) -> JobState:
        """The state of the job."""
        return self.collection.state_of(job)

    def word_of(self, job: Job) -> str:
        """Google's word for the state, without the prefix that all states have."""
        return str(job.get("state") or "JOB_STATE_UNSPECIFIED").rpartition("_STATE_")[2]

    def at(self, call: Call, name: str) -> JobsApi:
        """The API calls for the location in a job's name or in ``projects/P/locations/L``. Raises MalformedName for any other text."""
        location = name.split("/")[3:4] or [self.parse_name(name).location]
        return self.calls(call.google.vertex(location[0]))

    def needs(self, verb: str) -> str:
        """The permission for a verb: ``aiplatform.tuningJobs.list``."""
        return f"aiplatform.{self.collection.name}.{verb}"

    def declared_by(self, args: type[CommonArgs]) -> DeclaredKind:
        """This kind, combined with the ``Args`` of the resource that declares it."""
        return DeclaredKind(**{each.name: getattr(self, each.name) for each in fields(self)}, args=args)


@dataclass(frozen=True, kw_only=True)
class DeclaredKind(JobKind):
    """A kind of billed job together with the ``Args`` that declare it, which define its spec and its inputs."""

    args: type[CommonArgs]

    def spec(self, body: Mapping[str, Any]) -> Properties:
        """The normalised spec of declared inputs, a request or an answer."""
        return self.read_spec(self.args, body)

    def spec_hash(self, body: Mapping[str, Any]) -> str:
        """The 32 hex digits in the label ``gcp-tuning-spec``."""
        return hash_of(self.spec(body))

    def differences(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[Place, Any, Any]]:
        """Where two specs certainly differ: (place, old, new). UNKNOWN in ``new`` never certainly differs."""
        return list(differences(self.spec(old), self.spec(new)))

    def inputs_of(self, job: Job) -> Properties:
        """The declaration that describes a job."""
        name = self.parse_name(job["name"])
        inputs = {"project": name.project, "location": name.location, "deletionPolicy": "DELETE"}
        inputs |= self.read_inputs(self.args, job)
        hidden = (*RESERVED, *self.service_labels)
        own = {key: value for key, value in effective_labels(job).items() if key not in hidden}
        return {**inputs, "labels": own, "pulumiLabels": own} if own else inputs


_OF_OTHERS: Final[Mapping[str, str]] = {
    "pipelineJobs": "It is a pipeline: a PipelineTuningJob adopts it, and a TunedModel takes its model over.",
    "tuningJobs": "It is a job of a TuningJob.",
    "tunedModels": "It is a model of the Gemini API: only a GeminiApiTunedModel has one.",
    "gs:": "Weights in a folder are served by a ModelDeployment with {artifacts}.",
}
"""Which resource has what is named in place of a job, by a part of the name."""


def check_job_name(call: Call, kind: JobKind, name: str | None, path: PropertyPath = ("tuning_job",)) -> list[Finding]:
    """The finding if the input is no name of a job of that kind, or of one in no region. Passes None."""
    try:
        if name is not None:
            kind.parse_name(name)
    except MalformedName as error:
        return [unreadable_name(kind, error, path)]
    return check_places_in_names({path: name}, catalogue_of(call.settings))


def unreadable_name(kind: JobKind, error: MalformedName, path: PropertyPath) -> Finding:
    """The finding about a text that is no name of a job of that kind. It says which resource has what is named instead."""
    problem = f"{error.text!r} is not the name of a {kind.noun}: {error.reason}."
    named = next((says for part, says in _OF_OTHERS.items() if part in error.text.split("/")), None)
    remedy = like(error.example)
    if named is not None:
        example = words("A {noun} looks like this: {example}", noun=kind.noun, example=error.example)
        remedy = advise("set a property", "{named} {example}", named=words(named), example=example)
    return NAME.finding(path, problem, remedy)


def check_project(project: str | None, name: JobName) -> list[Finding]:
    """The finding if ``project`` is given and the job is surely in another one: an id and a number may be of one project."""
    if project is None or project == name.project or project.isdigit() != name.project.isdigit():
        return []
    problem = f"The job is in project {name.project}, but the declaration says {project}."
    return [
        DECLARED.finding(
            ("project",), problem, advise("remove a property", "Remove {project}: it follows from the job.")
        )
    ]
