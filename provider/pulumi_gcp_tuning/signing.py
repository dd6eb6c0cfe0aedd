"""Which credentials sign calls, by configuration and environment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pulumi_gcp_tuning.credential_text import KEY_FORMS, TOKEN_FORMS, is_plain_path, read_key, read_token
from pulumi_gcp_tuning.redaction import remember, remember_fields, remember_parts

KEYS: Final = ("GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON", "gcp:credentials")
TOKENS: Final = ("GCP_TUNING_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN", "gcp:accessToken")
GOOGLES_OWN: Final = "GOOGLE_APPLICATION_CREDENTIALS"
IMPERSONATED: Final = ("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", "gcp:impersonateServiceAccount")
API_KEYS: Final = ("GCP_TUNING_GEMINI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY")
"""Where the API key of the Gemini API is looked for. Configuration would be stored in the state, so it is not one of them."""
READ_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "access token": TOKENS,
    "key file or its JSON": KEYS,
    "service account to impersonate": IMPERSONATED,
    "API key of the Gemini API": API_KEYS,
}
"""The kinds of credentials and their keys; the first key that is set is used."""

Find = Callable[..., tuple[str, str] | None]
"""The first key that is set, and its value."""


@dataclass(frozen=True, kw_only=True)
class CredentialsChoice:
    """How calls are signed. ``kind`` ``adc`` is application default credentials.

    ``text`` (a token, a path or the JSON of a key file) is never shown.
    """

    kind: Literal["adc", "token", "file", "json", "anonymous"] = "adc"
    text: str = field(default="", repr=False)
    source: str = "application default credentials"
    impersonate: str | None = None


def choose_credentials(find: Find, problems: list[str], *, this_machine: str | None) -> CredentialsChoice:
    """The credentials that sign calls. An unusable value is added to ``problems``, with its key and without its value.

    ``this_machine`` is the API's address if it is on this machine: the user's own token, key or service account is not
    used there.
    """
    who = _impersonated(find, problems)
    if this_machine is not None:
        token = find("GCP_TUNING_ACCESS_TOKEN", "gcp:accessToken")
        if token is None:
            return CredentialsChoice(kind="anonymous", source=f"none, {this_machine} is on this machine")
        return _token(token, None, problems)
    if token := find(*TOKENS):
        return _token(token, who, problems)
    if key := find(*KEYS):
        return _key(key, who, problems)
    if key := find(GOOGLES_OWN):
        choice = _key(key, who, problems)
        if choice.kind == "json":
            problems.append(
                f"{GOOGLES_OWN}: it holds the content of a key file, but Google's libraries expect a path. Set it to a path, "
                "or set GOOGLE_CREDENTIALS to the content. The value is not shown."
            )
        return choice
    return CredentialsChoice(impersonate=who)


def choose_api_key(find: Find, *, on_this_machine: bool) -> str:
    """The API key that the Gemini API is asked with, "" if there is none. The user's own is not used on this machine."""
    key = find(*(API_KEYS[:1] if on_this_machine else API_KEYS))
    return "" if key is None else key[1]


def remember_credentials(*places: Mapping[str, str]) -> None:
    """Hides the values of all credential keys from messages, whether they are used or not."""
    for place in places:
        for key in (*KEYS, GOOGLES_OWN):
            if text := place.get(key):
                _remember_key(text)
        for key in TOKENS:
            if text := place.get(key):
                try:
                    remember(read_token(text))
                except ValueError:
                    remember_parts(text)
        for key in API_KEYS:
            remember(place.get(key) or "")


def _remember_key(text: str) -> None:
    try:
        found = read_key(text)
    except ValueError:
        remember_parts(text)
        return
    if isinstance(found, dict):
        remember_fields(found)
        remember("" if "{" in text else text)  # base64
    elif not is_plain_path(str(found)):
        remember_parts(text)


def _impersonated(find: Find, problems: list[str]) -> str | None:
    found = find(*IMPERSONATED)
    if found is None:
        return None
    key, who = found
    if not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", who):
        # Not quoted: it may hold a key in an unrecognised form.
        problems.append(f"{key}: this is not a service account's email, such as ci@my-project.iam.gserviceaccount.com.")
    return who


def _token(found: tuple[str, str], who: str | None, problems: list[str]) -> CredentialsChoice:
    key, text = found
    try:
        token = read_token(text)
    except ValueError as error:
        problems.append(f"{key}: {error}. {TOKEN_FORMS}")
        return CredentialsChoice(source=key)
    return CredentialsChoice(kind="token", text=token, source=key, impersonate=who)


def _key(found: tuple[str, str], who: str | None, problems: list[str]) -> CredentialsChoice:
    key, text = found
    try:
        credential = read_key(text)
    except ValueError as error:
        problems.append(f"{key}: {error}. {KEY_FORMS}")
        return CredentialsChoice(source=key)
    if isinstance(credential, dict):
        return CredentialsChoice(kind="json", text=json.dumps(credential), source=key, impersonate=who)
    return CredentialsChoice(kind="file", text=str(credential), source=key, impersonate=who)
