"""What a field's description decides: what a change replaces, what is watched, and what a request holds."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field

from pulumi_gcp_tuning.resources.core.declared import changed_inputs
from pulumi_gcp_tuning.resources.core.description import WATCHED, Role, described, keys_of
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, Inputs
from pulumi_gcp_tuning.resources.core.wire import body_of, inputs_of
from pulumi_gcp_tuning.resources.registry import KINDS, lifecycle_of

OURS = {"deletionPolicy", "checks"}
LABELS = {"labels", "pulumiLabels"}
REPLACING = {
    "tuning_dataset": {"bucket", "prefix", "contentSha256"},
    "tuning_job": {
        "baseModel", "supervisedTuningSpec", "encryptionSpec", "serviceAccount", "project", "location", "retry",
    },
    "tuned_model": {"tuningJob"},
    "endpoint": {"project", "location", "encryptionSpec"},
    "model_deployment": {"endpoint", "model", "checkpointId", "displayName"},
}  # fmt: skip
KEPT_IN_PLACE = {
    "tuning_dataset": {*OURS, "source", "kmsKeyName", "project", "uri"},
    "tuning_job": {
        *OURS, *LABELS, "tunedModelDisplayName", "description", "onChange", "onQuota", "maxCost", "adopt",
    },
    "tuned_model": {*OURS, *LABELS, "displayName", "description", "defaultCheckpointId", "onReplace"},
    "endpoint": {*OURS, *LABELS, "displayName", "description"},
    "model_deployment": OURS,
}  # fmt: skip


class Depth(Inputs):
    """How deep it is."""

    meters: Annotated[int | None, described("The depth.", wire="inMeters")] = None
    note: Annotated[str | None, described("A note.")] = None


class Args(CommonArgs):
    """A well."""

    depth: Annotated[Depth | None, described("How deep.", role="spec", wire="shape.depth")] = None
    title: Annotated[str | None, described("Its name.", role="patched", wire="displayName")] = None
    owner: Annotated[str | None, described("Who owns it.", role="patched", computed=True)] = None
    place: Annotated[str | None, described("Where.", role="place")] = None
    limit: Annotated[float | None, described("The most it may cost.", role="ours")] = Field(default=None, ge=0)
    seen: Annotated[str | None, described("What check fills in.", role="patched", filled=True)] = None


def in_roles(kind: str, *roles: Role) -> set[str]:
    """The keys of what is declared and of what is told."""
    resource = lifecycle_of(kind).resource
    return {*keys_of(resource.Args, *roles), *keys_of(resource.Told, *roles)}


@pytest.mark.parametrize("kind", REPLACING)
def test_what_replaces_a_resource_is_what_a_release_replaced_by(kind: str) -> None:
    released = REPLACING[kind] | KEPT_IN_PLACE[kind]
    assert released & in_roles(kind, "spec", "place") == REPLACING[kind]


@pytest.mark.parametrize("kind", KEPT_IN_PLACE)
def test_what_is_shown_without_a_replacement_is_what_a_release_showed(kind: str) -> None:
    released = REPLACING[kind] | KEPT_IN_PLACE[kind]
    assert released & in_roles(kind, "patched", "submitted once", "ours") == KEPT_IN_PLACE[kind]


def value_of(schema: dict[str, Any], number: int) -> Any:
    """A value that fits a field; another number gives another value."""
    kind = next((part for part in schema.get("anyOf", [schema]) if part.get("type") != "null"), schema)
    if "properties" in kind:
        return {name: value_of(inner, number) for name, inner in kind["properties"].items()}
    return {"integer": number, "number": number, "boolean": bool(number % 2)}.get(
        str(kind.get("type")), f"gs://b/{number}"
    )


def resolved(schema: Any, inner: dict[str, Any]) -> Any:
    """A JSON Schema without references."""
    if isinstance(schema, dict):
        found = inner[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else {}
        return {
            key: resolved(value, inner) for key, value in {**found, **schema}.items() if key not in ("$ref", "$defs")
        }
    return [resolved(each, inner) for each in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_makes_it_again_exactly_where_the_description_says_that_it_replaces(kind: str) -> None:
    frame = lifecycle_of(kind)
    fields: dict[str, Any] = {}
    for model in (frame.resource.Args, frame.resource.Told):
        schema = model.model_json_schema(by_alias=True)
        fields |= resolved(schema, schema.get("$defs", {}))["properties"]
    keys = sorted(in_roles(kind, *WATCHED) - {"adopt", "uri"})
    olds = frame.traits.fill_in({key: value_of(fields[key], 1) for key in keys})
    again = set()
    for key in keys:
        news = {name: value for name, value in olds.items() if name != "uri"} | {key: value_of(fields[key], 2)}
        if frame.resource.submits(olds, frame.traits.fill_in(news)):
            again.add(key)
    wanted = in_roles(kind, "spec", "place")
    told = f"submits in resources/{kind}.py: a change of {{}} has {{}} the resource, as its role says; see keys_of(Args, ...)"
    assert wanted - again == set(), told.format(", ".join(sorted(wanted - again)), "to replace")
    assert again - wanted == set(), told.format(", ".join(sorted(again - wanted)), "not to replace")


def test_a_request_holds_what_google_takes_under_its_names() -> None:
    args = Args.model_validate(
        {
            "depth": {"meters": 3, "note": ""},
            "title": "t",
            "place": "p",
            "limit": 1,
            "seen": "s",
            "checks": {"a": "off"},
        }
    )
    assert body_of(args) == {"shape": {"depth": {"inMeters": 3}}, "displayName": "t"}


def test_an_answer_is_read_back_into_the_inputs_that_gave_the_request() -> None:
    given: dict[str, Any] = {"depth": {"meters": 3}, "title": "t"}
    answer = {**body_of(Args.model_validate(given)), "owner": "", "state": "READY"}
    assert inputs_of(Args, answer) == given


def test_an_object_without_a_value_is_not_sent() -> None:
    assert body_of(Args.model_validate({"depth": {"note": ""}})) == {}


def test_a_computed_input_is_a_change_only_where_it_is_given() -> None:
    olds = {"owner": "google's choice", "title": "t"}
    assert changed_inputs(olds, {"title": "t"}, Args) == []
    assert changed_inputs(olds, {"title": "t", "owner": "mine"}, Args) == ["owner"]
    assert changed_inputs(olds, {"owner": "google's choice"}, Args) == ["title"]
