"""Who signs the calls. google-auth is imported only when the first call is about to leave."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import ApiError

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from pulumi_gcp_tuning.config import CredentialsChoice, Settings

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


def load_credentials(settings: Settings) -> Credentials:
    """The credentials that ``settings`` chose. Raises ApiError, with the command that mends it, where there are none."""
    from google.auth import exceptions

    choice = settings.credentials
    try:
        credentials = _chosen(choice)
    except (exceptions.GoogleAuthError, OSError, ValueError) as error:
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ApiError(  # as where Google does not accept them: nothing of what is asked comes back
            f"There are no usable Google credentials ({choice.source}): {first_line} "
            "Run 'gcloud auth application-default login', or set GOOGLE_APPLICATION_CREDENTIALS, or point "
            "GCP_TUNING_BASE_URL at the sandbox.",
            http_status=0,
            status="UNAUTHENTICATED",
        ) from error
    if choice.impersonate and choice.kind != "anonymous":
        from google.auth import impersonated_credentials

        credentials = impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
            source_credentials=credentials,
            target_principal=choice.impersonate,
            target_scopes=list(SCOPES),
        )
    return credentials


def quota_project(settings: Settings) -> str | None:
    """The project that calls are counted against, where the user asked for another than that of the credentials."""
    if not settings.user_project_override:
        return None
    return settings.billing_project or settings.project


def _chosen(choice: CredentialsChoice) -> Credentials:
    if choice.kind == "anonymous":
        from google.auth.credentials import AnonymousCredentials

        return AnonymousCredentials()  # type: ignore[no-untyped-call]
    if choice.kind == "token":
        from google.oauth2.credentials import Credentials as TokenCredentials

        return TokenCredentials(token=choice.text)  # type: ignore[no-untyped-call]
    import google.auth

    load: Any = google.auth  # its functions are untyped
    credentials: Credentials
    if choice.kind == "adc":
        credentials, _project = load.default(scopes=list(SCOPES))
        return credentials
    with warnings.catch_warnings():
        # google-auth warns of configurations from strangers; this one is the user's own
        warnings.simplefilter("ignore", DeprecationWarning)
        if choice.kind == "json":
            credentials, _project = load.load_credentials_from_dict(json.loads(choice.text), scopes=list(SCOPES))
        else:
            credentials, _project = load.load_credentials_from_file(choice.text, scopes=list(SCOPES))
    return credentials
