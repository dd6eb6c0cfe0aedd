"""JSON is read and written as Google does: judged by discovery documents and by Google's own types."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import proto  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuning_sandbox.app import load_apis
from tuning_sandbox.kernel import enums
from tuning_sandbox.kernel.discovery import Document, Schema, document
from tuning_sandbox.kernel.errors import GoogleError
from tuning_sandbox.kernel.wire import read_message, write_message
from tuning_sandbox.spelling import to_camel, to_snake

V1 = document("aiplatform", "v1")
BETA = document("aiplatform", "v1beta1")
JOB, BETA_JOB = "GoogleCloudAiplatformV1TuningJob", "GoogleCloudAiplatformV1beta1TuningJob"


def refused(doc: Document, schema: str, body: dict[str, Any]) -> GoogleError:
    with pytest.raises(GoogleError) as caught:
        read_message(doc, schema, body)
    return caught.value


def test_both_spellings_of_a_field_are_read_as_one() -> None:
    read = read_message(V1, JOB, {"encryptionSpec": {"kms_key_name": "k"}, "base_model": "m"})
    assert read == {"encryptionSpec": {"kmsKeyName": "k"}, "baseModel": "m"}


def test_an_unknown_field_is_named_with_its_place() -> None:
    error = refused(V1, JOB, {"supervisedTuningSpec": {"nonsense": 1}})
    assert error.http == 400
    assert error.status == "INVALID_ARGUMENT"
    assert error.message == (
        "Invalid JSON payload received. Unknown name \"nonsense\" at 'tuning_job.supervised_tuning_spec': Cannot find field."
    )
    assert error.details[0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert error.details[0]["fieldViolations"][0]["field"] == "tuning_job.supervised_tuning_spec"


def test_a_field_of_the_beta_is_unknown_to_v1() -> None:
    assert "outputUri" in refused(V1, JOB, {"outputUri": "gs://b"}).message
    assert read_message(BETA, BETA_JOB, {"outputUri": "gs://b"}) == {"outputUri": "gs://b"}


def test_every_fault_of_a_body_is_said_at_once() -> None:
    error = refused(
        V1, JOB, {"baseModel": 3, "x": 1, "supervisedTuningSpec": {"hyperParameters": {"epochCount": "many"}}}
    )
    assert len(error.details[0]["fieldViolations"]) == 3


@pytest.mark.parametrize("sent", [3, "3", 3.0])
def test_an_int64_is_read_from_a_number_or_a_string(sent: Any) -> None:
    spec = {"supervisedTuningSpec": {"hyperParameters": {"epochCount": sent}}}
    assert read_message(V1, JOB, spec)["supervisedTuningSpec"]["hyperParameters"] == {"epochCount": "3"}


@pytest.mark.parametrize("sent", [True, "3.5", 2**63, "", [1]])
def test_what_is_no_int64_is_refused(sent: Any) -> None:
    refused(V1, JOB, {"supervisedTuningSpec": {"hyperParameters": {"epochCount": sent}}})


def test_an_enum_is_read_by_name_and_by_googles_number() -> None:
    for sent in ("ADAPTER_SIZE_TWO", 6):
        spec = {"supervisedTuningSpec": {"hyperParameters": {"adapterSize": sent}}}
        assert (
            read_message(V1, JOB, spec)["supervisedTuningSpec"]["hyperParameters"]["adapterSize"] == "ADAPTER_SIZE_TWO"
        )
    refused(V1, JOB, {"supervisedTuningSpec": {"hyperParameters": {"adapterSize": 7}}})


def test_one_message_stands_for_a_list_only_in_parts() -> None:
    request = "GoogleCloudAiplatformV1GenerateContentRequest"
    read = read_message(V1, request, {"contents": [{"role": "user", "parts": {"text": "hi"}}]})
    assert read["contents"][0]["parts"] == [{"text": "hi"}]
    refused(V1, request, {"contents": {"role": "user"}})


def test_output_only_fields_of_a_body_are_ignored() -> None:
    assert read_message(V1, JOB, {"name": "x", "state": 4, "baseModel": "m"}) == {"baseModel": "m"}


def test_defaults_are_dropped_and_int64_written_as_strings() -> None:
    body = {"name": "n", "description": "", "labels": {}, "tunedModel": {"checkpoints": []},
            "supervisedTuningSpec": {"exportLastCheckpointOnly": False, "hyperParameters": {"epochCount": 3}}}  # fmt: skip
    assert write_message(V1, JOB, body, enum_numbers=False) == {
        "name": "n", "tunedModel": {}, "supervisedTuningSpec": {"hyperParameters": {"epochCount": "3"}},
    }  # fmt: skip


def test_entries_of_a_map_are_kept_even_where_they_are_zero() -> None:
    endpoint = "GoogleCloudAiplatformV1Endpoint"
    body = {"trafficSplit": {"1": 100, "2": 0}}
    assert write_message(V1, endpoint, body, enum_numbers=False) == body


def test_enums_inside_an_operations_response_are_numbers_where_numbers_were_asked() -> None:
    op = {
        "done": True,
        "response": {"@type": "type.googleapis.com/google.cloud.aiplatform.v1.TuningJob", "state": "JOB_STATE_RUNNING"},
    }
    written = write_message(V1, "GoogleLongrunningOperation", op, enum_numbers=True)
    assert written["response"]["state"] == 3


def test_what_is_written_with_numbers_is_read_by_googles_type() -> None:
    body = {"name": "n", "state": "JOB_STATE_SUCCEEDED", "createTime": "2026-11-21T00:00:00.000000Z",
            "supervisedTuningSpec": {"hyperParameters": {"epochCount": "3", "adapterSize": "ADAPTER_SIZE_TWO"}}}  # fmt: skip
    import json

    from google.cloud.aiplatform_v1beta1 import TuningJob

    written = write_message(BETA, BETA_JOB, body, enum_numbers=True)
    job = TuningJob.from_json(json.dumps(written))
    assert job.supervised_tuning_spec.hyper_parameters.adapter_size.name == "ADAPTER_SIZE_TWO"
    assert job.state.name == "JOB_STATE_SUCCEEDED"


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(["baseModel", "labels", "supervisedTuningSpec", "hyperParameters", "epochCount", "x"]),
                x,
            )
        ),
    )
)
def test_whatever_json_comes_is_read_or_refused_with_a_400(value: Any) -> None:
    status = 200
    try:
        read_message(V1, JOB, value)
    except GoogleError as error:
        status = error.http
    assert status in {200, 400}


@settings(max_examples=50, deadline=None)
@given(st.from_regex(r"[a-z]+(_[a-z]+)*", fullmatch=True))
def test_snake_case_comes_back_through_camel_case(name: str) -> None:
    assert to_snake(to_camel(name)) == name


def messages_of(module: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def walk(cls: Any, prefix: str) -> None:
        name = prefix + cls.__name__
        if name in found:
            return
        found[name] = cls
        for inner in vars(cls).values():
            if isinstance(inner, type) and issubclass(inner, proto.Message):
                walk(inner, name)

    for item in [getattr(module.types, name) for name in dir(module.types)]:
        if isinstance(item, type) and issubclass(item, proto.Message):
            walk(item, "")
    return found


def served_schemas(version: str) -> set[str]:
    """Every message that a served method takes or gives, with all they hold."""
    doc = document("aiplatform", version)
    todo = [JOB.replace("V1", version.upper().replace("BETA", "beta"), 1)]
    for api in load_apis():
        for route in api.routes:
            method = doc.methods.get(route.id or "") if api.document == "aiplatform" else None
            if method is not None:
                todo += [name for name in (method.request, method.response) if name]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        todo += refs_of(doc.schemas[name])
    return seen


def refs_of(schema: Schema) -> list[str]:
    refs = [schema["$ref"]] if "$ref" in schema else []
    for inner in [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]:
        if isinstance(inner, dict):
            refs += refs_of(inner)
    return refs


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_enum_numbers_are_those_of_googles_own_types(version: str) -> None:
    types = messages_of(import_module(f"google.cloud.aiplatform_{version}"))
    doc = document("aiplatform", version)
    wrong: dict[str, Any] = {}
    compared = 0
    for schema in sorted(served_schemas(version)):
        cls = types.get(doc.short(schema))
        if cls is None:
            continue
        fields = {field.json_name: field for field in cls.pb().DESCRIPTOR.fields}
        for name, field in doc.schemas[schema].get("properties", {}).items():
            names: list[str] = field.get("enum") or (field.get("items") or {}).get("enum") or []
            real = fields[name].enum_type if names and name in fields else None
            if real is None:
                continue
            owner = f"{doc.short(schema)}.{name}"
            for value in real.values:
                if value.name in names:
                    compared += 1
                    if enums.number_of(owner, names, value.name) != value.number:
                        wrong.setdefault(owner, {})[value.name] = value.number
    assert wrong == {}
    assert compared > 50
