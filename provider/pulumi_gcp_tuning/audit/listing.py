"""Lists what has our labels in some projects and locations at Google: jobs, models, endpoints, objects. It only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.audit.state import Thing, key_of
from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.names import GcsUri
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, effective_labels
from pulumi_gcp_tuning.resources.core.sharing import owners_in
from pulumi_gcp_tuning.resources.facts.checkpoints import checkpoint_folder
from pulumi_gcp_tuning.resources.gemini_api_tuned_model import OWN_PREFIX
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS
from pulumi_gcp_tuning.resources.models.removal import made_endpoints
from pulumi_gcp_tuning.resources.models.versions import versioned_name

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.google.protocols import GoogleApi, VertexApi
    from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind


@dataclass(kw_only=True)
class Listed:
    """What was found, each thing once, by :func:`key_of` its name. ``problems`` are places that could not be listed.

    ``checkpoints`` are the folders of open models, with the jobs of ours that wrote them. ``tuned`` are the models of the
    Gemini API that have an id of this package, ``weights`` the models of Model Garden that have one.
    """

    jobs: dict[str, tuple[JobKind, Job]] = field(default_factory=dict)
    models: dict[str, Thing] = field(default_factory=dict)
    endpoints: dict[str, Thing] = field(default_factory=dict)
    objects: dict[str, Thing] = field(default_factory=dict)
    checkpoints: dict[str, tuple[JobKind, Job]] = field(default_factory=dict)
    tuned: dict[str, Thing] = field(default_factory=dict)
    weights: dict[str, Thing] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @cached_property
    def makers(self) -> Mapping[str, tuple[JobKind, Job]]:
        """The job that made each model, by :func:`key_of` the model's name. Read it after everything is listed."""
        made = ((key_of(str(kind.made(job).get("model") or "")), (kind, job)) for kind, job in self.jobs.values())
        return {model: maker for model, maker in made if model}

    def maker_of(self, model: str) -> tuple[JobKind, Job] | None:
        """The job that made a model; None if no record names it."""
        return self.makers.get(key_of(model))

    def endpoints_of(self, model: Thing) -> list[str]:
        """The endpoints that were made for a model, as far as they exist: those that its job names, and those of its labels."""
        maker = self.maker_of(name_of(model))
        named = made_endpoints(maker[0].made(maker[1])) if maker else []
        identity = effective_labels(model).get(IDENTITY)
        serving = [str(each["endpoint"]) for each in model.get("deployedModels") or ()]
        own = [name for name in serving if effective_labels(self.endpoint(name)).get(IDENTITY) == identity]
        keys = dict.fromkeys(key_of(name) for name in (*named, *own))
        return [str(self.endpoints[key]["name"]) for key in keys if key in self.endpoints]

    def endpoint(self, name: str) -> Thing:
        """The endpoint of this name, ``{}`` if there is none."""
        return self.endpoints.get(key_of(name), {})


def list_things(
    google: GoogleApi,
    catalogue: Catalogue,
    places: Iterable[tuple[str, str]],
    folders: Iterable[tuple[str, str]],
    *,
    say: Callable[[str], None] = lambda _line: None,
) -> Listed:
    """What has our labels in these projects and locations, in the locations of their jobs' results, and in these buckets.

    A place that cannot be listed is added to ``problems``, and the rest is listed.
    """
    found = Listed()
    for project, location in with_results(catalogue, places):
        parent = f"projects/{project}/locations/{location}"
        say(f"listing {parent}")
        vertex = google.vertex(location)
        row = catalogue.regions.get(location)
        for kind in JOB_KINDS if row is None or row.kind == "region" else ():
            for job in _ours(
                found, f"the {kind.noun}s of {parent}", kind.needs("list"), kind.calls(vertex).list, parent
            ):
                found.jobs.setdefault(key_of(str(job["name"])), (kind, _whole(found, google, kind, job)))
        _list_models(found, f"the models of {parent}", vertex, parent)
        needs = "aiplatform.endpoints.list"
        for endpoint in _read(found, f"the endpoints of {parent}", needs, vertex.list_endpoints, parent):
            found.endpoints.setdefault(key_of(str(endpoint["name"])), endpoint)
    _list_later_versions(found, google)
    _list_checkpoints(found, google)
    for bucket, prefix in dict.fromkeys(folders):
        say(f"listing gs://{bucket}/{prefix}")
        needs = "storage.objects.list"
        for each in _read(found, f"the objects of gs://{bucket}", needs, google.storage.list_objects, bucket, prefix):
            if owners_in(each):
                found.objects.setdefault(f"gs://{bucket}/{each['name']}", each)
    return found


