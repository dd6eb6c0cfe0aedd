"""How an application asks an endpoint: Python with google-genai, and curl, both in the location of the endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.names import EndpointName

_QUESTION: Final = "Where is my order?"


@dataclass(frozen=True)
class Snippets:
    """Text that runs as it is, with google-genai installed or with gcloud logged in."""

    python: str
    curl: str


def snippets_of(endpoint: str, settings: Settings | None = None) -> Snippets:
    """The snippets for an endpoint, at Google or at the address of the settings. Raises MalformedName for another text."""
    name, chosen = EndpointName.parse(endpoint), settings or Settings()
    origin = chosen.origin("aiplatform", name.location)
    options = f', http_options={{"base_url": "{origin}"}}' if chosen.base_url else ""
    python = (
        "from google import genai\n\n"
        f'client = genai.Client(vertexai=True, project="{name.project}", location="{name.location}"{options})\n'
        "answer = client.models.generate_content(\n"
        f'    model="{name}",\n    contents="{_QUESTION}",\n)\nprint(answer.text)\n'
    )
    body = f'{{"contents": [{{"role": "user", "parts": [{{"text": "{_QUESTION}"}}]}}]}}'
    curl = (
        f"curl -X POST '{origin}/v1/{name}:generateContent' \\\n"
        '  -H "Authorization: Bearer $(gcloud auth print-access-token)" \\\n'
        f"  -H 'Content-Type: application/json' \\\n  -d '{body}'\n"
    )
    return Snippets(python=python, curl=curl)
