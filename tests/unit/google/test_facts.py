"""What was asked once is known to all."""

from __future__ import annotations

import pytest

from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.google.shape import NOTHING
from support.discovery import check_request
from support.fake_google import FakeGoogle, Reply, google_error

KEY = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"


def test_a_failure_is_remembered_but_not_found_is_asked_again(google: Google, server: FakeGoogle) -> None:
    denied = google_error(403, "PERMISSION_DENIED", "denied")
    missing = google_error(404, "NOT_FOUND", "not there")
    server.replies = [denied, missing, Reply({"name": KEY, "purpose": "ENCRYPT_DECRYPT"})]
    for _ in range(2):
        with pytest.raises(ApiError, match="denied"):
            google.kms.get_crypto_key(f"{KEY}1")
    with pytest.raises(NotFound):
        google.kms.get_crypto_key(f"{KEY}2")
    assert google.kms.get_crypto_key(f"{KEY}2") == {"name": KEY, "purpose": "ENCRYPT_DECRYPT"}
    assert len(server.requests) == 3


def test_fresh_asks_again_and_the_new_answer_is_remembered(google: Google, server: FakeGoogle) -> None:
    server.replies = [Reply({"n": 1}), Reply({"n": 2})]

    def ask(*, fresh: bool) -> int:
        url = f"{google.origin('cloudkms')}/v1/{KEY}"
        return int(google.cached("key", KEY, lambda: google.transport.send("GET", url, NOTHING), fresh=fresh)["n"])

    asked = [ask(fresh=fresh) for fresh in (False, False, True, False)]
    assert asked == [1, 1, 2, 2]


def test_each_look_up_is_one_that_google_describes(google: Google, server: FakeGoogle) -> None:
    google.kms.get_crypto_key(KEY)
    google.kms.get_crypto_key_iam_policy(KEY)
    google.kms.get_key_ring_iam_policy(KEY.rpartition("/cryptoKeys/")[0])
    google.services.get_services("my-project", ["aiplatform.googleapis.com", "storage.googleapis.com"])
    google.projects.get_project("my-project")
    google.projects.get_iam_policy("my-project")
    google.projects.test_iam_permissions("my-project", ["aiplatform.tuningJobs.create"])
    google.billing.get_billing_info("my-project")
    google.org_policies.get_effective_policy("my-project", "gcp.resourceLocations")
    google.service_accounts.get_service_account("tuner@my-project.iam.gserviceaccount.com")
    google.service_accounts.may_act_as("tuner@my-project.iam.gserviceaccount.com")
    resources, accounts = "cloudresourcemanager.v3", "iam.v1"
    apis = ["cloudkms.v1", "cloudkms.v1", "cloudkms.v1", "serviceusage.v1", resources, resources, resources]
    apis += ["cloudbilling.v1", "orgpolicy.v2", accounts, accounts]
    methods = [
        check_request(api, sent.verb, sent.path, sent.query, sent.body)
        for api, sent in zip(apis, server.requests, strict=True)
    ]
    assert methods == [
        "cloudkms.projects.locations.keyRings.cryptoKeys.get",
        "cloudkms.projects.locations.keyRings.cryptoKeys.getIamPolicy",
        "cloudkms.projects.locations.keyRings.getIamPolicy",
        "serviceusage.services.batchGet",
        "cloudresourcemanager.projects.get",
        "cloudresourcemanager.projects.getIamPolicy",
        "cloudresourcemanager.projects.testIamPermissions",
        "cloudbilling.projects.getBillingInfo",
        "orgpolicy.projects.policies.getEffectivePolicy",
        "iam.projects.serviceAccounts.get",
        "iam.projects.serviceAccounts.testIamPermissions",
    ]


def test_a_project_is_known_by_id_and_number(google: Google, server: FakeGoogle) -> None:
    server.replies = [Reply({"name": "projects/123456789012", "projectId": "my-project", "state": "ACTIVE"})]
    found = google.projects.get_project("my-project")
    assert (found["projectId"], found["projectNumber"]) == ("my-project", "123456789012")


def test_quotas_are_read_page_by_page(google: Google, server: FakeGoogle) -> None:
    server.replies = [
        Reply({"quotaInfos": [{"quotaId": "a"}], "nextPageToken": "t"}),
        Reply({"quotaInfos": [{"quotaId": "b"}]}),
    ]
    assert [each["quotaId"] for each in google.quotas.list_quota_infos("my-project")] == ["a", "b"]
    assert (
        server.requests[1].path
        == "/v1/projects/my-project/locations/global/services/aiplatform.googleapis.com/quotaInfos"
    )
