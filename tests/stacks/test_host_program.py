"""What a program gets wrong, and what it reads, as the CLI shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import IMPORTS

if TYPE_CHECKING:
    from stacks.conftest import NewStack, TuningStack

PROVIDERS = IMPORTS + "import pulumi_gcp_tuning as tuning\n"
# Stands for gcp.Provider without its plugin: what counts is the package.
GCP_PROVIDER = "theirs = pulumi.ProviderResource('pulumi-python', 'theirs')\ntheirs.package = 'gcp'\n"


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("Endpoint('e', dispaly_name='E')\n", "dispaly_name: there is no such argument. Did you mean display_name?"),
        (
            "TuningJob('j', base_model='g', supervised_tuning_spec={'training_dataset_url': 'gs://b/t.jsonl'})\n",
            "supervised_tuning_spec.training_dataset_url: there is no such argument.",
        ),
        (
            GCP_PROVIDER + "Endpoint('e', display_name='E', opts=pulumi.ResourceOptions(provider=theirs))\n",
            "Endpoint 'e': a gcp.Provider does not apply to this resource.",
        ),
    ],
)
def test_a_mistake_in_the_program_is_told_without_frames(program: str, told: str, new_stack: NewStack) -> None:
    stack = new_stack(IMPORTS + program, config={"gcp:project": "shop-dev"})
    stack.preview().expect_failure(told)


def test_what_exists_is_read_by_its_id_and_stays_at_destroy(tuning_stack: TuningStack) -> None:
    owner = tuning_stack(IMPORTS + "pulumi.export('id', Endpoint('e', display_name='E').id)\n")
    owner.up().expect_ok()
    name = owner.outputs()["id"]
    reader = tuning_stack(
        IMPORTS + f"read = Endpoint.get('e', {name!r})\n"
        "pulumi.export('display_name', read.display_name)\npulumi.export('traffic', read.traffic_split)\n"
    )
    reader.up().expect_ok()
    assert reader.outputs()["display_name"] == "E"
    assert reader.resource("e")["external"] is True
    reader.destroy().expect_ok()
    assert owner.refresh("--expect-no-changes").expect_ok().exit_code == 0


def test_a_provider_of_its_own_sees_its_own_settings_only(tuning_stack: TuningStack) -> None:
    stack = tuning_stack(
        PROVIDERS + "west = tuning.Provider('west', project='shop-prod', region='europe-west4',\n"
        "                       default_labels={'team': 'west'})\n"
        "Endpoint('a', display_name='A', labels={'tier': 'one'}, opts=pulumi.ResourceOptions(provider=west))\n"
        "Endpoint('b', display_name='B')\n",
        config={"gcp:defaultLabels": '{"team": "default"}'},
    )
    stack.up().expect_ok()
    a, b = stack.resource("a")["outputs"], stack.resource("b")["outputs"]
    assert (a["project"], a["location"]) == ("shop-prod", "europe-west4")
    assert a["pulumiLabels"] == {"team": "west", "tier": "one"}
    assert b["pulumiLabels"] == {"team": "default"}
    assert b["location"] != "europe-west4"
    stack.refresh("--expect-no-changes").expect_ok()
    stack.destroy().expect_ok()
