"""What a preview asks of Google, by google-api-python-client unmodified: the permissive default, and each switch of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.discovery_clients import discovery_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.running import RunningSandbox

PROJECT = "projects/shop"
LOCATIONS = f"{PROJECT}/policies/gcp.resourceLocations"
KEYS = f"{PROJECT}/policies/gcp.restrictNonCmekServices"
ASKED = ("aiplatform", "storage", "cloudkms", "cloudbilling", "orgpolicy", "cloudquotas")


@pytest.fixture
def number(sandbox: RunningSandbox) -> str:
    return str(sandbox.get("/v1/projects/shop").json()["projectNumber"])


@pytest.fixture
def usage(sandbox: RunningSandbox) -> Iterator[Any]:
    with discovery_client("serviceusage", "v1", sandbox.url) as service:
        yield service.services()


@pytest.fixture
def billing(sandbox: RunningSandbox) -> Iterator[Any]:
    with discovery_client("cloudbilling", "v1", sandbox.url) as service:
        yield service.projects()


@pytest.fixture
def policies(sandbox: RunningSandbox) -> Iterator[Any]:
    with discovery_client("orgpolicy", "v2", sandbox.url) as service:
        yield service.projects().policies()


def refused(call: Any) -> tuple[int, str, str]:
    with pytest.raises(HttpError) as caught:
        call.execute()
    told = caught.value.error_details if isinstance(caught.value.error_details, list) else []
    reasons = [str(detail["reason"]) for detail in told if "reason" in detail]
    return caught.value.status_code, reasons[0] if reasons else "", str(caught.value.reason)


def test_services_are_got_in_one_call_and_their_names_carry_the_projects_number(usage: Any, number: str) -> None:
    names = [f"{PROJECT}/services/{name}.googleapis.com" for name in ASKED]
    found = usage.batchGet(parent=PROJECT, names=names).execute()["services"]
    assert [service["name"] for service in found] == [name.replace("shop", number) for name in names]
    assert {service["state"] for service in found} == {"ENABLED"}
    usage.disable(name=names[0], body={}).execute()
    found = usage.batchGet(parent=f"projects/{number}", names=names[:2]).execute()["services"]
    assert [service["state"] for service in found] == ["DISABLED", "ENABLED"]


def test_services_of_another_project_or_more_than_thirty_are_not_got(usage: Any) -> None:
    assert (
        "parent" in refused(usage.batchGet(parent=PROJECT, names=["projects/lab/services/storage.googleapis.com"]))[2]
    )
    names = [f"{PROJECT}/services/storage.googleapis.com"] * 31
    assert refused(usage.batchGet(parent=PROJECT, names=names))[0] == 400


def test_billing_goes_off_and_on_as_google_does_it(billing: Any) -> None:
    assert billing.getBillingInfo(name=PROJECT).execute()["billingEnabled"] is True
    off = billing.updateBillingInfo(name=PROJECT, body={"billingAccountName": ""}).execute()
    assert off == {"name": f"{PROJECT}/billingInfo", "projectId": "shop"}
    assert billing.getBillingInfo(name=PROJECT).execute() == off
    account = "billingAccounts/012345-567890-ABCDEF"
    on = billing.updateBillingInfo(name=PROJECT, body={"billingAccountName": account}).execute()
    assert (on["billingAccountName"], on["billingEnabled"]) == (account, True)
    assert refused(billing.updateBillingInfo(name=PROJECT, body={"billingAccountName": "mine"}))[0] == 400


def test_a_closed_account_still_has_its_name(sandbox: RunningSandbox, billing: Any) -> None:
    sandbox.admin("POST", "billing", {"project": "shop", "billingEnabled": False})
    info = billing.getBillingInfo(name=PROJECT).execute()
    assert "billingEnabled" not in info
    assert info["billingAccountName"].startswith("billingAccounts/")
    sandbox.admin("POST", "billing", {"project": "shop", "billingEnabled": True})
    assert billing.getBillingInfo(name=PROJECT).execute()["billingEnabled"] is True


@pytest.mark.parametrize(
    "body", [{}, {"project": "shop"}, {"project": 1, "billingEnabled": True}, {"project": "p", "billingEnabled": 0}]
)
def test_a_billing_that_is_not_said_clearly_is_refused(sandbox: RunningSandbox, body: dict[str, Any]) -> None:
    answer = sandbox.post("/_sandbox/billing", json=body)
    assert answer.status_code == 400
    assert "billingEnabled" in answer.text


@pytest.mark.parametrize("name", [LOCATIONS, KEYS])
def test_without_a_policy_the_effective_one_allows_all_and_there_is_none_to_get(
    policies: Any, number: str, name: str
) -> None:
    effective = policies.getEffectivePolicy(name=name).execute()
    assert effective == {"name": name.replace("shop", number), "spec": {"rules": [{"allowAll": True}]}}
    assert refused(policies.get(name=name))[0] == 404
    assert policies.list(parent=PROJECT).execute() == {}


def test_a_policy_is_created_patched_and_deleted_with_etags(policies: Any, number: str) -> None:
    rules = [{"values": {"allowedValues": ["in:eu-locations"]}}]
    made = policies.create(parent=PROJECT, body={"name": LOCATIONS, "spec": {"rules": rules}}).execute()
    assert made["name"] == LOCATIONS.replace("shop", number)
    assert policies.list(parent=PROJECT).execute()["policies"] == [made]
    assert policies.getEffectivePolicy(name=LOCATIONS).execute()["spec"] == {"rules": rules}
    assert refused(policies.create(parent=PROJECT, body={"name": LOCATIONS, "spec": {"rules": rules}}))[0] == 409
    changed = {"name": LOCATIONS, "spec": {"rules": [{"denyAll": True}]}}
    assert refused(policies.patch(name=LOCATIONS, body={**changed, "etag": "old"}))[0] == 409
    assert policies.patch(name=LOCATIONS, body={**changed, "etag": made["etag"]}).execute()["etag"] != made["etag"]
    assert policies.getEffectivePolicy(name=LOCATIONS).execute()["spec"] == {"rules": [{"denyAll": True}]}
    assert policies.delete(name=LOCATIONS).execute() == {}
    assert refused(policies.get(name=LOCATIONS))[0] == 404


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        (LOCATIONS, {"rules": []}),
        (LOCATIONS, {"rules": [{"enforce": True}]}),
        (LOCATIONS, {"rules": [{"allowAll": True, "denyAll": True}]}),
        (LOCATIONS, {"rules": [{"values": {"allowedValues": ["in:moon-locations"]}}]}),
        (LOCATIONS, {"rules": [{"values": {"allowedValues": ["mars"]}}]}),
        (LOCATIONS, {"reset": True, "rules": [{"allowAll": True}]}),
        (KEYS, {"rules": [{"values": {"allowedValues": ["aiplatform.googleapis.com"]}}]}),
        (KEYS, {"rules": [{"values": {"deniedValues": ["nonsense"]}}]}),
    ],
)
def test_a_policy_that_means_nothing_for_its_constraint_is_refused(policies: Any, name: str, spec: Any) -> None:
    assert refused(policies.create(parent=PROJECT, body={"name": name, "spec": spec}))[0] == 400


def test_a_constraint_that_the_sandbox_does_not_have_is_said_by_name(policies: Any) -> None:
    status, _, text = refused(
        policies.getEffectivePolicy(name=f"{PROJECT}/policies/compute.skipDefaultNetworkCreation")
    )
    assert (status, "compute.skipDefaultNetworkCreation" in text) == (501, True)


def test_the_switch_is_a_policy_from_above_that_a_projects_own_replaces_or_joins(
    sandbox: RunningSandbox, policies: Any
) -> None:
    def effective() -> list[Any]:
        return list(policies.getEffectivePolicy(name=KEYS).execute()["spec"]["rules"])

    sandbox.admin("POST", "policy", {"vertex.require_cmek": True})
    above = [{"values": {"deniedValues": ["is:aiplatform.googleapis.com"]}}]
    assert effective() == above
    own = [{"values": {"deniedValues": ["storage.googleapis.com"]}}]
    policies.create(parent=PROJECT, body={"name": KEYS, "spec": {"rules": own, "inheritFromParent": True}}).execute()
    assert effective() == above + own
    policies.patch(name=KEYS, body={"name": KEYS, "spec": {"rules": own}}).execute()
    assert effective() == own
    policies.patch(name=KEYS, body={"name": KEYS, "spec": {"reset": True}}).execute()
    assert effective() == [{"allowAll": True}]


def test_every_fact_of_a_fresh_project_is_the_permissive_one(sandbox: RunningSandbox) -> None:
    asked = ["aiplatform.tuningJobs.create", "aiplatform.tuningJobs.list", "storage.objects.create"]
    held = sandbox.post("/v3/projects/shop:testIamPermissions", json={"permissions": asked}).json()
    assert held == {"permissions": asked}
    assert "bindings" not in sandbox.post("/v3/projects/shop:getIamPolicy", json={}).json()
    infos = sandbox.get(f"/v1/{PROJECT}/locations/global/services/aiplatform.googleapis.com/quotaInfos?pageSize=500")
    metrics = {info["metric"]: info for info in infos.json()["quotaInfos"]}
    limit = metrics["aiplatform.googleapis.com/global_concurrent_tuning_jobs"]["dimensionsInfos"][0]["details"]["value"]
    assert int(limit) > 0
    assert sandbox.get(f"/v1/{PROJECT}/locations/us-central1/tuningJobs").json() == {}


@pytest.mark.parametrize(
    ("api", "method", "path"),
    [
        ("cloudbilling", "GET", "/v1/projects/shop/billingInfo"),
        ("orgpolicy", "GET", f"/v2/{LOCATIONS}:getEffectivePolicy"),
        ("cloudquotas", "GET", "/v1/projects/shop/locations/global/services/aiplatform.googleapis.com/quotaInfos"),
        ("cloudresourcemanager", "POST", "/v3/projects/shop:testIamPermissions"),
        ("cloudkms", "GET", "/v1/projects/shop/locations/us-central1/keyRings/r/cryptoKeys/k"),
        ("iam", "GET", "/v1/projects/-/serviceAccounts/trainer@shop.iam.gserviceaccount.com"),
        ("aiplatform", "GET", "/v1/projects/shop/locations/us-central1/tuningJobs"),
        ("storage", "GET", "/storage/v1/b/shop-data"),
    ],
)
def test_a_disabled_api_answers_service_disabled_with_what_turns_it_on(
    sandbox: RunningSandbox, usage: Any, number: str, api: str, method: str, path: str
) -> None:
    sandbox.post("/storage/v1/b?project=shop", json={"name": "shop-data", "location": "US-CENTRAL1"})
    sandbox.post("/v1/projects/shop/serviceAccounts", json={"accountId": "trainer"})
    host = f"{api}.googleapis.com"
    usage.disable(name=f"{PROJECT}/services/{host}", body={}).execute()
    answer = sandbox.request(method, path)
    told = answer.json()["error"]
    assert (answer.status_code, told["code"], told["status"]) == (403, 403, "PERMISSION_DENIED")
    assert f"has not been used in project {number} before or it is disabled" in told["message"]
    (info,) = [detail for detail in told["details"] if detail["@type"].endswith("ErrorInfo")]
    assert (info["reason"], info["domain"]) == ("SERVICE_DISABLED", "googleapis.com")
    assert (info["metadata"]["service"], info["metadata"]["consumer"]) == (host, f"projects/{number}")
    assert number in info["metadata"]["activationUrl"]


@pytest.mark.parametrize(
    ("permission", "method", "path"),
    [
        ("resourcemanager.projects.get", "GET", "/v1/projects/shop/billingInfo"),
        ("orgpolicy.policy.get", "GET", f"/v2/{LOCATIONS}:getEffectivePolicy"),
        (
            "cloudquotas.quotas.get",
            "GET",
            "/v1/projects/shop/locations/global/services/aiplatform.googleapis.com/quotaInfos",
        ),
        ("resourcemanager.projects.getIamPolicy", "POST", "/v3/projects/shop:getIamPolicy"),
        ("cloudkms.keyRings.getIamPolicy", "GET", "/v1/projects/shop/locations/us-central1/keyRings/r:getIamPolicy"),
        ("cloudkms.cryptoKeys.get", "GET", "/v1/projects/shop/locations/us-central1/keyRings/r/cryptoKeys/k"),
        ("iam.serviceAccounts.get", "GET", "/v1/projects/-/serviceAccounts/trainer@shop.iam.gserviceaccount.com"),
        ("aiplatform.tuningJobs.list", "GET", "/v1/projects/shop/locations/us-central1/tuningJobs"),
    ],
)
def test_a_lack_of_permission_is_named_with_the_resource(
    sandbox: RunningSandbox, permission: str, method: str, path: str
) -> None:
    sandbox.post("/v1/projects/shop/serviceAccounts", json={"accountId": "trainer"})
    sandbox.admin("POST", "principals", {"token": "*", "without": [permission]})
    answer = sandbox.request(method, path)
    told = answer.json()["error"]
    assert (answer.status_code, told["status"]) == (403, "PERMISSION_DENIED")
    (info,) = told["details"]
    assert (info["reason"], info["metadata"]["permission"]) == ("IAM_PERMISSION_DENIED", permission)
    assert info["metadata"]["resource"] in path.replace("/-/", "/shop/") or info["metadata"]["resource"] in path


def test_who_may_not_see_services_is_told_so_in_service_usages_own_words(sandbox: RunningSandbox, usage: Any) -> None:
    sandbox.admin("POST", "principals", {"token": "*", "without": ["serviceusage.*"]})
    name = f"{PROJECT}/services/aiplatform.googleapis.com"
    for call in (usage.get(name=name), usage.batchGet(parent=PROJECT, names=[name])):
        status, reason, text = refused(call)
        assert (status, reason) == (403, "AUTH_PERMISSION_DENIED")
        assert text.startswith("Permission denied to get service [aiplatform.googleapis.com]")


def test_the_token_star_is_everyone_who_is_not_registered(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "principals", {"token": "*", "permissions": "*", "without": ["aiplatform.*"]})
    sandbox.admin("POST", "principals", {"token": "boss", "permissions": "*"})
    path = f"/v1/{PROJECT}/locations/us-central1/tuningJobs"
    assert sandbox.get(path).status_code == 403
    assert sandbox.get(path, headers={"authorization": "Bearer boss"}).status_code == 200
    asked = {"permissions": ["aiplatform.tuningJobs.create", "storage.objects.get"]}
    held = sandbox.post("/v3/projects/shop:testIamPermissions", json=asked).json()
    assert held == {"permissions": ["storage.objects.get"]}


@pytest.mark.parametrize("state", ["closed", "absent"])
def test_with_billing_off_what_costs_money_is_refused_and_what_is_free_is_not(
    sandbox: RunningSandbox, billing: Any, number: str, state: str
) -> None:
    sandbox.post("/storage/v1/b?project=shop", json={"name": "shop-data", "location": "US-CENTRAL1"})
    if state == "closed":
        sandbox.admin("POST", "billing", {"project": "shop", "billingEnabled": False})
    else:
        billing.updateBillingInfo(name=PROJECT, body={"billingAccountName": ""}).execute()
    for host, path in (
        ("aiplatform.googleapis.com", f"/v1/{PROJECT}/locations/us-central1/tuningJobs"),
        ("cloudkms.googleapis.com", f"/v1/{PROJECT}/locations/us-central1/keyRings"),
    ):
        answer = sandbox.get(path)
        told = answer.json()["error"]
        assert (answer.status_code, told["status"]) == (403, "PERMISSION_DENIED")
        assert f"requires billing to be enabled. Please enable billing on project #{number}" in told["message"]
        (info,) = [detail for detail in told["details"] if detail["@type"].endswith("ErrorInfo")]
        assert info["reason"] == "BILLING_DISABLED"
        assert info["metadata"] == {"service": host, "consumer": f"projects/{number}"}
    answer = sandbox.get("/storage/v1/b/shop-data")
    told = answer.json()["error"]
    assert told["message"] == f"The billing account for the owning project is disabled in state {state}"
    assert (answer.status_code, told["errors"][0]["reason"]) == (403, "accountDisabled")
    for free in ("/v3/projects/shop", f"/v2/{LOCATIONS}:getEffectivePolicy", f"/v1/{PROJECT}/services"):
        assert sandbox.get(free).status_code == 200


def test_an_account_that_is_not_there_is_404_in_its_project_and_403_under_the_wildcard(sandbox: RunningSandbox) -> None:
    email = "nobody@shop.iam.gserviceaccount.com"
    with discovery_client("iam", "v1", sandbox.url) as service:
        accounts = service.projects().serviceAccounts()
        assert refused(accounts.get(name=f"{PROJECT}/serviceAccounts/{email}"))[::2] == (404, "Unknown service account")
        # its description of the name says so
        wildcard = f"projects/-/serviceAccounts/{email}"
        for call in (
            accounts.get(name=wildcard),
            accounts.testIamPermissions(resource=wildcard, body={"permissions": ["iam.serviceAccounts.actAs"]}),
        ):
            status, reason, text = refused(call)
            assert (status, reason) == (403, "IAM_PERMISSION_DENIED")
            assert text.startswith("Permission 'iam.serviceAccounts.get' denied on resource")
            assert text.endswith("(or it may not exist).")


@pytest.mark.parametrize("asked", [["storage.*"], ["nonsense"], ["a.b.c"] * 101])
def test_permissions_that_are_none_or_too_many_are_not_tested(sandbox: RunningSandbox, asked: list[str]) -> None:
    answer = sandbox.post("/v3/projects/shop:testIamPermissions", json={"permissions": asked})
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