def list_tuned_models(found: Listed, google: GoogleApi, *, insist: bool) -> None:
    """Adds the tuned models of the Gemini API with ids of this package, which have no labels.

    Google has withdrawn this API: an answer that there is none is a problem only if ``insist``.
    """
    try:
        listed = [each for each in google.tuned_models.list() if str(each.get("name", "")).startswith(OWN_PREFIX)]
    except ApiError as error:
        if insist or not (isinstance(error, NotFound) or error.status == "UNIMPLEMENTED"):
            found.problems.append(
                _problem("the tuned models of the Gemini API", error, "an API key or a role on the project")
            )
        return
    found.tuned.update((str(each["name"]), each) for each in listed)


def name_of(model: Thing) -> str:
    """The name of a model, with its version if that is not the first."""
    return key_of(versioned_name(model))


def _list_models(found: Listed, what: str, vertex: VertexApi, parent: str) -> None:
    for model in _read(found, what, "aiplatform.models.list", vertex.list_models, parent):
        if IDENTITY in effective_labels(model):
            found.models.setdefault(key_of(name_of(model)), model)
        elif "/models/gcp-tuning-" in str(model["name"]):
            found.weights.setdefault(str(model["name"]), model)


def _list_later_versions(found: Listed, google: GoogleApi) -> None:
    """Adds the versions of models that Google's list leaves out: it shows the default version only."""
    for kind, job in list(found.jobs.values()):
        name = key_of(str(kind.made(job).get("model") or ""))
        if "@" not in name or name in found.models:
            continue
        try:
            model = google.vertex_of(name).get_model(name)
        except NotFound:
            continue
        except ApiError as error:
            found.problems.append(_problem(name, error, "aiplatform.models.get"))
            continue
        if IDENTITY in effective_labels(model):
            found.models[name] = model


def _list_checkpoints(found: Listed, google: GoogleApi) -> None:
    """Adds the folders in which open models' jobs of ours wrote checkpoints, as far as there are any."""
    for kind, job in found.jobs.values():
        folder = job.get("outputUri")
        if not isinstance(folder, str) or not kind.state_of(job).has_succeeded:
            continue
        where = GcsUri.parse(checkpoint_folder(folder, ""))
        objects = _read(
            found,
            f"the objects of {folder}",
            "storage.objects.list",
            google.storage.list_objects,
            where.bucket,
            where.object,
        )
        if objects:
            found.checkpoints[folder] = (kind, job)


def with_results(catalogue: Catalogue, places: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The places, and those in which the models of jobs that run there appear (``us`` for ``us-central1``)."""
    found: dict[tuple[str, str], None] = {}
    for project, location in places:
        results = {row.result_location(location) for row in catalogue.models.values() if location in row.regions}
        for each in (location, *sorted(results - {location})):
            found[project, each] = None
    return list(found)


def _whole(found: Listed, google: GoogleApi, kind: JobKind, job: Thing) -> Thing:
    """The job with the fields that a list leaves out."""
    if kind.collection.lists_whole or not kind.state_of(job).has_succeeded:
        return job
    try:
        return kind.calls(google.vertex_of(job["name"])).get(job["name"])
    except ApiError as error:
        found.problems.append(_problem(str(job["name"]), error, kind.needs("get")))
        return job


def _ours(found: Listed, what: str, needs: str, ask: Callable[..., Iterator[Thing]], *where: str) -> Iterator[Thing]:
    return (each for each in _read(found, what, needs, ask, *where) if IDENTITY in effective_labels(each))


def _read(found: Listed, what: str, needs: str, ask: Callable[..., Iterator[Thing]], *where: str) -> Sequence[Thing]:
    try:
        return list(ask(*where))
    except ApiError as error:
        if not (isinstance(error, NotFound) and what.startswith("the objects")):  # a deleted bucket has no objects
            found.problems.append(_problem(what, error, needs))
        return ()


def _problem(what: str, error: ApiError, needs: str) -> str:
    return f"{what} could not be listed: {str(error).splitlines()[0]} This needs {needs}."
