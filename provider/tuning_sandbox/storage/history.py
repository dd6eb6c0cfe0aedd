"""Earlier generations of the objects in a bucket that keeps them (object versioning)."""

from __future__ import annotations

from tuning_sandbox.kernel import Sandbox
from tuning_sandbox.storage.api import OBJECTS, Doc, api, check_removable, stamp

NONCURRENT = "storage.noncurrent"

api.behaviour(
    "a bucket with versioning keeps what is overwritten or deleted as a noncurrent version; its delete by generation is final",
    source="discovery",
)


def blob_key(doc: Doc) -> str:
    """The key of an object's bytes."""
    return f"object/{doc['bucket']}/{doc['name']}/{doc['generation']}"


def retire(sandbox: Sandbox, bucket: Doc, doc: Doc) -> None:
    """Remove the live object; a bucket with versioning keeps it as a noncurrent version. 403 if it must be kept."""
    check_removable(sandbox, bucket, doc)
    sandbox.store.collection(OBJECTS).delete(f"{doc['bucket']}/{doc['name']}")
    if not bucket.get("versioning", {}).get("enabled"):
        sandbox.store.blobs.delete(blob_key(doc))
        return
    sandbox.store.collection(NONCURRENT).put(_key(doc), {**doc, "timeDeleted": stamp(sandbox)})


def find_version(sandbox: Sandbox, bucket: str, name: str, generation: str) -> Doc | None:
    """A noncurrent version, None if there is none with that generation."""
    return sandbox.store.collection(NONCURRENT).get(f"{bucket}/{name}#{generation}")


def earlier(sandbox: Sandbox, bucket: str, prefix: str = "") -> list[Doc]:
    """The noncurrent versions in a bucket."""
    kept = sandbox.store.collection(NONCURRENT)
    return [doc for name in kept.names(f"{bucket}/{prefix}") if (doc := kept.get(name)) is not None]


def save(sandbox: Sandbox, doc: Doc) -> None:
    """Store the changed metadata of one generation, live or not."""
    if "timeDeleted" in doc:
        sandbox.store.collection(NONCURRENT).put(_key(doc), doc)
    else:
        sandbox.store.collection(OBJECTS).put(f"{doc['bucket']}/{doc['name']}", doc)


def remove(sandbox: Sandbox, bucket: Doc, doc: Doc) -> None:
    """Delete one generation permanently, live or not. 403 if it must be kept."""
    check_removable(sandbox, bucket, doc)
    if not sandbox.store.collection(NONCURRENT).delete(_key(doc)):
        sandbox.store.collection(OBJECTS).delete(f"{doc['bucket']}/{doc['name']}")
    sandbox.store.blobs.delete(blob_key(doc))


def _key(doc: Doc) -> str:
    return f"{doc['bucket']}/{doc['name']}#{doc['generation']}"
