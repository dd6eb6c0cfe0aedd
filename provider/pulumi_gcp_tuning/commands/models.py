"""Tuned models at Google: list and find, with what serves them and what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.audit.costs import BY_THE_CALL, age_of, cost_of_endpoints
from pulumi_gcp_tuning.audit.listing import with_results
from pulumi_gcp_tuning.commands.connection import Connection, connect
from pulumi_gcp_tuning.commands.found_jobs import holder_of, owner_of
from pulumi_gcp_tuning.commands.jobs import gemini_models_of, lists_gemini_api
from pulumi_gcp_tuning.commands.open_model import is_on_a_machine
from pulumi_gcp_tuning.commands.places import (
    AT_ONCE,
    MOST,
    Asked,
    problems_in,
    project_of,
    read_lists,
    shortened_in,
    tuning_regions,
)
from pulumi_gcp_tuning.commands.snippets import Snippets, gemini_snippets_of, snippets_of
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.gemini_names import is_gemini_tuned_model, parse_gemini_tuned_model
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.names import EndpointName, ModelName
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.claims import kept_by
from pulumi_gcp_tuning.resources.core.labels import (
    BASE_MODEL,
    CLAIM,
    IDENTITY,
    RELEASE_PREFIX,
    base_model_label,
    effective_labels,
    is_release,
)
from pulumi_gcp_tuning.resources.models.versions import versioned_name

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.google.protocols import VertexApi

JOB: Final = "google-vertex-llm-tuning-job-id"
"""The label of a tuned model that names the id of its job."""
_PRODUCTS: Final = ("GEMINI", "OPEN", "PIPELINE")


@dataclass(frozen=True, kw_only=True)
class FoundModel:
    """A tuned model at Google, whoever tuned it.

    ``base_model`` is the value of Google's label, in which every character that a label cannot have is ``-``.
    ``kept`` says why a superseded model or a release is still there, None for another model. ``cost`` is what it costs
    without requests.
    """

    name: str
    version: str | None
    aliases: tuple[str, ...]
    display_name: str | None
    base_model: str | None
    job_id: str | None
    created: str | None
    age_seconds: float | None
    endpoints: tuple[str, ...]
    default_checkpoint: str | None
    owner: str | None
    kept: str | None
    cost: str
    labels: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ModelList:
    """Models, the newest first; the other fields are as in a list of jobs."""

    models: tuple[FoundModel, ...]
    places: tuple[str, ...]
    shortened: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ModelReport:
    """A model, the endpoint of its default checkpoint, and how an application asks it; None if nothing serves it."""

    model: FoundModel
    endpoint: str | None
    snippets: Snippets | None


def list_models(
    *,
    project: str | None = None,
    regions: Sequence[str] = (),
    base_model: str | None = None,
    kept: bool = False,
    limit: int = MOST,
    states: Sequence[StackState] = (),
    gemini_api: bool | None = None,
    connection: Connection | None = None,
) -> ModelList:
    """The tuned models of a project with all their versions, the newest first.

    These are the models with Google's label of the base model, or ours, and those of deployed weights.
    ``regions`` are those of the jobs or of the models; without them, all that the catalogue has for tuning. ``base_model``
    leaves out models of another one, ``kept`` all that are in use. ``gemini_api`` is as in :func:`list_jobs`. Raises
    ApiError if no place can be listed.
    """
    connection = connection or connect(project)
    with_gemini = lists_gemini_api(connection, regions, gemini_api)
    where = project or (connection.settings.project if with_gemini else project_of(connection.settings))
    catalogue = catalogue_of(connection.settings)
    given = regions or [each for each in tuning_regions(catalogue, _PRODUCTS) if each != "global"]
    places = (
        []
        if not where
        else [f"projects/{where}/locations/{each}" for _, each in with_results(catalogue, [(where, x) for x in given])]
    )
    places = list(dict.fromkeys(places))
    asked = [_models_at(connection, place) for place in places]
    pages = read_lists([*asked, *([gemini_models_of(connection)] if with_gemini else [])], limit)
    models, tuned = pages[: len(places)], pages[len(places) :]
    busy = [place for place, page in zip(places, models, strict=True) if page.items]
    endpoints = read_lists([_endpoints_at(connection, place) for place in busy], limit)
    serving = {str(each["name"]): each for page in endpoints for each in page.items}
    found = [found_model(connection, model, serving, states) for page in models for model in page.items]
    found += [_found_tuned_model(connection, model, states) for page in tuned for model in page.items]
    wanted = None if base_model is None else _label_of(base_model)
    chosen = [
        each for each in found if (wanted is None or each.base_model == wanted) and (each.kept is not None or not kept)
    ]
    return ModelList(
        models=tuple(sorted(chosen, key=lambda each: each.created or "", reverse=True)),
        places=(*places, *(["the Gemini API"] if with_gemini else [])),
        shortened=shortened_in(pages),
        problems=problems_in([*pages, *endpoints]),
    )


def find_model(name: str, *, states: Sequence[StackState] = (), connection: Connection | None = None) -> ModelReport:
    """One model by its full name, or by that of an endpoint which serves only this model.

    Raises NotFound if Google has none of that name, MalformedName for another text, Refused for another endpoint.
    """
    connection = connection or connect()
    if is_gemini_tuned_model(name):
        tuned = connection.google.tuned_models.get(parse_gemini_tuned_model(name))
        return ModelReport(
            model=_found_tuned_model(connection, tuned, states),
            endpoint=None,
            snippets=gemini_snippets_of(name, connection.settings),
        )
    vertex = connection.google.vertex_of(name)
    if "/endpoints/" in name:
        name = _served_by(name, vertex.get_endpoint(str(EndpointName.parse(name))))
    parsed = ModelName.parse(name)
    model = vertex.get_model(str(parsed))
    serving = {each: vertex.get_endpoint(each) for each in _endpoints_of(model)}
    found = found_model(connection, model, serving, states)
    endpoint = _default_endpoint(found, serving)
    bison = found.base_model if "bison" in (found.base_model or "") else None
    deployed = [] if endpoint is None else _only(serving[endpoint], model)["deployedModels"]
    machine = is_on_a_machine(deployed)
    snippets = None
    if endpoint is not None:
        snippets = snippets_of(endpoint, connection.settings, bison=bison, on_machine=machine)
    return ModelReport(model=found, endpoint=endpoint, snippets=snippets)


def found_model(
    connection: Connection,
    model: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    states: Sequence[StackState] = (),
) -> FoundModel:
    """What Google's answer says of a model; ``endpoints`` are those that were read, by name."""
    labels, names = effective_labels(model), _endpoints_of(model)
    own = labels if IDENTITY in labels or not _has_own_id(model) else _labels_of_machine(names, endpoints)
    default = model.get("defaultCheckpointId")
    return FoundModel(
        name=str(model["name"]),
        version=model.get("versionId"),
        aliases=tuple(model.get("versionAliases") or ()),
        display_name=model.get("displayName"),
        base_model=labels.get(BASE_MODEL) or _base_of_weights(model),
        job_id=labels.get(JOB),
        created=model.get("createTime"),
        age_seconds=age_of(model.get("createTime"), connection.now()),
        endpoints=names,
        default_checkpoint=None if default is None else str(default),
        owner=owner_of(own, states),
        kept=_kept(labels),
        cost=cost_of_endpoints(_only(endpoints[each], model) for each in names if each in endpoints).text,
        labels=labels,
    )


