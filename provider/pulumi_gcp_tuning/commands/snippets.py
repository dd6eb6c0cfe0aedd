"""How an application asks a tuned model: Python and curl, both at the address that answers for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from pulumi_gcp_tuning.commands.bison import instance_for
from pulumi_gcp_tuning.commands.open_model import open_instance_for
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.gemini_names import parse_gemini_tuned_model
from pulumi_gcp_tuning.names import EndpointName

_QUESTION: Final = "Where is my order?"
_GENAI, _AUTH = "google-genai", "google-auth requests"
_BEARER: Final = "Authorization: Bearer $(gcloud auth print-access-token)"
_KEY: Final = "x-goog-api-key: $GEMINI_API_KEY"


@dataclass(frozen=True)
class Snippets:
    """Text that runs as it is: ``python`` with the ``packages`` installed, ``curl`` with gcloud logged in or with an API key."""

    python: str
    curl: str
    packages: str = _GENAI


def snippets_of(
    endpoint: str, settings: Settings | None = None, *, bison: str | None = None, on_machine: bool = False
) -> Snippets:
    """The snippets for an endpoint, at Google or at the address of the settings.

    Two kinds of endpoints support predict only: those of a bison model, whose name is ``bison``, and those that serve
    the weights of an open model ``on_machine``. Raises MalformedName for another text.
    """
    name, chosen = EndpointName.parse(endpoint), settings or Settings()
    origin = chosen.origin("aiplatform", name.location)
    if on_machine:
        return _of_predict(f"{origin}/v1/{name}:predict", open_instance_for(_QUESTION), "")
    if bison is not None:
        content = '["candidates"][0]["content"]' if "chat" in bison else '["content"]'
        return _of_predict(f"{origin}/v1/{name}:predict", instance_for(bison, _QUESTION), content)
    options = f', http_options={{"base_url": "{origin}"}}' if chosen.base_url else ""
    client = f'vertexai=True, project="{name.project}", location="{name.location}"{options}'
    body = {"contents": [{"role": "user", "parts": [{"text": _QUESTION}]}]}
    return Snippets(_python(client, str(name)), _curl(f"{origin}/v1/{name}:generateContent", _BEARER, body))


def gemini_snippets_of(name: str, settings: Settings | None = None) -> Snippets:
    """The snippets for ``tunedModels/ID`` of the Gemini API, which read the API key from the environment."""
    parse_gemini_tuned_model(name)
    chosen = settings or Settings()
    origin = chosen.origin("generativelanguage")
    is_google = chosen.base_url is None and chosen.gemini_base_url is None
    options = "" if is_google else f'http_options={{"base_url": "{origin}"}}'
    body = {"contents": [{"parts": [{"text": _QUESTION}]}]}
    return Snippets(_python(options, name), _curl(f"{origin}/v1beta/{name}:generateContent", _KEY, body))


def _python(client: str, model: str) -> str:
    return (
        f"from google import genai\n\nclient = genai.Client({client})\nanswer = client.models.generate_content(\n"
        f'    model="{model}",\n    contents="{_QUESTION}",\n)\nprint(answer.text)\n'
    )


def _of_predict(url: str, instance: dict[str, Any], content: str) -> Snippets:
    """google-genai has no predict, so the request is sent with the session of google-auth. The answer's text is at ``content``."""
    body = {"instances": [instance]}
    python = (
        "import google.auth\nfrom google.auth.transport.requests import AuthorizedSession\n\n"
        'credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])\n'
        f'answer = AuthorizedSession(credentials).post(\n    "{url}",\n    json={_literal(body)},\n)\n'
        f'print(answer.json()["predictions"][0]{content})\n'
    )
    return Snippets(python, _curl(url, _BEARER, body), _AUTH)


def _literal(body: dict[str, Any]) -> str:
    """The body as Python: what JSON writes, but for its words."""
    return json.dumps(body).replace(": true", ": True")


def _curl(url: str, header: str, body: dict[str, Any]) -> str:
    return (
        f"curl -X POST '{url}' \\\n  -H \"{header}\" \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{json.dumps(body)}'\n"
    )
