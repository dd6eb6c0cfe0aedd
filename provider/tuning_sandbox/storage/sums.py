"""The checksums that Cloud Storage stores for an object."""

from __future__ import annotations

import base64
import hashlib


def crc32c_of(data: bytes) -> str:
    """Base64 of the big-endian CRC32C."""
    import google_crc32c

    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


def md5_of(data: bytes) -> str:
    """Base64 of the MD5."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
