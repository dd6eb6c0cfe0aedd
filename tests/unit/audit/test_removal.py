"""What an audit deletes, and what it leaves because it changed since it was listed."""

from __future__ import annotations

from copy import deepcopy

import pytest

from pulumi_gcp_tuning.errors import NotFound, Refused
from pulumi_gcp_tuning.label_keys import STACK_LABEL
from pulumi_gcp_tuning.names import identity_of, stack_hash
from support.audited_cloud import OTHER_SPEC, Cloud
from support.hand_made_google import urn
from support.hand_made_lookups import NUMBER


def test_a_delete_takes_the_model_and_what_was_made_for_it_and_leaves_the_current_one(cloud: Cloud) -> None:
    cloud.trained()
    second = cloud.trained(**OTHER_SPEC)
    cloud.keep("TuningJob", second)
    cloud.keep("TunedModel", cloud.taken(second))
    cloud.remove(cloud.item())
    assert list(cloud.google.models) == [cloud.model_of(second)]
    assert cloud.audit().items == ()


def test_a_delete_of_a_running_job_cancels_it(cloud: Cloud) -> None:
    first = cloud.job()
    cloud.keep("TuningJob", first)
    twin = f"{first.id}9"
    cloud.google.jobs[twin] = {**deepcopy(cloud.google.jobs[first.id]), "name": twin}
    cloud.remove(cloud.item())
    assert cloud.google.said("cancel_tuning_job") == [twin]
    assert cloud.audit().items == ()


def test_what_was_claimed_since_it_was_listed_is_not_deleted(cloud: Cloud) -> None:
    first = cloud.trained()
    cloud.keep("TuningJob", cloud.job(**OTHER_SPEC))
    item = cloud.item()
    cloud.taken(first)
    with pytest.raises(Refused, match="its labels have changed since it was listed"):
        cloud.remove(item)
    assert cloud.model_of(first) in cloud.google.models


def test_what_became_a_release_since_it_was_listed_is_not_deleted(cloud: Cloud) -> None:
    first = cloud.trained()
    cloud.keep("TuningJob", cloud.job(**OTHER_SPEC))
    item = cloud.item()
    cloud.google.models[cloud.model_of(first)]["labels"]["gcp-tuning-release"] = "v1"
    with pytest.raises(Refused, match="its labels have changed since it was listed"):
        cloud.remove(item)


def test_an_endpoint_that_serves_since_it_was_listed_is_not_deleted(cloud: Cloud) -> None:
    name = f"projects/{NUMBER}/locations/us-central1/endpoints/5"
    labels = {"gcp-tuning-id": identity_of(urn("Endpoint")), STACK_LABEL: stack_hash(urn("Endpoint"))}
    cloud.google.endpoints[name] = {"name": name, "labels": labels}
    item = cloud.item()
    cloud.google.vertex("us").deploy_model(name, {"id": "7", "model": "m"}, {"0": 100}, wait=None)
    with pytest.raises(Refused, match="it has started to serve traffic since it was listed"):
        cloud.remove(item)


def test_what_is_gone_already_is_not_found(cloud: Cloud) -> None:
    cloud.trained()
    cloud.keep("TuningJob", cloud.job(**OTHER_SPEC))
    item = cloud.item()
    cloud.google.models.clear()
    with pytest.raises(NotFound):
        cloud.remove(item)
