"""What a program does with google-genai, whatever its version: run by a test with the sandbox's address and a data set."""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

MODEL = "gemini-3.5-flash"
ASKED = "my invoice - refund - what now?"


def client(url: str, location: str) -> genai.Client:
    """A client of one location that talks to the sandbox."""
    options = types.HttpOptions(base_url=url, api_version="v1beta1")
    credentials = Credentials("fake")  # type: ignore[no-untyped-call]
    return genai.Client(
        vertexai=True, project="my-project", location=location, credentials=credentials, http_options=options
    )


def main(url: str, training: str) -> None:
    """Tune, list with a filter, get, cancel, ask, stream; print what was seen as JSON."""
    warnings.simplefilter("ignore")
    here, there = client(url, "us-central1"), client(url, "us")

    def tune(name: str) -> Any:
        config = types.CreateTuningJobConfig(tuned_model_display_name=name, epoch_count=4)
        data = types.TuningDataset(gcs_uri=training)
        return here.tunings.tune(base_model=MODEL, training_dataset=data, config=config)

    job, other = tune("tickets"), tune("other")
    here.tunings.cancel(name=other.name)
    while not job.has_ended:
        time.sleep(0.2)
        job = here.tunings.get(name=job.name)
    endpoint = job.tuned_model.endpoint
    asked: dict[str, Any] = {"model": endpoint, "contents": ASKED}
    plain = types.GenerateContentConfig(temperature=0)
    form = types.GenerateContentConfig(
        temperature=0,
        response_mime_type="application/json",
        response_schema={"type": "OBJECT", "properties": {"label": {"type": "STRING"}}},
    )
    try:
        elsewhere = there.models.generate_content(model=endpoint.replace("/us/", "/us-central1/"), contents=ASKED).text
    except errors.ClientError as error:
        elsewhere = error.status
    listed = here.tunings.list(config={"filter": 'tuned_model_display_name="tickets"'})
    seen = {
        "version": genai.__version__,
        "state": job.state,
        "cancelled": here.tunings.get(name=other.name).state,
        "listed": [found.tuned_model_display_name for found in listed],
        "models": [(found.labels or {}).get("tune-type") for found in there.models.list(config={"query_base": False})],
        "answer": there.models.generate_content(**asked, config=plain).text,
        "json": there.models.generate_content(**asked, config=form).text,
        "elsewhere": elsewhere,
        "stream": "".join(part.text or "" for part in there.models.generate_content_stream(**asked, config=plain)),
    }
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
