"""What a stack declares to serve a model that another stack of the same project trained."""

import pulumi

from pulumi_gcp_tuning import Endpoint, ModelDeployment


def serve(config: pulumi.Config) -> dict[str, pulumi.Input[str]]:
    """Declare an endpoint of the stack and the pinned model on it; the stack's outputs."""
    model = config.require("model")
    location = model.split("/")[3]
    endpoint = Endpoint(
        "support",
        display_name=f"support ({pulumi.get_stack()})",
        location=location,
        labels={"team": "support"},
        deletion_policy=config.get("endpointPolicy"),
    )
    deployment = ModelDeployment("support", endpoint=endpoint, model=model)
    return {"model": model, "endpoint": deployment.endpoint, "location": location}
