"""The content of an object: its bytes, its checksums, and its metadata."""

from __future__ import annotations

from tuning_sandbox.iam.policies import grants, has_role
from tuning_sandbox.kernel import Call, Sandbox
from tuning_sandbox.spelling import split_uri
from tuning_sandbox.storage import samples
from tuning_sandbox.storage.acls import projected
from tuning_sandbox.storage.api import (
    BUCKETS,
    OBJECTS,
    POLICIES,
    Doc,
    api,
    check_key,
    check_org_policies,
    etag_of,
    find_bucket,
    invalid,
    look_up_bucket,
    next_generation,
    refuse_supplied_key,
    stamp,
)
from tuning_sandbox.storage.history import blob_key, retire
from tuning_sandbox.storage.lifecycle import schedule
from tuning_sandbox.storage.sums import crc32c_of, md5_of

# the metadata that a caller may set; Cloud Storage sets the rest
WRITABLE = (
    "contentType", "contentEncoding", "contentDisposition", "contentLanguage", "cacheControl", "metadata", "customTime",
    "eventBasedHold", "temporaryHold", "storageClass", "acl", "retention", "contexts",
)  # fmt: skip


def names_of(sandbox: Sandbox, bucket: str, prefix: str = "") -> list[str]:
    """The names of the live objects in a bucket."""
    if bucket == samples.BUCKET:
        return samples.names(prefix)
    kept = sandbox.store.collection(OBJECTS).names(key_of(bucket, prefix))
    return [name[len(bucket) + 1 :] for name in kept]


def key_of(bucket: str, name: str) -> str:
    """The key of an object in the store."""
    return f"{bucket}/{name}"


def find_object(sandbox: Sandbox, bucket: str, name: str) -> Doc | None:
    """The live object, or None."""
    if bucket == samples.BUCKET:
        return samples.find_object(name)
    return sandbox.store.collection(OBJECTS).get(key_of(bucket, name))


def read_bytes(sandbox: Sandbox, doc: Doc) -> bytes:
    """The object's bytes."""
    if doc["bucket"] == samples.BUCKET:
        return samples.read_bytes(doc["name"])
    return sandbox.store.blobs.get(blob_key(doc)) or b""


@api.behaviour(
    "sent checksums (metadata, x-goog-hash, Content-MD5) are compared with the bytes: 400 if they differ",
    source="sdk",
)
def check_sums(data: bytes, fields: Doc, headers: dict[str, str]) -> None:
    """Refuse bytes that do not match the caller's checksums."""
    sent = {"crc32c": fields.get("crc32c"), "md5": fields.get("md5Hash") or headers.get("content-md5")}
    for part in headers.get("x-goog-hash", "").split(","):
        name, _, value = part.strip().partition("=")
        if name in sent and value:
            sent[name] = value
    for name, label, compute in (("crc32c", "CRC32C", crc32c_of), ("md5", "MD5 hash", md5_of)):
        wanted = sent[name]
        if wanted and wanted != (actual := compute(data)):
            raise invalid(f'Provided {label} "{wanted}" doesn\'t match calculated {label} "{actual}".')


@api.behaviour("an object inherits its bucket's default key and names the key's version", source="recording")
def _key_version(call: Call, bucket: Doc, fields: Doc) -> str | None:
    asked = call.query.get("kmsKeyName") or call.query.get("destinationKmsKeyName") or fields.get("kmsKeyName")
    name = asked or (bucket.get("encryption") or {}).get("defaultKmsKeyName")
    if not name:
        return None
    name = "/".join(str(name).split("/")[:8])
    key = check_key(call, name, bucket["location"])
    primary = key.get("primary") or {}
    return str(primary.get("name") or f"{name}/cryptoKeyVersions/1")


def write_object(
    call: Call, bucket_name: str, name: str, data: bytes, fields: Doc, *, components: int | None = None
) -> Doc:
    """Store a new generation of an object; the caller has checked the preconditions."""
    refuse_supplied_key(call)
    sandbox = call.sandbox
    bucket = find_bucket(sandbox, bucket_name)
    check_sums(data, fields, dict(call.headers))
    kms_key = _key_version(call, bucket, fields)
    path = f"projects/_/buckets/{bucket_name}/objects/{name}"
    check_org_policies(call, bucket["projectNumber"], path, location=None, key=kms_key)
    return put_object(sandbox, bucket, name, data, fields, kms_key=kms_key, components=components)