def _found_tuned_model(connection: Connection, model: Mapping[str, Any], states: Sequence[StackState]) -> FoundModel:
    """What the Gemini API says of a model, which has no version, labels or endpoint."""
    name, base_model = str(model["name"]), model.get("baseModel")
    return FoundModel(
        name=name,
        version=None,
        aliases=(),
        display_name=model.get("displayName"),
        base_model=None if base_model is None else _label_of(str(base_model)),
        job_id=None,
        created=model.get("createTime"),
        age_seconds=age_of(model.get("createTime"), connection.now()),
        endpoints=(),
        default_checkpoint=None,
        owner=holder_of(name, states),
        kept=None,
        cost=BY_THE_CALL.text,
        labels={},
    )


def _label_of(base_model: str) -> str:
    """Google's label for a base model; the Gemini API writes ``models/`` before its id."""
    return base_model_label(base_model.removeprefix("models/"))


def _has_own_id(model: Mapping[str, Any]) -> bool:
    """Whether a model is one of deployed weights: it cannot have our labels, but the id is of our choosing."""
    return "/models/gcp-tuning-" in str(model["name"])


def _base_of_weights(model: Mapping[str, Any]) -> str | None:
    """The base model of deployed weights, by ``publishers/P/models/M`` that Model Garden writes."""
    public = ((model.get("baseModelSource") or {}).get("modelGardenSource") or {}).get("publicModelName")
    parts = str(public or "").split("/")
    return _label_of(f"{parts[1]}/{parts[3]}") if len(parts) == 4 else None


