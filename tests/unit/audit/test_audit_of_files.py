"""What an audit says of files in a bucket, and when it may delete one."""

from __future__ import annotations

import pytest

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from support.audited_cloud import FOLDER, Cloud, entry
from support.hand_made_google import urn


def test_a_file_that_no_entry_has_is_an_orphan(cloud: Cloud) -> None:
    owner = {f"gcp-tuning-owner-{identity_of(urn('TuningDataset'))}": "shop/dev/bot"}
    stored = {"bucket": FOLDER[0], "name": f"{FOLDER[1]}/a.jsonl", "generation": "1", "metageneration": "1"}
    cloud.google.objects[FOLDER[0], stored["name"]] = {**stored, "metadata": owner, "size": "12"}
    item = cloud.item()
    assert (item.name, item.why, item.cost.text) == (
        "gs://shop-data/tuning-datasets/a.jsonl",
        "orphan",
        "storage of 12 bytes",
    )
    cloud.remove(item)
    assert cloud.google.objects == {}


def test_a_file_that_another_stack_needs_too_is_not_deleted(cloud: Cloud) -> None:
    owners = {
        f"gcp-tuning-owner-{identity_of(urn('TuningDataset'))}": "shop/dev/bot",
        f"gcp-tuning-owner-{identity_of(urn('TuningDataset', stack='prod'))}": "shop/prod/bot",
    }
    stored = {"bucket": FOLDER[0], "name": f"{FOLDER[1]}/a.jsonl", "generation": "1", "metageneration": "1"}
    cloud.google.objects[FOLDER[0], stored["name"]] = {**stored, "metadata": owners}
    with pytest.raises(Refused, match="other datasets use it"):
        cloud.remove(cloud.item())


def stored(cloud: Cloud, **metadata: str) -> None:
    """A file of the dataset ``bot`` that no entry has."""
    owner = {f"gcp-tuning-owner-{identity_of(urn('TuningDataset'))}": "shop/dev/bot"}
    found = {"bucket": FOLDER[0], "name": f"{FOLDER[1]}/a.jsonl", "generation": "1", "metageneration": "1"}
    more = {key.replace("_", "-"): each for key, each in metadata.items()}
    cloud.google.objects[FOLDER[0], found["name"]] = {**found, "metadata": owner | more}


def test_a_file_of_a_run_that_did_not_end_is_an_orphan_although_the_pending_operation_names_it(cloud: Cloud) -> None:
    stored(cloud)
    inputs = {"uri": "gs://shop-data/tuning-datasets/a.jsonl", "bucket": FOLDER[0], "prefix": FOLDER[1]}
    dataset = entry("TuningDataset", Current(id="", outputs={}, inputs=inputs))
    cloud.pending.append({"type": "creating", "resource": dataset})
    assert cloud.item().why == "orphan"
    assert cloud.state().folders == [FOLDER]


def test_a_file_that_was_there_before_is_not_deleted(cloud: Cloud) -> None:
    stored(cloud, gcp_tuning_found="true")
    with pytest.raises(Refused, match="it existed before a dataset used it"):
        cloud.remove(cloud.item())


def test_a_file_that_an_entry_of_another_state_claimed_is_not_deleted(cloud: Cloud) -> None:
    stored(cloud, gcp_tuning_claim_4711="00ff")
    with pytest.raises(Refused, match="an entry that is not in this state claimed it"):
        cloud.remove(cloud.item())


def test_a_file_whose_token_an_entry_has_is_that_entrys_although_its_address_is_a_secret(cloud: Cloud) -> None:
    identity = identity_of(urn("TuningDataset"))
    stored(cloud, **{f"gcp_tuning_claim_{identity}": "00ff"})
    hidden = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
    outputs = {"uri": hidden, "bucket": FOLDER[0], "prefix": hidden, "claim": "00ff"}
    cloud.keep("TuningDataset", Current(id=f"secret/{identity}/a.jsonl", outputs=outputs))
    found = cloud.audit()
    assert (found.items, found.known) == ((), 1)


def test_a_file_that_a_killed_run_claimed_is_deleted(cloud: Cloud) -> None:
    identity = identity_of(urn("TuningDataset"))
    stored(cloud, **{f"gcp_tuning_claim_{identity}": "00ff"})
    dataset = entry("TuningDataset", Current(id="", outputs={}))
    cloud.pending.append({"type": "creating", "resource": dataset})
    cloud.remove(cloud.item())
    assert cloud.google.objects == {}


def test_a_file_that_somebody_needs_since_it_was_listed_is_not_deleted(cloud: Cloud) -> None:
    stored(cloud)
    item = cloud.item()
    stored(cloud, gcp_tuning_owner_4711="shop/prod/bot")
    with pytest.raises(Refused, match="it has changed since it was listed"):
        cloud.remove(item)
