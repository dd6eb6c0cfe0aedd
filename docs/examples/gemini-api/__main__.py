"""What Google's tutorial on tuning with the Gemini API does with curl, declared: a base model, examples, parameters."""

import pulumi

from pulumi_gcp_tuning import GeminiApiTunedModel

config = pulumi.Config()
model = GeminiApiTunedModel(
    "number-generator",
    display_name="number generator model",
    base_model="models/gemini-1.5-flash-001-tuning",
    source="data/pairs.jsonl",
    batch_size=2,
    learning_rate=0.001,
    epoch_count=config.require_int("epochs"),
)

pulumi.export("model", model.name)
pulumi.export("state", model.state)
pulumi.export("mean_loss", model.mean_loss)
pulumi.export("loss", model.loss)