def _labels_of_machine(names: Sequence[str], endpoints: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
    """The labels of the endpoint that was made with a model of weights."""
    labels = (effective_labels(endpoints[each]) for each in names if each in endpoints)
    return next((each for each in labels if IDENTITY in each), {})


def _served_by(name: str, endpoint: Mapping[str, Any]) -> str:
    """The one model that an endpoint serves. Raises Refused if there is none, or several."""
    models = {
        str(ModelName.parse(str(each["model"])).at(str(each.get("modelVersionId") or "1")))
        for each in endpoint.get("deployedModels") or ()
    }
    if len(models) != 1:
        several = "".join(f"\n  {each}" for each in sorted(models))
        raise Refused(f"The endpoint serves {counted(len(models), 'model')}; name one model.\n  {name}{several}")
    return models.pop()


def _endpoints_of(model: Mapping[str, Any]) -> tuple[str, ...]:
    """The endpoints that serve a model, by Google's answer, each once."""
    return tuple(dict.fromkeys(str(each["endpoint"]) for each in model.get("deployedModels") or ()))


def _default_endpoint(model: FoundModel, endpoints: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The endpoint that serves the default checkpoint; the last one if Google names no checkpoints."""
    for name, endpoint in endpoints.items():
        served = {str(each.get("checkpointId")) for each in endpoint.get("deployedModels") or ()}
        if model.default_checkpoint is not None and model.default_checkpoint in served:
            return name
    return model.endpoints[-1] if model.endpoints else None


def _kept(labels: Mapping[str, str]) -> str | None:
    if is_release(labels):
        return f"a release (label {RELEASE_PREFIX}*)"
    return "a newer model took its place (keep_last)" if labels.get(CLAIM, "").startswith(kept_by("")) else None


def _only(endpoint: Mapping[str, Any], model: Mapping[str, Any]) -> Mapping[str, Any]:
    """The endpoint with only the deployments of this model: the others are no cost of it."""
    ids = {str(each["deployedModelId"]) for each in model.get("deployedModels") or ()}
    return {**endpoint, "deployedModels": [x for x in endpoint.get("deployedModels") or () if str(x["id"]) in ids]}


def _models_at(connection: Connection, place: str) -> Asked:
    vertex = connection.google.vertex_of(place)
    return Asked(f"models of {place}", "aiplatform.models.list", partial(_tuned, vertex, place))


def _endpoints_at(connection: Connection, place: str) -> Asked:
    vertex = connection.google.vertex_of(place)
    return Asked(f"endpoints of {place}", "aiplatform.endpoints.list", partial(vertex.list_endpoints, place))


def _tuned(vertex: VertexApi, place: str) -> Iterator[Mapping[str, Any]]:
    """The versions of the tuned models of a place, of which Google's list has the default one of each."""
    models = (
        each
        for each in vertex.list_models(place)
        if {BASE_MODEL, IDENTITY} & effective_labels(each).keys() or _has_own_id(each)
    )
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        while some := list(islice(models, AT_ONCE)):
            for versions in pool.map(partial(_versions_of, vertex), some):
                yield from versions


def _versions_of(vertex: VertexApi, model: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The versions, each under a name with its number; the model as it is if that is the only one."""
    versions = list(vertex.list_model_versions(str(model["name"]).partition("@")[0]))
    return [{**each, "name": versioned_name(each)} for each in versions] if len(versions) > 1 else [model]
