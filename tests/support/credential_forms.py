"""A key that nobody has, in the forms in which people set it, and a search for pieces of it.

The key is made once in each test process. What is looked for is any 12 characters in a row of what is secret.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from pulumi_gcp_tuning.redaction import is_mixed

WINDOW = 12
TOKEN = "ya29.c0AbLeakyAccessTokenOfATest7Qx-0123456789_zyxwvu"
_EMAIL = "leaky-tuner-0472@secret-holding"


@dataclass(frozen=True)
class Key:
    """A service account's key file."""

    info: dict[str, Any]
    public: bytes

    @property
    def pem(self) -> str:
        """The private key."""
        return str(self.info["private_key"])

    @property
    def lines(self) -> list[str]:
        """The private key without its first and last line."""
        return self.pem.splitlines()[1:-1]

    @property
    def line(self) -> str:
        """A line of it that has no slash."""
        return next(line for line in self.lines[1:] if line.isalnum() and is_mixed(line[:16]))

    @property
    def json(self) -> str:
        """The file, as Google writes it."""
        return json.dumps(self.info, indent=2) + "\n"

    @property
    def in_one_line(self) -> str:
        """The file without line breaks."""
        return json.dumps(self.info)

    def pointing_at(self, token_uri: str) -> Key:
        """The same key, whose tokens come from there."""
        return Key(self.info | {"token_uri": token_uri}, self.public)


@functools.cache
def made_up_key() -> Key:
    """One key for all tests of a process."""
    while True:
        key = _new_key()
        if any(line.isalnum() and is_mixed(line[:16]) for line in key.lines[1:]):
            return key


def _new_key() -> Key:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    info = {
        "type": "service_account",
        "project_id": "secret-holding",
        "private_key_id": "c0ffee5ca1ab1e0ddba11deadbea7f005ba11ace",
        "private_key": pem,
        "client_email": f"{_EMAIL}.iam.gserviceaccount.com",
        "client_id": "104729104723104717104711",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://127.0.0.1:9/token",
        "universe_domain": "googleapis.com",
    }
    return Key(info, public)


def right_forms(key: Key) -> dict[str, str]:
    """Each is the key file, and is taken for it."""
    escaped = key.in_one_line.replace("\\", "\\\\").replace('"', '\\"')
    return {
        "the file": key.json,
        "one line": key.in_one_line,
        "a byte order mark": "\ufeff" + key.json,
        "a byte order mark in a wrong encoding": "ï»¿" + key.json,
        "spaces and line breaks around": f"\r\n\t {key.json} \n\n",
        "double quotes, as a docker env file leaves them": f'"{key.in_one_line}"',
        "single quotes": f"'{key.json}'",
        "a JSON string": json.dumps(key.json),
        "a JSON string without its quotes": escaped,
        "escaped in single quotes": "'" + key.in_one_line.replace('"', '\\"') + "'",
        "line breaks within the private key": key.json.replace("\\n", "\n"),
        "the private key's line breaks escaped twice": key.json.replace("\\n", "\\\\n"),
        "base64": _base64(key.json),
        "base64 in lines": base64.encodebytes(key.json.encode()).decode(),
        "base64 without padding": _base64(key.json).rstrip("="),
        "base64 for URLs": base64.urlsafe_b64encode(key.json.encode()).decode(),
        "base64 in quotes": f'"{_base64(key.json)}"',
        "base64 of UTF-16": base64.b64encode(key.json.encode("utf-16")).decode(),
        "base64 of a byte order mark and the file": base64.b64encode(key.json.encode("utf-8-sig")).decode(),
        "the only one of a list": f"[{key.json}]",
    }


def wrong_forms(key: Key) -> dict[str, str]:
    """Each is made of the key, and none is a key file."""
    whole, line, coded = key.json, key.in_one_line, _base64(key.json)
    body = "".join(key.lines)
    half = len(whole) // 2
    return {
        "the first half": whole[:half],
        "the second half": whole[half:],
        "the first tenth": whole[: len(whole) // 10],
        "cut within the quotes": f'"{line[: len(line) // 2]}"',
        "a quote that is not closed": f'"{line}',
        "something behind it": f"{line},",
        "an assignment": f"GOOGLE_CREDENTIALS={line}",
        "the first half of its base64": coded[: len(coded) // 2],
        "the second half of its base64": coded[len(coded) // 2 + 1 :],
        "base64 twice": _base64(coded),
        "a JSON string of a JSON string": json.dumps(json.dumps(line)),
        "a list of two": f"[{line}, {line}]",
        "a list in a list": f"[[{line}]]",
        "an object in an object": json.dumps({"key": key.info}),
        "the private key alone": key.pem,
        "the private key in one line": key.pem.replace("\n", "\\n"),
        "the private key without its first line": "\n".join(key.pem.splitlines()[1:]),
        "the private key without its last line": "\n".join(key.pem.splitlines()[:-1]),
        "the private key's body": body,
        "a line of the private key": key.line,
        "a page": f"<html><body><pre>{whole}</pre></body></html>",
        "YAML": "\n".join(f"{name}: {value!r}" for name, value in key.info.items()),
        "a Python dictionary": repr(key.info),
        "no type": json.dumps({name: value for name, value in key.info.items() if name != "type"}),
        "a type that is the private key": json.dumps(key.info | {"type": key.pem}),
        "a private key that was cut": json.dumps(key.info | {"private_key": key.pem[:800]}),
        "a private key in a list": json.dumps(key.info | {"private_key": key.pem.splitlines()}),
        "a private key that is damaged": json.dumps(key.info | {"private_key": key.pem.replace(key.line, "")}),
        "no email": json.dumps({name: value for name, value in key.info.items() if name != "client_email"}),
        "a Bearer of it": f"Bearer {body}",
        "lines in front": f"export A=1\nexport KEY={line}\n",
        "a path with the key as its name": f"/keys/{body}.json",
    }


def leaks_in(text: str, key: Key, *, names: bool = True) -> list[str]:
    """The pieces of the key that stand in the text, also where a terminal broke or framed its lines.

    ``names`` counts whose key it is as well, which nobody can sign in with.
    """
    secret = _secret_windows(key.pem, names=names)
    texts = (text, re.sub(r"[\s│|]+", "", text), text.replace("\\n", "\n"))
    return sorted(
        {each[at : at + WINDOW] for each in texts for at in range(len(each)) if each[at : at + WINDOW] in secret}
    )


@functools.cache
def _secret_windows(pem: str, *, names: bool) -> frozenset[str]:
    key = made_up_key()
    assert pem == key.pem, "only the key of this process is known"
    secrets = [*key.lines, "".join(key.lines), str(key.info["private_key_id"]), TOKEN[5:]]
    secrets += [_base64(key.json), _base64(key.in_one_line), _base64(_base64(key.json))]
    secrets += [str(key.info["client_id"]), _EMAIL] if names else []
    return frozenset(each[at : at + WINDOW] for each in secrets for at in range(len(each) - WINDOW + 1))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
