"""Programs that the stack tests run, and the data they name."""

from __future__ import annotations

import json

IMPORTS = """
import pulumi
from pulumi_gcp_tuning import Endpoint, GeminiApiTunedModel, ModelDeployment
from pulumi_gcp_tuning import PipelineTuningJob, TunedModel, TuningDataset, TuningJob
"""

MAIN = (
    IMPORTS
    + """
training = TuningDataset("training", bucket="shop-data", source="train.jsonl")
job = TuningJob("router", base_model="gemini-3.1-flash-lite", tuned_model_display_name="router",
                supervised_tuning_spec={"training_dataset_uri": training.uri, "hyper_parameters": {"epoch_count": 8}})
model = TunedModel("router", tuning_job=job, labels={"team": "support"})
pulumi.export("endpoint", model.endpoint)
"""
)
OWN_ENDPOINT = (
    MAIN
    + """
endpoint = Endpoint("support", display_name="support", location="us")
deployment = ModelDeployment("support", endpoint=endpoint, model=model)
pulumi.export("own", endpoint.id)
"""
)


def rows(count: int = 40, salt: str = "") -> str:
    """A small JSONL file in Gemini's contents form; another ``salt`` is another content."""
    lines = []
    for number in range(count):
        team = ("billing", "shipping", "returns", "account")[number % 4]
        contents = [
            {"role": "user", "parts": [{"text": f"Ticket {number} {salt} about {team}: what now?"}]},
            {"role": "model", "parts": [{"text": f"team: {team}"}]},
        ]
        lines.append(json.dumps({"contents": contents}))
    return "\n".join(lines) + "\n"
