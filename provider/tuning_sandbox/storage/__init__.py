"""Cloud Storage's JSON API: buckets, objects, uploads, downloads."""

from __future__ import annotations

from tuning_sandbox.storage import buckets, contents, objects, uploads
from tuning_sandbox.storage.api import api
from tuning_sandbox.storage.contents import StoredObjects

__all__ = ["StoredObjects", "api", "buckets", "contents", "objects", "uploads"]
