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
from pulumi_gcp_tuning.origins import is_loopback

_QUESTION: Final = "Where is my order?"
_GENAI, _AUTH = "google-genai", "google-auth requests"
_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
_TOKEN: Final = 'Credentials("sandbox")'
"""On this machine a sandbox answers: it takes any token, and a user's own must not be sent to it."""
_IMPORT_TOKEN: Final = "from google.oauth2.credentials import Credentials\n"


@dataclass(frozen=True)
class Snippets:
    """Text that runs as it is: ``python`` with the ``packages`` installed, ``curl`` with gcloud logged in or with an API key.

    At the address of a sandbox neither a login nor a key is needed.
    """

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
    client = ["vertexai=True", f'project="{name.project}"', f'location="{name.location}"']
    imported = ""
    if is_loopback(origin):
        client, imported = [*client, f"credentials={_TOKEN}"], _IMPORT_TOKEN
    if chosen.base_url:
        client.append(f'http_options={{"base_url": "{origin}"}}')
    body = {"contents": [{"role": "user", "parts": [{"text": _QUESTION}]}]}
    python = _python(", ".join(client), str(name), imported)
    return Snippets(python, _curl(f"{origin}/v1/{name}:generateContent", _bearer(origin), body))


def gemini_snippets_of(name: str, settings: Settings | None = None) -> Snippets:
    """The snippets for ``tunedModels/ID`` of the Gemini API, which read the API key from the environment."""
    parse_gemini_tuned_model(name)
    chosen = settings or Settings()
    origin = chosen.origin("generativelanguage")
    client = ['api_key="sandbox"'] if is_loopback(origin) else []
    if chosen.base_url is not None or chosen.gemini_base_url is not None:
        client.append(f'http_options={{"base_url": "{origin}"}}')
    key = "sandbox" if is_loopback(origin) else "$GEMINI_API_KEY"
    body = {"contents": [{"parts": [{"text": _QUESTION}]}]}
    url = f"{origin}/v1beta/{name}:generateContent"
    return Snippets(_python(", ".join(client), name), _curl(url, f"x-goog-api-key: {key}", body))


def _python(client: str, model: str, imported: str = "") -> str:
    return (
        f"from google import genai\n{imported}\nclient = genai.Client({client})\n"
        f'answer = client.models.generate_content(\n    model="{model}",\n    contents="{_QUESTION}",\n)\n'
        "print(answer.text)\n"
    )


def _of_predict(url: str, instance: dict[str, Any], content: str) -> Snippets:
    """google-genai has no predict, so the request is sent with the session of google-auth. The answer's text is at ``content``."""
    body = {"instances": [instance]}
    session = "from google.auth.transport.requests import AuthorizedSession\n"
    login = f'import google.auth\n{session}\ncredentials, _ = google.auth.default(scopes=["{_SCOPE}"])\n'
    if is_loopback(url):
        login = f"{session}{_IMPORT_TOKEN}\ncredentials = {_TOKEN}\n"
    python = (
        f'{login}answer = AuthorizedSession(credentials).post(\n    "{url}",\n    json={_literal(body)},\n)\n'
        f'print(answer.json()["predictions"][0]{content})\n'
    )
    return Snippets(python, _curl(url, _bearer(url), body), _AUTH)


def _bearer(url: str) -> str:
    return f"Authorization: Bearer {'sandbox' if is_loopback(url) else '$(gcloud auth print-access-token)'}"


def _literal(body: dict[str, Any]) -> str:
    """The body as Python: what JSON writes, but for its words."""
    return json.dumps(body).replace(": true", ": True")


def _curl(url: str, header: str, body: dict[str, Any]) -> str:
    return (
        f"curl -X POST '{url}' \\\n  -H \"{header}\" \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{json.dumps(body)}'\n"
    )
