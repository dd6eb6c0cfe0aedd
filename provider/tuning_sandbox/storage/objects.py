"""Objects: read, download, list, patch, delete, compose, copy and rewrite."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime

from tuning_sandbox.kernel import Answer, Call, GoogleError
from tuning_sandbox.kernel.parameters import not_served
from tuning_sandbox.storage.api import (
    Doc,
    NotModifiedError,
    api,
    check_preconditions,
    condition_not_met,
    etag_of,
    find_bucket,
    invalid,
    no_such_object,
    number_in,
    refuse_supplied_key,
    stamp,
)
from tuning_sandbox.storage.buckets import merge, tested
from tuning_sandbox.storage.contents import WRITABLE, find_object, names_of, read_bytes, shown, write_object
from tuning_sandbox.storage.history import earlier, find_version, remove, retire, save

_MEBIBYTE = 1 << 20


def the_object(
    call: Call, bucket: str | None = None, name: str | None = None, *, generation: str = "generation"
) -> Doc:
    """The object in the path (at the requested generation), or the 404."""
    bucket, name = bucket or call.params["bucket"], name or call.params["object"]
    refuse_supplied_key(call)
    find_bucket(call.sandbox, bucket)
    doc = find_object(call.sandbox, bucket, name)
    wanted = call.query.get(generation)
    if wanted is not None and (doc is None or doc["generation"] != wanted):
        doc = find_version(call.sandbox, bucket, name, wanted)
    if doc is None:
        raise no_such_object(bucket, name)
    return doc


@api.route(
    "GET", "/storage/v1/b/{bucket}/o/{object=*}", id="storage.objects.get", permission="storage.objects.get", source="recording",
    alts=("media",),
    does="reads an object's metadata, or with alt=media its bytes",
)  # fmt: skip
def get_object(call: Call) -> Doc | Answer:
    if call.alt == "media":
        return download(call)
    doc = the_object(call)
    check_preconditions(call, doc)
    return shown(call, doc)


@api.route(
    "GET", "/download/storage/v1/b/{bucket}/o/{object=*}", id="storage.objects.get", permission="storage.objects.get",
    alts=("media",),
    source="sdk", does="reads an object's bytes with right x-goog-hash; Range gives 206, past the end 416",
)  # fmt: skip
def download(call: Call) -> Answer:
    try:
        doc = the_object(call)
        check_preconditions(call, doc)
    except NotModifiedError:
        raise
    except GoogleError as error:
        # the media endpoint returns errors as plain text
        return Answer(error.message.encode(), error.http, media_type="text/html; charset=UTF-8")
    data = read_bytes(call.sandbox, doc)
    hashes = f"crc32c={doc['crc32c']}" + (f",md5={doc['md5Hash']}" if "md5Hash" in doc else "")
    headers = {
        "x-goog-hash": hashes,
        "x-goog-generation": doc["generation"],
        "x-goog-metageneration": doc["metageneration"],
        "x-goog-storage-class": doc["storageClass"],
        "x-goog-stored-content-length": doc["size"],
        "x-goog-stored-content-encoding": doc.get("contentEncoding", "identity"),
        "etag": doc["etag"],
        "last-modified": format_datetime(datetime.fromisoformat(doc["updated"]).astimezone(UTC), usegmt=True),
        "content-disposition": doc.get("contentDisposition", "attachment"),
        "accept-ranges": "bytes",
    }
    if "contentEncoding" in doc:
        headers["content-encoding"] = doc["contentEncoding"]
    media_type = doc.get("contentType", "application/octet-stream")
    span = call.headers.get("range", "")
    if not span:
        return Answer(data, 200, headers, media_type)
    bounds = _range_of(span, len(data))
    if bounds is None:
        headers["content-range"] = f"bytes */{len(data)}"
        return Answer(b"Requested range not satisfiable", 416, headers, "text/html; charset=UTF-8")
    start, end = bounds
    headers["content-range"] = f"bytes {start}-{end}/{len(data)}"
    return Answer(data[start : end + 1], 206, headers, media_type)


def _range_of(text: str, size: int) -> tuple[int, int] | None:
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", text.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, end = max(0, size - int(match[2])), size - 1
    else:
        start, end = int(match[1]), min(int(match[2]) if match[2] else size - 1, size - 1)
    return (start, end) if start <= end and start < size else None


@api.route(
    "GET", "/storage/v1/b/{bucket}/o", id="storage.objects.list", permission="storage.objects.list", source="discovery",
    does="reads objects in order of name, by prefix, delimiter and offsets, in pages",
)  # fmt: skip
def list_objects(call: Call) -> Doc:
    bucket = call.params["bucket"]
    find_bucket(call.sandbox, bucket)
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    low, high = call.query.get("startOffset", ""), call.query.get("endOffset", "")
    call.leave("includeFoldersAsPrefixes")  # no bucket has a folder of its own, so this adds nothing
    listed = [(name, "") for name in names_of(call.sandbox, bucket, prefix)]
    if call.flag("versions"):
        listed += [(doc["name"], doc["generation"]) for doc in earlier(call.sandbox, bucket, prefix)]
    entries: list[tuple[str, bool, str]] = []
    # the generations of an object are listed oldest first, the live one last
    for name, generation in sorted(listed, key=lambda entry: (entry[0].encode(), not entry[1], entry[1])):
        if name < low or (high and name >= high):
            continue
        head, found, _ = name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        entry = (prefix + head + delimiter, True, "") if found else (name, False, generation)
        if not entries or entries[-1] != entry:
            entries.append(entry)
    page = call.page(entries, "entries", default=1000, size="maxResults")
    answer: Doc = {"kind": "storage#objects"}
    if "nextPageToken" in page:
        answer["nextPageToken"] = page["nextPageToken"]
    prefixes = [name for name, folded, _ in page["entries"] if folded]
    plain = [(name, generation) for name, folded, generation in page["entries"] if not folded]
    docs = [_one_of(call, bucket, name, generation) for name, generation in plain]
    items = [shown(call, doc) for doc in docs if doc is not None]
    if prefixes:
        answer["prefixes"] = prefixes
    if items:
        answer["items"] = items
    return answer


def _one_of(call: Call, bucket: str, name: str, generation: str) -> Doc | None:
    if generation:
        return find_version(call.sandbox, bucket, name, generation)
    return find_object(call.sandbox, bucket, name)


@api.route(
    "PATCH", "/storage/v1/b/{bucket}/o/{object=*}", id="storage.objects.patch", permission="storage.objects.update",
    source="discovery", does="writes parts of an object's metadata; null removes; the metageneration goes up by one",
)  # fmt: skip
def patch_object(call: Call) -> Doc:
    doc = the_object(call)
    check_preconditions(call, doc)
    raw = {k: v for k, v in call.parse_json(call.raw).items() if k in WRITABLE}
    return _rewrite(call, merge(doc, raw, call.body))


@api.route(
    "PUT", "/storage/v1/b/{bucket}/o/{object=*}", id="storage.objects.update", permission="storage.objects.update",
    source="discovery", does="overwrites an object's metadata",
)  # fmt: skip
def update_object(call: Call) -> Doc:
    doc = the_object(call)
    check_preconditions(call, doc)
    kept = {k: v for k, v in doc.items() if k not in WRITABLE or k == "storageClass"}
    return _rewrite(call, kept | {k: v for k, v in call.body.items() if k in WRITABLE})


def _rewrite(call: Call, doc: Doc) -> Doc:
    doc["metageneration"] = str(int(doc["metageneration"]) + 1)
    doc["etag"], doc["updated"] = etag_of(doc["metageneration"], doc["generation"]), stamp(call)
    save(call.sandbox, doc)
    return shown(call, doc)


@api.route(
    "DELETE", "/storage/v1/b/{bucket}/o/{object=*}", id="storage.objects.delete", permission="storage.objects.delete",
    source="discovery", does="deletes an object; 204; with generation only that one",
)  # fmt: skip
def delete_object(call: Call) -> Answer:
    bucket, name = call.params["bucket"], call.params["object"]
    found = find_bucket(call.sandbox, bucket)
    check_preconditions(call, find_object(call.sandbox, bucket, name))
    doc = the_object(call)
    if call.query.get("generation"):
        remove(call.sandbox, found, doc)
    else:
        retire(call.sandbox, found, doc)
    return Answer(status=204)


@api.route(
    "POST", "/storage/v1/b/{bucket}/o/{object=*}/compose", id="storage.objects.compose", permission="storage.objects.create",
    source="discovery", does="writes up to 32 objects one after the other as a new one, which has no md5Hash",
)  # fmt: skip
def compose_object(call: Call) -> Doc:
    bucket, name = call.params["bucket"], call.params["object"]
    sources = call.body.get("sourceObjects", [])
    if not 1 <= len(sources) <= 32:
        raise invalid("The number of source components provided must be between 1 and 32.")
    check_preconditions(call, find_object(call.sandbox, bucket, name))
    docs = [_component(call, bucket, source) for source in sources]
    data = b"".join(read_bytes(call.sandbox, doc) for doc in docs)
    fields = call.body.get("destination") or {"contentType": docs[0].get("contentType", "application/octet-stream")}
    components = sum(int(doc.get("componentCount", 1)) for doc in docs)
    return shown(call, write_object(call, bucket, name, data, fields, components=components))


def _component(call: Call, bucket: str, source: Doc) -> Doc:
    doc = the_object(call, bucket, str(source.get("name")), generation="")
    wanted = source.get("generation"), (source.get("objectPreconditions") or {}).get("ifGenerationMatch")
    if wanted[0] not in (None, doc["generation"]):
        raise no_such_object(bucket, doc["name"])
    if wanted[1] not in (None, doc["generation"]):
        raise condition_not_met()
    return doc


def _copy(call: Call) -> Doc:
    source = the_object(call, generation="sourceGeneration")
    bucket, name = call.params["destinationBucket"], call.params["destinationObject"]
    find_bucket(call.sandbox, bucket)
    check_preconditions(call, source, source="Source")
    check_preconditions(call, find_object(call.sandbox, bucket, name))
    fields = {k: v for k, v in (call.body or source).items() if k in WRITABLE}
    fields.setdefault("contentType", source.get("contentType", "application/octet-stream"))
    fields.pop("storageClass", None)
    return shown(call, write_object(call, bucket, name, read_bytes(call.sandbox, source), fields))


@api.route(
    "POST", "/storage/v1/b/{bucket}/o/{object=*}/copyTo/b/{destinationBucket}/o/{destinationObject=*}",
    id="storage.objects.copy", permission="storage.objects.create", source="discovery", does="writes a copy of an object",
)  # fmt: skip
def copy_object(call: Call) -> Doc:
    return _copy(call)


@api.route(
    "POST", "/storage/v1/b/{bucket}/o/{object=*}/rewriteTo/b/{destinationBucket}/o/{destinationObject=*}",
    id="storage.objects.rewrite", permission="storage.objects.create", source="sdk",
    does="writes a copy of an object, always done in one call",
)  # fmt: skip
def rewrite_object(call: Call) -> Doc:
    most = number_in(call, "maxBytesRewrittenPerCall") or 0
    if most % _MEBIBYTE:
        raise invalid("maxBytesRewrittenPerCall must be an integral multiple of 1 MiB (1048576).")
    doc = _copy(call)
    size = doc["size"]
    if most and int(size) > most and not _stays_in_place(call):
        raise not_served(call, "a maxBytesRewrittenPerCall below the size of the object")
    return {
        "kind": "storage#rewriteResponse",
        "totalBytesRewritten": size,
        "objectSize": size,
        "done": True,
        "resource": doc,
    }


def _stays_in_place(call: Call) -> bool:
    """Whether the copy has the location of its source; the limit applies only to other copies."""
    source, copy = (find_bucket(call.sandbox, call.params[name]) for name in ("bucket", "destinationBucket"))
    return bool(source["location"] == copy["location"])


@api.route(
    "GET", "/storage/v1/b/{bucket}/o/{object=*}/iam/testPermissions", id="storage.objects.testIamPermissions", source="discovery",
    does="reads which of the permissions the caller holds on an object",
)  # fmt: skip
def test_object_permissions(call: Call) -> Doc:
    the_object(call)
    return tested(call)
