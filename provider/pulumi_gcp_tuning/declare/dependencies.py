"""What only the program knows of its own resources: which inputs it makes itself or keeps secret, and which jobs end first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from pulumi_gcp_tuning.declare.arguments import FREE_FORM

_GIVEN_TO_A_MODEL: Final = frozenset({"labels", "pulumiLabels", "tunedModelDisplayName", "modelDisplayName"})
_SERVICE: Final = "gcp:projects/service:Service"
_BUCKET: Final = "gcp:storage/bucket:Bucket"


async def from_resources(
    props: Mapping[str, Any], naming: Sequence[str], opts: pulumi.ResourceOptions
) -> list[str] | None:
    """Those of ``naming`` whose value comes from a resource of this program, sorted; None where there are none.

    ``services`` is among them where the resource depends on an API that the program enables.
    """
    found = {key for key in naming if props.get(key) is not None and await _is_made_here(props[key])}
    if any(each.pulumi_resource_type == _SERVICE for each in await _resources_in(opts.depends_on)):
        found.add("services")
    return sorted(found) or None


async def input_sources(props: Mapping[str, Any], paths: Sequence[str]) -> dict[str, list[str]] | None:
    """The URNs of the resources that each of these inputs comes from; None where none comes from any.

    The path of a nested input has dots. An object that is an output itself comes from where all of it comes from.
    """
    found = {
        path: [
            await each.urn.future() for each in await _made_by(_inside(props, path.split("."))) if not _is_read(each)
        ]
        for path in paths
    }
    told = {key: sorted(filter(None, urns)) for key, urns in found.items() if urns and all(urns)}
    return told or None


async def bucket_places(props: Mapping[str, Any], naming: Sequence[str]) -> dict[str, str] | None:
    """The location of the bucket of this program that each input of ``naming`` comes from, by the path of the input.

    An input that comes from buckets in different locations, or from one whose location is not known yet, is left out.
    """
    found = {
        ".".join(path): await _places_of_buckets(value)
        for key in naming
        for path, value in _leaves(props.get(key), (key,))
    }
    return {path: places.pop() for path, places in found.items() if len(places) == 1 and "" not in places} or None


async def _places_of_buckets(value: object) -> set[str]:
    """The locations of the buckets that a value comes from, also through a dataset; ``""`` is one that is not known."""
    places: set[str] = set()
    for resource in await _made_by(value):
        declared: Declared | None = getattr(resource, "_declared", None)
        if resource.pulumi_resource_type == _BUCKET:
            places.add(await _place_of(resource))
        elif declared is not None:
            places |= await _places_of_buckets(declared.props.get("bucket"))
    return places


async def _place_of(bucket: Any) -> str:
    place, parts = bucket.location, bucket.custom_placement_config
    if await place.is_secret() or await parts.future() is not None:
        return ""
    return str(await place.future() or "").lower()


def _inside(value: object, path: Sequence[str]) -> object:
    return _inside(value.get(path[0]), path[1:]) if path and isinstance(value, Mapping) else value


def _leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif not is_plain(value):
        yield path, value


@dataclass(frozen=True)
class Declared:
    """What a resource of ours was declared with. ``ended``: the input whose resource has ended once this one is made.

    ``secrets`` gives the paths of its inputs that are a secret.
    """

    props: Mapping[str, Any]
    depends_on: object
    ended: str = ""
    secrets: Callable[[], Awaitable[Sequence[str] | None]] | None = None


async def jobs_before(props: Mapping[str, Any], opts: pulumi.ResourceOptions, own: str = "") -> list[str] | None:
    """The URNs of the tuning jobs that have ended before this one begins, because it depends on their models.

    ``own`` is its own input whose job it waits for.
    """
    ended = {urn for job in await _made_by(props.get(own)) if (urn := await job.urn.future())}
    seen: set[int] = set()
    waiting = await _upstream(props, opts.depends_on)
    while waiting:
        resource = waiting.pop()
        if id(resource) in seen:
            continue
        seen.add(id(resource))
        if isinstance(resource, pulumi.ComponentResource):
            waiting += getattr(resource, "_childResources", ())
            continue
        declared: Declared | None = getattr(resource, "_declared", None)
        if declared is not None:
            waiting += await _upstream(declared.props, declared.depends_on)
            jobs = await _made_by(declared.props.get(declared.ended))
            ended.update([urn for job in jobs if (urn := await job.urn.future())])
    return sorted(ended) or None


async def secret_inputs(
    props: Mapping[str, Any], settings: Mapping[str, Any], ended: str, filled: Mapping[str, str]
) -> list[str] | None:
    """The paths of the inputs that are a secret, sorted; None where there are none.

    ``filled`` are the settings that fill in an input which the program leaves out: those of an explicit provider
    (``settings``), else of the stack. ``ended`` is the input whose resource gives some of its own to this one.
    """
    found = {".".join(path) for key, value in props.items() for path in await _secrets_in(value, (key,))}
    for setting, key in filled.items():
        if key not in props and await _is_secret_setting(setting, settings):
            found.add(key)
    for job in await _made_by(props.get(ended)):
        declared: Declared | None = getattr(job, "_declared", None)
        if declared is not None and declared.secrets is not None:
            found |= {f"{ended}.{path}" for path in await declared.secrets() or () if path in _GIVEN_TO_A_MODEL}
    return sorted(found) or None


async def _secrets_in(value: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    if is_plain(value):
        return []
    if isinstance(value, dict) and path[-1] not in FREE_FORM:
        return [found for key, inner in value.items() for found in await _secrets_in(inner, (*path, key))]
    return [path] if await pulumi.Output.from_input(value).is_secret() else []


async def _is_secret_setting(setting: str, settings: Mapping[str, Any]) -> bool:
    if not settings:
        return pulumi.runtime.is_config_secret(setting)
    given = settings.get(setting)
    return isinstance(given, pulumi.Output) and await given.is_secret()


async def _upstream(props: Mapping[str, Any], depends_on: object) -> list[pulumi.Resource]:
    return [*await _resources_in(depends_on), *[each for value in props.values() for each in await _made_by(value)]]


async def _made_by(value: object) -> list[pulumi.Resource]:
    return [] if is_plain(value) else list(await pulumi.Output.from_input(value).resources())


async def _is_made_here(value: object) -> bool:
    return any(not isinstance(each, pulumi.StackReference) and not _is_read(each) for each in await _made_by(value))


def _is_read(resource: pulumi.Resource) -> bool:
    """Whether a resource of ours is only read by its id (``get``), so that another program makes it."""
    return bool(getattr(resource, "_is_read", False))


def is_plain(value: object) -> bool:
    """Whether a value holds nothing that the engine has to give first. Most do, and outputs made of them cost time."""
    if isinstance(value, dict):
        return all(is_plain(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple):
        return all(map(is_plain, value))
    return value is None or isinstance(value, str | int | float)


async def _resources_in(depends_on: object) -> list[pulumi.Resource]:
    if depends_on is None:
        return []
    if isinstance(depends_on, pulumi.Resource):
        return [depends_on]
    if isinstance(depends_on, Sequence):
        return [resource for each in depends_on for resource in await _resources_in(each)]
    return await _resources_in(await pulumi.Output.from_input(depends_on).future())
