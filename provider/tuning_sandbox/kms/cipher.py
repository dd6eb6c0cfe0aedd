"""Encrypt and decrypt with the sandbox's keys: a keyed stream that needs the same key. It is not secure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from tuning_sandbox.kernel import Call, invalid_argument
from tuning_sandbox.kms.versions import require_version
from tuning_sandbox.spelling import to_snake

_NONCE_BYTES = 12
_TAG_BYTES = 16
_MOST_BYTES, _MOST_BYTES_OF_HSM = 64 << 10, 8 << 10


def encrypt(call: Call, version: dict[str, Any]) -> dict[str, Any]:
    """The answer of `:encrypt`, with the checksums that Google's client verifies."""
    plain = base64.b64decode(call.body.get("plaintext", ""))
    _check_size("plaintext", plain)
    _check_size("additional_authenticated_data", _aad(call))
    if version["protectionLevel"] == "HSM" and len(plain) + len(_aad(call)) > _MOST_BYTES_OF_HSM:
        raise invalid_argument(
            "plaintext and additional_authenticated_data must be at most 8 KiB together.", "plaintext"
        )
    checked = {
        f"verified{field[:1].upper()}{field[1:]}": _check_sum(call, field, data)
        for field, data in (("plaintextCrc32c", plain), ("additionalAuthenticatedDataCrc32c", _aad(call)))
    }
    nonce = call.sandbox.ids.token(_NONCE_BYTES).encode()
    number = int(version["name"].rpartition("/")[2]).to_bytes(4, "big")
    sealed = _stream(version["name"], nonce, plain)
    tag = _tag(version["name"], nonce + plain + _aad(call))
    cipher = number + nonce + tag + sealed
    return {
        "name": version["name"],
        "ciphertext": base64.b64encode(cipher).decode(),
        "ciphertextCrc32c": str(_crc32c(cipher)),
        "protectionLevel": version["protectionLevel"],
        **{field: True for field, verified in checked.items() if verified},
    }


def _check_size(field: str, data: bytes) -> None:
    if len(data) > _MOST_BYTES:
        raise invalid_argument(f"{field} must be no larger than 64 KiB.", field)


def decrypt(call: Call, key: dict[str, Any]) -> dict[str, Any]:
    """The answer of `:decrypt`; a ciphertext of another key or another context is refused."""
    cipher = base64.b64decode(call.body.get("ciphertext", ""))
    _check_sum(call, "ciphertextCrc32c", cipher)
    _check_sum(call, "additionalAuthenticatedDataCrc32c", _aad(call))
    start = 4 + _NONCE_BYTES + _TAG_BYTES
    if len(cipher) < start:
        raise invalid_argument("Decryption failed: the ciphertext is invalid.")
    number, nonce, tag, sealed = cipher[:4], cipher[4:16], cipher[16:start], cipher[start:]
    name = f"{key['name']}/cryptoKeyVersions/{int.from_bytes(number, 'big')}"
    plain = _stream(name, nonce, sealed)
    if not hmac.compare_digest(tag, _tag(name, nonce + plain + _aad(call))):
        raise invalid_argument("Decryption failed: verify that 'name' refers to the correct CryptoKey.")
    version = require_version(call.sandbox, name, states=("ENABLED",))
    return {
        "plaintext": base64.b64encode(plain).decode(),
        "plaintextCrc32c": str(_crc32c(plain)),
        "usedPrimary": name == key.get("primary"),
        "protectionLevel": version["protectionLevel"],
    }


def _check_sum(call: Call, field: str, data: bytes) -> bool:
    """Whether the caller sent a checksum; 400 if it is wrong."""
    sent = call.body.get(field)
    if sent is not None and int(sent) != _crc32c(data):
        snake = to_snake(field)
        raise invalid_argument(
            f"The checksum in field {snake} did not match the data in field {snake.removesuffix('_crc32c')}.", snake
        )
    return sent is not None


def _aad(call: Call) -> bytes:
    return base64.b64decode(call.body.get("additionalAuthenticatedData", ""))


def _stream(version: str, nonce: bytes, data: bytes) -> bytes:
    length = len(data)
    pad = b"".join(hashlib.sha256(f"{version}/{block}".encode() + nonce).digest() for block in range(length // 32 + 1))
    return bytes(a ^ b for a, b in zip(data, pad, strict=False))


def _tag(version: str, message: bytes) -> bytes:
    return hmac.new(version.encode(), message, hashlib.sha256).digest()[:_TAG_BYTES]


def _crc32c(data: bytes) -> int:
    import google_crc32c

    value: int = google_crc32c.value(data)
    return value
