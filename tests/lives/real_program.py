"""The program of a life for the real CLI: fixed text, which reads from a file what its user has changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lives.program import Program

TEXT: Final = """
import json
import pulumi
from pulumi_gcp_tuning import Endpoint, ModelDeployment, TunedModel, TuningDataset, TuningJob

told = json.load(open("life.json"))
name, left_out = told["name"], told["left_out"]


class Router(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("shop:index:Router", "router")


parent = Router() if told["inside"] else None


def opts(kind, **more):
    protect = True if kind in told["protect"] else None
    return pulumi.ResourceOptions(parent=parent, aliases=told["aliases"][kind], protect=protect, **more)


data = TuningDataset(name, bucket="shop-data", source=told["content"] + ".jsonl", opts=opts("tuning_dataset"))
spec = {"training_dataset_uri": data.uri, "hyper_parameters": {"epoch_count": told["epochs"]}}
job = TuningJob(name, base_model="gemini-3.5-flash", supervised_tuning_spec=spec, retry=told["retry"] or None,
                opts=opts("tuning_job"))
made = [data, job]
labels = {"team": told["label"]}
if "tuned_model" not in left_out:
    keeps = {} if told["keep_last"] is None else {"on_replace": {"keep_last": told["keep_last"]}}
    model = TunedModel(name, tuning_job=job, labels=labels, **keeps, opts=opts("tuned_model"))
    made.append(model)
if "endpoint" not in left_out:
    endpoint = Endpoint(name, display_name="Shop", location="us", labels=labels, opts=opts("endpoint"))
    made.append(endpoint)
if not {"model_deployment", "endpoint", "tuned_model"} & set(left_out):
    made.append(ModelDeployment(name, endpoint=endpoint, model=model, opts=opts("model_deployment")))
if told["bad"]:
    place = "projects/" + told["number"] + "/locations/us"
    ModelDeployment("bad", endpoint=place + "/endpoints/999", model=place + "/models/999",
                    opts=pulumi.ResourceOptions(depends_on=made))
"""


def settings_of(program: Program, number: str, *, bad: bool) -> str:
    """``life.json`` for a program."""
    aliases = {goal.kind: list(goal.aliases) for goal in program.goals()}
    told = {
        "name": program.names[-1],
        "inside": program.parents[-1],
        "content": program.content,
        "epochs": program.epochs,
        "retry": program.retry,
        "label": program.label,
        "keep_last": program.keep_last,
        "protect": sorted(program.protect),
        "left_out": sorted(program.left_out),
        "aliases": aliases,
        "number": number,
        "bad": bad,
    }
    return json.dumps(told)
