"""Cloud Storage's JSON API: buckets, objects, uploads, downloads."""

from __future__ import annotations

from tuning_sandbox.storage import buckets, contents, objects, uploads
from tuning_sandbox.storage.api import api

__all__ = ["api", "buckets", "contents", "objects", "uploads"]
