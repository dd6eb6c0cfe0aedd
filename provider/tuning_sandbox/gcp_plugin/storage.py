"""Buckets and objects."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from tuning_sandbox.gcp_plugin.api import Json, StandInError, quote
from tuning_sandbox.gcp_plugin.resource import Context, Failure, Naming, Prop, Resource
from tuning_sandbox.gcp_plugin.values import ASSET, SIGNATURE, UNKNOWN, Properties
from tuning_sandbox.spelling import BUCKET_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

_POLICIES: Final = ("DELETE", "ABANDON", "PREVENT")
_OBJECT_FIELDS: Final = (
    "name",
    "contentType",
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "storageClass",
    "metadata",
    "eventBasedHold",
    "temporaryHold",
)


def _upper_same(old: str, new: str) -> bool:
    return old.upper() == new.upper()


class Bucket(Resource):
    """gcp.storage.Bucket."""

    type_name = "gcp:storage/bucket:Bucket"
    labelled = True
    secret_outputs = ("effectiveLabels", "pulumiLabels")
    computed = (
        "effectiveLabels",
        "projectNumber",
        "pulumiLabels",
        "selfLink",
        "timeCreated",
        "updated",
        "url",
        "softDeletePolicy",
        "rpo",
        "uniformBucketLevelAccess",
        "publicAccessPrevention",
    )
    inputs = (
        Prop("location", required=True, forces_new=True, same=_upper_same),
        Prop("name", forces_new=True),
        Prop("project", forces_new=True),
        Prop("labels", dict),
        Prop("encryption", dict),
        Prop("versioning", dict),
        Prop("storageClass", default="STANDARD", same=_upper_same),
        Prop("uniformBucketLevelAccess", bool),
        Prop("publicAccessPrevention", choices=("inherited", "enforced")),
        Prop("softDeletePolicy", dict),
        Prop("forceDestroy", bool, default=False),
        Prop("deletionPolicy", default="DELETE", choices=_POLICIES),
        Prop("lifecycleRules", list),
        Prop("requesterPays", bool),
        Prop("defaultEventBasedHold", bool),
        Prop("retentionPolicy", dict),
        Prop("autoclass", dict, inert=True),
        Prop("cors", list, inert=True),
        Prop("customPlacementConfig", dict, forces_new=True, inert=True),
        Prop("enableObjectRetention", bool, forces_new=True, inert=True),
        Prop("hierarchicalNamespace", dict, forces_new=True, inert=True),
        Prop("ipFilter", dict, inert=True),
        Prop("logging", dict, inert=True),
        Prop("rpo", inert=True),
        Prop("website", dict, inert=True),
    )

    @override
    def make_name(self, naming: Naming) -> Any:
        return naming.name(63, lambda text: re.sub(r"[^a-z0-9._-]", "-", text.lower()))

    @override
    def check_more(self, inputs: Properties) -> Iterable[Failure]:
        name = inputs.get("name")
        if isinstance(name, str) and not re.fullmatch(BUCKET_NAME, name):
            yield Failure(
                "name", f"invalid bucket name {name!r}: lower case letters, digits, '-', '_' and '.', 3 to 222 of them"
            )
        encryption = inputs.get("encryption")
        if isinstance(encryption, dict) and not encryption.get("defaultKmsKeyName"):
            yield Failure("encryption.defaultKmsKeyName", "Missing required property")

    @override
    def preview_more(self, known: Properties) -> Properties:
        name = known["name"]
        return {"url": f"gs://{name}"} if name is not UNKNOWN else {}

    @override
    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        project = context.settings.require_project(inputs)
        labels = self.label_outputs(inputs, context.settings, {})
        body = _bucket_to_wire(inputs) | {"name": inputs["name"], "location": inputs["location"].upper()}
        if labels["effectiveLabels"]:
            body["labels"] = labels["effectiveLabels"]
        wire = context.api.post("/storage/v1/b", body, project=project)
        return wire["name"], self._outputs(wire, {**inputs, **labels, "project": project}, context)

    @override
    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        name = resource_id.rpartition("/")[2]
        wire = context.api.find(f"/storage/v1/b/{quote(name)}", projection="full")
        return None if wire is None else (name, self._outputs(wire, state, context))

    @override
    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        labels = self.label_outputs(inputs, context.settings, state)
        gone = set(state.get("effectiveLabels", {})) - set(labels["effectiveLabels"])
        body = _bucket_to_wire(inputs) | {"labels": {**labels["effectiveLabels"], **dict.fromkeys(gone)}}
        for name in ("encryption", "versioning", "retentionPolicy"):
            if name in state and name not in inputs:
                body[name] = None
        if "lifecycleRules" in state and "lifecycleRules" not in inputs:
            body["lifecycle"] = None
        wire = context.api.patch(f"/storage/v1/b/{quote(resource_id)}", body)
        return self._outputs(wire, {**inputs, **labels, "project": state.get("project")}, context)

    @override
    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        path = f"/storage/v1/b/{quote(resource_id)}"
        objects = _objects_of(context, path)
        if objects and not state.get("forceDestroy"):
            raise StandInError(
                f"Error trying to delete bucket {resource_id} containing objects without `forceDestroy` set to true: it "
                f"holds {len(objects)}, first {objects[0]['name']!r}. Set forceDestroy=True and run up, or empty it."
            )
        for item in objects:
            context.api.delete(f"{path}/o/{quote(item['name'])}", generation=item["generation"])
        context.api.delete(path)
        return None

    def _outputs(self, wire: Json, state: Properties, context: Context) -> Properties:
        iam = wire.get("iamConfiguration", {})
        outputs: Properties = {
            "name": wire["name"],
            "location": wire["location"],
            "project": state.get("project") or context.settings.project,
            "projectNumber": int(wire.get("projectNumber", 0)),
            "storageClass": wire.get("storageClass", "STANDARD"),
            "selfLink": wire.get("selfLink", ""),
            "url": f"gs://{wire['name']}",
            "timeCreated": wire.get("timeCreated", ""),
            "updated": wire.get("updated", ""),
            "uniformBucketLevelAccess": bool(iam.get("uniformBucketLevelAccess", {}).get("enabled", False)),
            "publicAccessPrevention": iam.get("publicAccessPrevention", "inherited"),
            "forceDestroy": state.get("forceDestroy", False),
            "deletionPolicy": state.get("deletionPolicy", "DELETE"),
            "defaultEventBasedHold": bool(wire.get("defaultEventBasedHold", False)),
            "requesterPays": bool(wire.get("billing", {}).get("requesterPays", False)),
            **self.labels_from_wire(wire, state),
        }
        if key := wire.get("encryption", {}).get("defaultKmsKeyName"):
            outputs["encryption"] = {"defaultKmsKeyName": key}
        if "versioning" in wire:
            outputs["versioning"] = {"enabled": bool(wire["versioning"].get("enabled", False))}
        if "softDeletePolicy" in wire:
            seconds = int(wire["softDeletePolicy"].get("retentionDurationSeconds", 0))
            outputs["softDeletePolicy"] = {"retentionDurationSeconds": seconds}
        if "retentionPolicy" in wire:
            outputs["retentionPolicy"] = {"retentionPeriod": str(wire["retentionPolicy"].get("retentionPeriod", ""))}
        kept = {prop.name for prop in self.inputs if prop.inert} | (
            {"lifecycleRules"} if "lifecycle" in wire else set()
        )
        return outputs | {name: state[name] for name in kept if name in state}


def _bucket_to_wire(inputs: Properties) -> Json:
    body: Json = {"storageClass": inputs.get("storageClass", "STANDARD").upper()}
    for name in ("encryption", "versioning", "defaultEventBasedHold"):
        if name in inputs:
            body[name] = inputs[name]
    if "softDeletePolicy" in inputs:
        body["softDeletePolicy"] = {
            "retentionDurationSeconds": str(inputs["softDeletePolicy"].get("retentionDurationSeconds", 0))
        }
    if "retentionPolicy" in inputs:
        body["retentionPolicy"] = {"retentionPeriod": str(inputs["retentionPolicy"]["retentionPeriod"])}
    if "requesterPays" in inputs:
        body["billing"] = {"requesterPays": inputs["requesterPays"]}
    if "lifecycleRules" in inputs:
        body["lifecycle"] = {"rule": [_rule_to_wire(rule) for rule in inputs["lifecycleRules"]]}
    iam: Json = {}
    if "uniformBucketLevelAccess" in inputs:
        iam["uniformBucketLevelAccess"] = {"enabled": inputs["uniformBucketLevelAccess"] in (True, "true")}
    if "publicAccessPrevention" in inputs:
        iam["publicAccessPrevention"] = inputs["publicAccessPrevention"]
    return body | ({"iamConfiguration": iam} if iam else {})


_CONDITION_NAMES: Final = {
    "matchesPrefixes": "matchesPrefix",
    "matchesSuffixes": "matchesSuffix",
    "matchesStorageClasses": "matchesStorageClass",
}


def _rule_to_wire(rule: Properties) -> Json:
    condition = {}
    for name, value in rule.get("condition", {}).items():
        if name == "withState":
            if value in ("LIVE", "ARCHIVED"):
                condition["isLive"] = value == "LIVE"
        elif not name.startswith("send"):
            condition[_CONDITION_NAMES.get(name, name)] = value
    return {"action": rule.get("action", {}), "condition": condition}


def _objects_of(context: Context, bucket_path: str) -> list[Json]:
    found: list[Json] = []
    query = {"versions": "true"}
    while True:
        page = context.api.find(f"{bucket_path}/o", **query) or {}
        found += page.get("items", [])
        if not page.get("nextPageToken"):
            return found
        query["pageToken"] = page["nextPageToken"]


class BucketObject(Resource):
    """gcp.storage.BucketObject."""

    type_name = "gcp:storage/bucketObject:BucketObject"
    has_project = False
    secret_outputs = ("content", "customerEncryption")
    computed = ("crc32c", "generation", "md5hash", "md5hexhash", "mediaLink", "outputName", "selfLink", "storageClass")
    inputs = (
        Prop("bucket", required=True, forces_new=True),
        Prop("name", forces_new=True),
        Prop("source", dict),
        Prop("content"),
        Prop("contentType", forces_new=True),
        Prop("cacheControl", forces_new=True),
        Prop("contentDisposition", forces_new=True),
        Prop("contentEncoding", forces_new=True),
        Prop("contentLanguage", forces_new=True),
        Prop("storageClass", forces_new=True),
        Prop("kmsKeyName", forces_new=True, same=lambda old, new: old.partition("/cryptoKeyVersions")[0] == new),
        Prop("metadata", dict),
        Prop("detectMd5hash"),
        Prop("sourceMd5hash"),
        Prop("eventBasedHold", bool),
        Prop("temporaryHold", bool),
        Prop("deletionPolicy", default="DELETE", choices=_POLICIES),
        Prop("contexts", dict, inert=True),
        Prop("customerEncryption", dict, forces_new=True, inert=True),
        Prop("forceEmptyContentType", bool, inert=True),
        Prop("retention", dict, inert=True),
    )

    @override
    def check_more(self, inputs: Properties) -> Iterable[Failure]:
        if ("source" in inputs) == ("content" in inputs):
            yield Failure("content", "exactly one of content and source is needed")

    @override
    def preview_more(self, known: Properties) -> Properties:
        return {"outputName": known["name"]}

    @override
    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        wire = _upload(inputs, context)
        return f"{wire['bucket']}-{wire['name']}", self._outputs(wire, inputs)

    @override
    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        bucket, name = str(state.get("bucket", "")), str(state.get("name", ""))
        if not bucket or not name:
            bucket, slash, name = resource_id.partition("/")
            if not slash:
                raise StandInError(f"cannot read {resource_id!r}: expected BUCKET/OBJECT.")
        wire = context.api.find(f"/storage/v1/b/{quote(bucket)}/o/{quote(name)}")
        return None if wire is None else (f"{bucket}-{name}", self._outputs(wire, state))

    @override
    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        if any(inputs.get(name) != state.get(name) for name in ("source", "content", "detectMd5hash", "sourceMd5hash")):
            return self._outputs(_upload(inputs, context), inputs)
        gone = set(state.get("metadata", {})) - set(inputs.get("metadata", {}))
        body: Json = {"metadata": {**inputs.get("metadata", {}), **dict.fromkeys(gone)}}
        for hold in ("eventBasedHold", "temporaryHold"):
            if hold in inputs:
                body[hold] = inputs[hold]
        path = f"/storage/v1/b/{quote(state['bucket'])}/o/{quote(state['name'])}"
        return self._outputs(context.api.patch(path, body), inputs)

    @override
    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        context.api.delete(f"/storage/v1/b/{quote(state['bucket'])}/o/{quote(state['name'])}")
        return None

    def _outputs(self, wire: Json, state: Properties) -> Properties:
        md5 = wire.get("md5Hash", "")
        outputs: Properties = {
            "bucket": wire["bucket"],
            "name": wire["name"],
            "outputName": wire["name"],
            "crc32c": wire.get("crc32c", ""),
            "generation": int(wire.get("generation", 0)),
            "md5hash": md5,
            "md5hexhash": base64.b64decode(md5).hex() if md5 else "",
            "mediaLink": wire.get("mediaLink", ""),
            "selfLink": wire.get("selfLink", ""),
            "storageClass": wire.get("storageClass", "STANDARD"),
            "contentType": wire.get("contentType", ""),
            "kmsKeyName": wire.get("kmsKeyName", ""),
            "metadata": wire.get("metadata", {}),
            "detectMd5hash": md5 or state.get("detectMd5hash", ""),
            "deletionPolicy": state.get("deletionPolicy", "DELETE"),
        }
        for name in ("cacheControl", "contentDisposition", "contentEncoding", "contentLanguage"):
            if wire.get(name):
                outputs[name] = wire[name]
        for name in ("eventBasedHold", "temporaryHold"):
            if wire.get(name) or name in state:
                outputs[name] = bool(wire.get(name, False))
        kept = {prop.name for prop in self.inputs if prop.inert} | {
            "source",
            "content",
            "detectMd5hash",
            "sourceMd5hash",
        }
        return outputs | {name: state[name] for name in kept if name in state}


def _upload(inputs: Properties, context: Context) -> Json:
    data = _content(inputs)
    metadata = {name: inputs[name] for name in _OBJECT_FIELDS if name in inputs}
    metadata.setdefault("contentType", _type_of(data))
    query = {"uploadType": "multipart"}
    if inputs.get("kmsKeyName"):
        query["kmsKeyName"] = inputs["kmsKeyName"]
    boundary = hashlib.sha256(data).hexdigest()[:32]
    body = (
        f"--{boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n{json.dumps(metadata)}\r\n"
        f"--{boundary}\r\ncontent-type: {metadata['contentType']}\r\n\r\n"
    ).encode()
    body += data + f"\r\n--{boundary}--\r\n".encode()
    path = f"/upload/storage/v1/b/{quote(inputs['bucket'])}/o"
    answer = context.api.send("POST", path, body, f'multipart/related; boundary="{boundary}"', query)
    parsed: Json = json.loads(answer)
    return parsed


def _content(inputs: Properties) -> bytes:
    if "content" in inputs:
        return str(inputs["content"]).encode()
    source = inputs["source"]
    if source.get(SIGNATURE) == ASSET and "text" in source:
        return str(source["text"]).encode()
    if source.get(SIGNATURE) == ASSET and "path" in source:
        try:
            return Path(source["path"]).read_bytes()
        except OSError as error:
            raise StandInError(f"source: cannot read {source['path']}: {error.strerror}") from None
    raise StandInError(
        "source: the sandbox's stand-in takes a FileAsset or a StringAsset, no archive and no remote asset."
    )


def _type_of(data: bytes) -> str:
    try:
        data.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain; charset=utf-8"
