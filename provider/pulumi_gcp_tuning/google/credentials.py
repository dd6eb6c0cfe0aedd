"""The credentials of calls. google-auth is imported only before the first call.

Its errors quote file names, fields and whole keys, so nothing of their text is shown.
"""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.credential_text import is_plain_path, read_key_file
from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.redaction import remember, remember_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.auth.credentials import Credentials

    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.signing import CredentialsChoice

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_LARGEST_KEY_FILE = 1_000_000


def load_credentials(settings: Settings) -> Credentials:
    """The credentials that ``settings`` chose. Raises ApiError, with the command to run, if there are none."""
    choice = settings.credentials
    credentials = _chosen(choice)
    if choice.impersonate and choice.kind != "anonymous":
        from google.auth import impersonated_credentials

        credentials = impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
            source_credentials=credentials,
            target_principal=choice.impersonate,
            target_scopes=list(SCOPES),
        )
    return credentials


def quota_project(settings: Settings) -> str | None:
    """The quota project, if the user set one that differs from the credentials' own."""
    if not settings.user_project_override:
        return None
    return settings.billing_project or settings.project


def _chosen(choice: CredentialsChoice) -> Credentials:
    if choice.kind == "anonymous":
        from google.auth.credentials import AnonymousCredentials

        return AnonymousCredentials()  # type: ignore[no-untyped-call]
    if choice.kind == "token":
        from google.oauth2.credentials import Credentials as TokenCredentials

        remember(choice.text)
        return TokenCredentials(token=choice.text)  # type: ignore[no-untyped-call]
    if choice.kind == "adc":
        return _default(choice)
    return _made_of(json.loads(choice.text) if choice.kind == "json" else _read_file(choice), choice)


def _default(choice: CredentialsChoice) -> Credentials:
    import google.auth

    load: Any = google.auth  # its functions are untyped
    credentials: Credentials
    try:
        credentials, _project = load.default(scopes=list(SCOPES))
    except Exception as error:  # noqa: BLE001 - a file of the user's may be wrong in any way
        there_are_none = "credentials were not found" in str(error)
        why = "there are none" if there_are_none else f"Google's library cannot load them ({type(error).__name__})"
    else:
        return credentials
    raise _unusable(choice, why)


def _made_of(info: Mapping[str, Any], choice: CredentialsChoice) -> Credentials:
    """The credentials in a key file, with the scopes of application default credentials."""
    import google.auth
    from google.auth.credentials import with_scopes_if_required

    remember_fields(info)
    load: Any = google.auth  # its functions are untyped
    credentials: Credentials
    try:
        with warnings.catch_warnings():
            # google-auth warns about configurations from untrusted sources; this one is the user's own
            warnings.simplefilter("ignore", DeprecationWarning)
            loaded, _project = load.load_credentials_from_dict(dict(info))
        credentials = with_scopes_if_required(loaded, list(SCOPES))  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001 - a field may be wrong in any way
        damaged = info.get("type") == "service_account"
        why = (
            "its private_key is damaged" if damaged else f"Google's library does not accept it ({type(error).__name__})"
        )
    else:
        return credentials
    raise _unusable(choice, why)


def _read_file(choice: CredentialsChoice) -> Mapping[str, Any]:
    place = f"the file {choice.text}" if is_plain_path(choice.text) else "the file that it names"
    try:
        with open(choice.text, "rb") as opened:  # noqa: PTH123 - a path as the user wrote it
            content = opened.read(_LARGEST_KEY_FILE)
        return read_key_file(content)
    except FileNotFoundError:
        why = f"{place} does not exist"
    except IsADirectoryError:
        why = f"{place} is a folder"
    except OSError as error:
        why = f"{place} cannot be read ({error.strerror or type(error).__name__})"
    except ValueError as error:
        why = f"{place} cannot be used: {error}"
    raise _unusable(choice, why)


def _unusable(choice: CredentialsChoice, why: str) -> ApiError:
    remedy = (
        "Run 'gcloud auth application-default login', or set GOOGLE_APPLICATION_CREDENTIALS, or point "
        "GCP_TUNING_BASE_URL at the sandbox."
        if choice.kind == "adc"
        else f"Correct {choice.source}, or unset it and run 'gcloud auth application-default login'."
    )
    return ApiError(  # the same status as if Google refused them
        f"There are no usable Google credentials ({choice.source}): {why}. {remedy}",
        http_status=0,
        status="UNAUTHENTICATED",
    )
