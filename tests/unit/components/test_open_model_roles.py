"""OpenModelBucketRoles: which grants a program gets from it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio
import pulumi

made = []

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        if args.typ == "gcp:storage/bucketIAMMember:BucketIAMMember":
            made.append((args.inputs["bucket"], args.inputs["role"], args.inputs["member"]))
        return [f"{args.name}-id", args.inputs]

    def call(self, args):
        return {}

asyncio.set_event_loop(asyncio.new_event_loop())
pulumi.runtime.set_mocks(Mocks())
from pulumi_gcp_tuning import OpenModelBucketRoles
from pulumi_gcp_tuning.components.open_model_roles import AGENTS

@pulumi.runtime.test
def run():
    roles = OpenModelBucketRoles("r", buckets={"rows": "a", "pics": "b"}, project_number="7", agents=AGENTS[:COUNT])
    return pulumi.Output.all(*[grant.id for grant in roles.grants])

run()
print(sorted(made))
"""


def grants(agents: int) -> str:
    command = [sys.executable, "-c", PROGRAM.replace("COUNT", str(agents))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_both_agents_get_the_role_on_every_bucket() -> None:
    first, second = (
        f"serviceAccount:service-7@gcp-sa-{agent}.iam.gserviceaccount.com" for agent in ("aiplatform", "vertex-moss-ft")
    )
    expected = [(bucket, "roles/storage.objectUser", member) for bucket in "ab" for member in (first, second)]
    assert grants(2) == str(expected)


def test_only_the_agent_that_exists_gets_it_before_the_first_job() -> None:
    assert "vertex-moss-ft" not in grants(1)
    assert grants(1).count("gcp-sa-aiplatform") == 2