def put_object(
    sandbox: Sandbox,
    bucket: Doc,
    name: str,
    data: bytes,
    fields: Doc,
    *,
    kms_key: str | None = None,
    components: int | None = None,
) -> Doc:
    """Write bytes and document of a new generation."""
    if not name or len(name.encode()) > 1024 or "\n" in name or "\r" in name:
        raise invalid(f"Invalid object name: '{name}'")
    objects = sandbox.store.collection(OBJECTS)
    key = key_of(bucket["name"], name)
    old = objects.get(key)
    if old is not None:
        retire(sandbox, bucket, old)
    now, generation = stamp(sandbox), next_generation(sandbox)
    path = f"b/{bucket['name']}/o/{_quote(name)}"
    doc: Doc = {
        "kind": "storage#object",
        "id": f"{bucket['name']}/{name}/{generation}",
        "selfLink": f"https://www.googleapis.com/storage/v1/{path}",
        "mediaLink": f"/download/storage/v1/{path}?generation={generation}&alt=media",
        "name": name,
        "bucket": bucket["name"],
        "generation": generation,
        "metageneration": "1",
        "storageClass": bucket.get("storageClass", "STANDARD"),
        "size": str(len(data)),
        "crc32c": crc32c_of(data),
        "etag": etag_of(1, generation),
        "timeCreated": now,
        "updated": now,
        "timeStorageClassUpdated": now,
        "timeFinalized": now,
        **({"eventBasedHold": True} if bucket.get("defaultEventBasedHold") else {}),
        **{k: v for k, v in fields.items() if k in WRITABLE},
    }
    if components is None:
        doc["md5Hash"] = md5_of(data)
    else:
        doc["componentCount"] = components
    if kms_key:
        doc["kmsKeyName"] = kms_key
    sandbox.store.blobs.put(blob_key(doc), data)
    objects.put(key, doc)
    schedule(sandbox, bucket, doc)
    return doc


@api.behaviour("mediaLink has the host that was asked, because Google's client downloads from it", source="sdk")
def shown(call: Call, doc: Doc) -> Doc:
    """The metadata as an answer shows it."""
    bucket = find_bucket(call.sandbox, doc["bucket"])
    return {
        **projected(call, doc, bucket),
        "mediaLink": f"http://{call.headers.get('host', api.host)}{doc['mediaLink']}",
    }


def _quote(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="~")


class StoredObjects:
    """Buckets and objects, as the other modules use them (`kernel.protocols.Storage`)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def find_bucket(self, name: str) -> Doc | None:
        """The bucket, None if there is none."""
        return look_up_bucket(self._sandbox, name)

    def find_object(self, uri: str) -> Doc | None:
        """The metadata of an object, None if there is none."""
        return find_object(self._sandbox, *split_uri(uri))

    def read_object(self, uri: str) -> bytes | None:
        """The bytes of an object, None if there is none."""
        found = self.find_object(uri)
        return None if found is None else read_bytes(self._sandbox, found)

    def list_objects(self, prefix: str) -> list[str]:
        """The URIs of the objects whose URI starts with the prefix."""
        bucket, name = split_uri(prefix)
        return [f"gs://{bucket}/{found}" for found in names_of(self._sandbox, bucket, name)]

    def is_granted(self, bucket: str, member: str, role: str) -> bool:
        """Whether the member has the role on the bucket or on its project, without a condition."""
        found = self.find_bucket(bucket)
        if found is None:
            return False
        if grants(self._sandbox.store.collection(POLICIES).get(bucket) or {}, member, role):
            return True
        owner = self._sandbox.projects.resolve(found["projectNumber"])
        return has_role(self._sandbox, f"projects/{owner.id}", member, role)

    def write_object(self, uri: str, data: bytes, content_type: str) -> bool:
        """Write an object; False if its bucket does not exist."""
        bucket_name, name = split_uri(uri)
        if bucket_name == samples.BUCKET:
            return False
        bucket = self.find_bucket(bucket_name)
        if bucket is None:
            return False
        put_object(self._sandbox, bucket, name, data, {"contentType": content_type})
        return True

    def make_service_bucket(self, name: str, owner_number: str) -> None:
        """Create a bucket that a Google service owns, if it does not exist."""
        buckets = self._sandbox.store.collection(BUCKETS)
        if buckets.get(name) is None:
            made, generation = stamp(self._sandbox), next_generation(self._sandbox)
            buckets.put(name, samples.bucket_of_google(name, owner_number, made, generation))
