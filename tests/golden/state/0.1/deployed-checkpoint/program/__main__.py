"""All five resources below a component: the model and one of its checkpoints on an endpoint of one's own, a secret label."""

import pulumi

from pulumi_gcp_tuning import Endpoint, ModelDeployment, TunedModel, TuningDataset, TuningJob

config = pulumi.Config()


class Router(pulumi.ComponentResource):
    """What the shop deploys as one thing."""

    def __init__(self, name: str) -> None:
        super().__init__("shop:index:Router", name)
        below = pulumi.ResourceOptions(parent=self)
        training = TuningDataset("training", bucket="shop-data", source="data/train.jsonl", opts=below)
        job = TuningJob(
            "router",
            base_model="gemini-3.1-flash-lite",
            supervised_tuning_spec={"training_dataset_uri": training.uri, "hyper_parameters": {"epoch_count": 2}},
            retry="2",
            opts=below,
        )
        labels = {"team": "support", "cost-centre": config.require_secret("costCentre")}
        model = TunedModel("router", tuning_job=job, labels=labels, on_replace={"keep_last": 1}, opts=below)
        endpoint = Endpoint("router", display_name="Router", location="us", labels={"team": "support"}, opts=below)
        newest = ModelDeployment("router", endpoint=endpoint, model=model, opts=below)
        ModelDeployment(
            "first-epoch",
            endpoint=endpoint,
            model=model,
            checkpoint_id="1",
            display_name="after one epoch",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[newest]),
        )
        self.endpoint = endpoint.id
        self.register_outputs({"endpoint": endpoint.id})


pulumi.export("endpoint", Router("router").endpoint)
