"""Cloud KMS in the sandbox: rings, keys, versions, encryption."""

from __future__ import annotations

from tuning_sandbox.kms.keys import CryptoKeys
from tuning_sandbox.kms.versions import api

__all__ = ["CryptoKeys", "api"]
