"""What the rows of the fourth list share: it goes over every kind of resource, and was written before the checks were changed."""

from __future__ import annotations

from typing import Any, Final

from preflight.list_row import Row, right, wrong
from support.preflight_case import DROP, Tree, lines

DISCOVERY: Final = "discovery document aiplatform v1, revision 20261106"
GPUS: Final = "docs.cloud.google.com/compute/docs/gpus: GPU machine types"
SERVING: Final = "docs.cloud.google.com/vertex-ai/docs/predictions/configure-compute"
MACHINE: Final = f"{DISCOVERY}: MachineSpec"
REPLICAS: Final = f"{DISCOVERY}: DedicatedResources"
SEED: Final = "seed 004: open models"
GEMINI_API: Final = "ai.google.dev/api/tuning"
LOCATIONS: Final = "docs.cloud.google.com/vertex-ai/docs/general/locations"
GRANTS: Final = "docs.cloud.google.com/vertex-ai/docs/general/cmek"
GEMMA: Final = "google/gemma3@gemma-3-27b-it"
WEIGHTS: Final = {f"weights/{name}": "{}" for name in ("config.json", "model.safetensors")}


def weights(**more: Any) -> Tree:
    """A deployment of weights on a machine; keys are in the wire's form."""
    given = {
        "artifacts": "gs://shop-data/weights",
        "machineType": "g2-standard-12",
        "acceleratorType": "NVIDIA_L4",
        "acceleratorCount": 1,
        "endpoint": DROP,
        "model": DROP,
        "checks": {},
        **more,
    }
    return {"world/objects": WEIGHTS, **{f"inputs/{key}": value for key, value in given.items()}}


def bad_machine(id: str, source: str, *names: str, answer: str = "error", **more: Any) -> Row:  # noqa: A002
    """Weights on a machine that Google does not have, or not so."""
    return wrong(id, source, weights(**more), *names, answer=answer, kind="model_deployment")


def good_machine(id: str, source: str, **more: Any) -> Row:  # noqa: A002
    """Weights on a machine that Google has."""
    return right(id, source, weights(checks={"quota": "off"}, **more), kind="model_deployment")


def open_job(**more: Any) -> Tree:
    """A job of an open model."""
    rows = ({"prompt": f"Ticket {number}: what now?", "completion": f"team {number}"} for number in range(120))
    return {
        "inputs/baseModel": GEMMA,
        "inputs/outputUri": "gs://shop-data/out",
        "world/objects/train.jsonl": lines(*rows),
        **more,
    }


def pairs(*rows: Any) -> Tree:
    """The pairs of a model of the Gemini API."""
    good = ({"text_input": str(number), "output": str(number + 1)} for number in range(20))
    return {"files": {"pairs.jsonl": lines(*good, *rows)}}
