"""Uploads: media, multipart, and resumable in chunks."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.kernel import Answer, Call, GoogleError
from tuning_sandbox.storage.api import UPLOADS, Doc, api, check_preconditions, find_bucket, invalid, refuse_supplied_key
from tuning_sandbox.storage.contents import find_object, shown, write_object

CHUNK = 256 * 1024
_PATH = "/upload/storage/v1/b/{bucket}/o"


@api.route(
    "POST", _PATH, id="storage.objects.insert", permission="storage.objects.create", source="sdk", raw=True,
    query=("upload_id",), does="writes an object: uploadType media or multipart, or begins a resumable upload",
)  # fmt: skip
def insert_object(call: Call) -> Doc | Answer:
    kind = call.query.get("uploadType")
    find_bucket(call.sandbox, call.params["bucket"])
    if kind == "media":
        return _finish(call, call.raw, {"contentType": call.headers.get("content-type", "application/octet-stream")})
    if kind == "multipart":
        fields, data, content_type = split_related(call)
        return _finish(call, data, {"contentType": content_type, **call.read("Object", fields)})
    if kind == "resumable":
        return _begin(call)
    raise invalid(f"Invalid upload type: {kind}")


@api.route(
    "POST", "/storage/v1/b/{bucket}/o", id="storage.objects.insert", permission="storage.objects.create", source="discovery",
    does="writes an empty object from metadata alone",
)  # fmt: skip
def insert_empty(call: Call) -> Doc:
    find_bucket(call.sandbox, call.params["bucket"])
    return _finish(call, b"", call.body)


def _finish(call: Call, data: bytes, fields: Doc) -> Doc:
    bucket = call.params["bucket"]
    name = call.query.get("name") or fields.get("name")
    if not name:
        raise GoogleError(400, "INVALID_ARGUMENT", "Required", reason="required", location=("parameter", "name"))
    if call.query.get("contentEncoding"):
        fields["contentEncoding"] = call.query["contentEncoding"]
    check_preconditions(call, find_object(call.sandbox, bucket, name))
    return shown(call, write_object(call, bucket, name, data, fields))


def split_related(call: Call) -> tuple[Doc, bytes, str]:
    """The metadata, the bytes and their type in a multipart/related body."""
    match = re.search(r'boundary="?([^";]+)"?', call.headers.get("content-type", ""))
    parts = call.raw.split(b"--" + match[1].strip("'").encode()) if match else []
    if len(parts) < 4:
        raise invalid("Malformed multipart body.")
    bodies: list[tuple[str, bytes]] = []
    for part in parts[1:3]:
        head, _, body = (
            part.lstrip(b"\r\n").partition(b"\r\n\r\n")
            if b"\r\n\r\n" in part
            else part.lstrip(b"\n").partition(b"\n\n")
        )
        kind = re.search(rb"(?im)^content-type:\s*([^\r\n]+)", head)
        end = -2 if body.endswith(b"\r\n") else -1 if body.endswith(b"\n") else len(body)
        bodies.append((kind[1].decode(errors="replace").strip() if kind else "application/octet-stream", body[:end]))
    return call.parse_json(bodies[0][1]), bodies[1][1], bodies[1][0]


def _begin(call: Call) -> Answer:
    refuse_supplied_key(call)
    fields = call.read("Object", call.parse_json(call.raw))
    name = call.query.get("name") or fields.get("name")
    if not name:
        raise GoogleError(400, "INVALID_ARGUMENT", "Required", reason="required", location=("parameter", "name"))
    check_preconditions(call, find_object(call.sandbox, call.params["bucket"], name))
    # read when the last chunk arrives
    call.leave("kmsKeyName", "contentEncoding", "projection")
    if call.headers.get("x-upload-content-type"):
        fields.setdefault("contentType", call.headers["x-upload-content-type"])
    upload_id = call.sandbox.ids.token(64)
    kept = [(k, v) for k, v in call.query_pairs if k not in ("uploadType", "key", "access_token")]
    upload = {"bucket": call.params["bucket"], "name": name, "fields": fields, "query": kept, "size": 0, "done": False}
    call.sandbox.store.collection(UPLOADS).put(upload_id, upload)
    host = call.headers.get("host", "storage.googleapis.com")
    location = f"http://{host}/upload/storage/v1/b/{call.params['bucket']}/o?uploadType=resumable&upload_id={upload_id}"
    return Answer(b"", 200, {"location": location, "x-guploader-uploadid": upload_id}, "text/plain; charset=utf-8")


def _the_upload(call: Call) -> tuple[str, Doc]:
    call.leave("uploadType")
    upload_id = call.query.get("uploadId", "")
    upload = call.sandbox.store.collection(UPLOADS).get(upload_id)
    if upload is None or upload["bucket"] != call.params["bucket"]:
        raise GoogleError(404, "NOT_FOUND", f"Upload ID not found: {upload_id}", reason="notFound", with_status=True)
    return upload_id, upload


@api.behaviour("chunks but the last are multiples of 256 KiB; 308 with Range says how much is stored", source="sdk")
def _stored(call: Call, size: int) -> Answer:
    headers = {"range": f"bytes=0-{size - 1}"} if size else {}
    return Answer(b"", 308, headers, "text/plain; charset=utf-8")


@api.route(
    "PUT", _PATH, source="sdk", raw=True, query=("upload_id",), permission="storage.objects.create",
    does="writes the next chunk of a resumable upload, or says how much is stored",
)  # fmt: skip
def put_chunk(call: Call) -> Doc | Answer:
    upload_id, upload = _the_upload(call)
    uploads, blobs = call.sandbox.store.collection(UPLOADS), call.sandbox.store.blobs
    if upload["done"]:
        doc = find_object(call.sandbox, upload["bucket"], upload["name"])
        return shown(call, doc) if doc is not None else Answer(b"", 200)
    size = int(upload["size"])
    span = re.fullmatch(
        r"bytes (?:(\d{1,18})-(\d{1,18}|\*)|\*)/(\d{1,18}|\*)",
        call.headers.get("content-range", f"bytes 0-{len(call.raw) - 1}/{len(call.raw)}" if call.raw else "bytes */0"),
    )
    if span is None:
        raise invalid(f"Failed to parse Content-Range header: {call.headers['content-range']}")
    total = None if span[3] == "*" else int(span[3])
    data = call.raw
    if span[2] == "*":
        return _put_rest(call, upload_id, upload, int(span[1]), total)
    if span[1] is None:
        if total != size:
            return _stored(call, size)
    else:
        start = int(span[1])
        if int(span[2]) - start + 1 != len(data):
            raise invalid("The Content-Range header does not match the length of the body.")
        if start > size:
            return Answer(b"", 503, {}, "text/plain; charset=utf-8")
        data = data[size - start :]
    stored = (blobs.get(f"upload/{upload_id}") or b"") + (data if span[1] is not None else b"")
    last = total is not None and len(stored) >= total
    if not last and (span[1] is None or (int(span[2]) + 1) % CHUNK):
        raise invalid(
            "Invalid request.  The number of bytes uploaded is required to be equal or greater than 262144, except for the "
            "final request (it's recommended to be the exact multiple of 262144)."
        )
    if not last:
        blobs.put(f"upload/{upload_id}", stored)
        uploads.put(upload_id, {**upload, "size": len(stored)})
        return _stored(call, len(stored))
    return _end(call, upload_id, upload, stored)


@api.behaviour(
    "a chunk of `bytes N-*/*`, which Google's client for Node sends, is the rest of the object", source="sdk"
)
def _put_rest(call: Call, upload_id: str, upload: Doc, start: int, total: int | None) -> Doc | Answer:
    held = call.sandbox.store.blobs.get(f"upload/{upload_id}") or b""
    if start > len(held):
        return Answer(b"", 503, {}, "text/plain; charset=utf-8")
    stored = held + call.raw[len(held) - start :]
    if total is not None and len(stored) != total:
        raise invalid("The Content-Range header does not match the length of the body.")
    return _end(call, upload_id, upload, stored)


def _end(call: Call, upload_id: str, upload: Doc, stored: bytes) -> Doc:
    call.sandbox.store.blobs.delete(f"upload/{upload_id}")
    call.sandbox.store.collection(UPLOADS).put(upload_id, {**upload, "size": len(stored), "done": True})
    finish: Any = call
    finish.query_pairs = [tuple(pair) for pair in upload["query"]]
    finish.__dict__.pop("query", None)
    return _finish(call, stored, {**upload["fields"], "name": upload["name"]})


@api.route(
    "DELETE", _PATH, source="discovery", raw=True, query=("upload_id",), permission="storage.objects.create",
    does="ends a resumable upload; 499",
)  # fmt: skip
def cancel_upload(call: Call) -> Answer:
    upload_id, _ = _the_upload(call)
    call.sandbox.store.collection(UPLOADS).delete(upload_id)
    call.sandbox.store.blobs.delete(f"upload/{upload_id}")
    return Answer(b"", 499, {}, "text/plain; charset=utf-8")
