"""``gcp-tuning ask`` for an open model on a machine that is still cold."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import requests

from support.sandbox_server import PROJECT, REGION, SandboxServer

PLACE = f"projects/{PROJECT}/locations/{REGION}"
ROWS = [
    {"prompt": f"Team of ticket {n}: {word}", "completion": word} for n in range(40) for word in ("billing", "returns")
]
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}


@pytest.mark.parametrize("cold", ["503", "504"])
def test_ask_waits_until_the_machine_of_an_open_model_is_warm(cold: str) -> None:
    with SandboxServer("--stepped") as server:
        server.make_bucket("shop-data")
        rows = "".join(json.dumps(row) + "\n" for row in ROWS)
        path = f"{server.url}/upload/storage/v1/b/shop-data/o?uploadType=media&name=train.jsonl"
        requests.post(path, data=rows.encode(), timeout=60).raise_for_status()
        training = "gs://shop-data/train.jsonl"
        spec = {"trainingDatasetUri": training, "hyperParameters": {"epochCount": "5"}}
        body = {
            "baseModel": "meta/llama3_1@llama-3.1-8b",
            "supervisedTuningSpec": spec,
            "outputUri": "gs://shop-data/out",
        }
        server.call("POST", f"v1beta1/{PLACE}/tuningJobs", body)
        server.call("POST", "_sandbox/clock", {"advance_seconds": 14_400})
        resources = {"machineSpec": MACHINE, "minReplicaCount": 1}
        weights = {"gcsUri": "gs://shop-data/out/postprocess/node-0/checkpoints/final"}
        asked = {"customModel": weights, "deployConfig": {"dedicatedResources": resources}}
        operation = server.call("POST", f"v1beta1/{PLACE}:deploy", asked)["name"]
        server.call("POST", "_sandbox/clock", {"advance_seconds": 3_600})
        endpoint = server.call("GET", f"v1beta1/{operation}")["response"]["endpoint"]
        server.call("POST", "_sandbox/policy", {"vertex.cold_start": cold})
        command = [
            sys.executable,
            "-m",
            "pulumi_gcp_tuning.cli",
            "ask",
            endpoint,
            "Team of ticket 3: returns",
            "--temperature",
            "0",
        ]
        ended = subprocess.run(command, env=server.env, capture_output=True, text=True, timeout=120, check=False)
        assert (ended.returncode, ended.stdout) == (0, "returns\n"), ended.stderr
