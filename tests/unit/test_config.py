"""Where settings come from, and what a wrong one gets."""

from __future__ import annotations

import json
from datetime import date

import pytest

from pulumi_gcp_tuning.config import CHECKS, FIXED_CHECKS, LOOKED_FOR, Settings, check_levels
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.origins import same_origin
from pulumi_gcp_tuning.preflight.spelling import check_labels

SANDBOX = "http://127.0.0.1:8085"


def test_configuration_wins_over_environment_for_project_and_region() -> None:
    env = {"GOOGLE_PROJECT": "from-env", "GOOGLE_REGION": "europe-west4"}
    settings = Settings.resolve({"gcp:project": "from-config"}, env)
    assert (settings.project, settings.location) == ("from-config", "europe-west4")


@pytest.mark.parametrize("name", ["GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"])
def test_each_environment_variable_of_pulumi_gcp_names_the_project(name: str) -> None:
    assert Settings.resolve({}, {name: "from-env"}).project == "from-env"


def test_environment_wins_over_configuration_for_base_url_and_token() -> None:
    config = {"gcp-tuning:baseUrl": "https://other.example.com", "gcp:accessToken": "of-config"}
    settings = Settings.resolve(config, {"GCP_TUNING_BASE_URL": SANDBOX + "/", "GCP_TUNING_ACCESS_TOKEN": "of-env"})
    assert settings.base_url == SANDBOX
    assert (settings.credentials.kind, settings.credentials.text) == ("token", "of-env")


def test_a_sandbox_without_a_token_never_gets_the_users_credentials() -> None:
    env = {
        "GCP_TUNING_BASE_URL": SANDBOX,
        "GOOGLE_CREDENTIALS": "/key.json",
        "GOOGLE_OAUTH_ACCESS_TOKEN": "real",
        "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT": "deployer@my-project.iam.gserviceaccount.com",
    }
    choice = Settings.resolve({}, env).credentials
    assert (choice.kind, choice.text, choice.impersonate) == ("anonymous", "", None)


def test_without_anything_application_default_credentials_are_used() -> None:
    assert Settings.resolve({}, {}).credentials.kind == "adc"


def test_impersonation_is_taken_from_environment_or_configuration() -> None:
    email = "deployer@my-project.iam.gserviceaccount.com"
    assert Settings.resolve({"gcp:impersonateServiceAccount": email}, {}).credentials.impersonate == email
    assert Settings.resolve({}, {"GOOGLE_IMPERSONATE_SERVICE_ACCOUNT": email}).credentials.impersonate == email


def test_credentials_are_not_shown() -> None:
    settings = Settings.resolve({}, {"GCP_TUNING_ACCESS_TOKEN": "very-secret"})
    assert "very-secret" not in repr(settings)


def test_the_as_of_date_is_today_unless_set() -> None:
    assert Settings.resolve({}, {}, today=lambda: date(2026, 11, 21)).as_of == date(2026, 11, 21)
    assert Settings.resolve({"gcp-tuning:asOf": "2024-05-01"}, {}).as_of == date(2024, 5, 1)


def test_everything_that_is_wrong_is_said_at_once_with_its_key() -> None:
    config = {
        "gcp:project": "My Project",
        "gcp:region": "us-central1-a",
        "gcp:defaultLabels": '{"Team": "a"}',
        "gcp:userProjectOverride": "perhaps",
        "gcp-tuning:checks": '{"regoin": "warn", "cmek": "maybe"}',
        "gcp-tuning:asOf": "yesterday",
        "gcp-tuning:pollInterval": "-1",
        "gcp-tuning:deletionPolicy": "KEEP",
        "gcp-tuning:onChange": "ignore",
        "gcp:universeDomain": "https://x",
    }
    with pytest.raises(Refused) as caught:
        Settings.resolve(config, {"GCP_TUNING_BASE_URL": "ftp://x"})
    text = str(caught.value)
    assert [key for key in [*config, "GCP_TUNING_BASE_URL"] if f"- {key}: " not in text] == []
    assert "(did you mean 'region'?)" in text
    assert "?." not in text
    assert "its region is us-central1" in text


def test_a_base_url_must_not_send_credentials_unencrypted() -> None:
    with pytest.raises(Refused, match="unencrypted"):
        Settings.resolve({}, {"GCP_TUNING_BASE_URL": "http://proxy.example.com:8080"})


@pytest.mark.parametrize(
    ("location", "origin"),
    [
        ("us-central1", "https://us-central1-aiplatform.googleapis.com"),
        ("global", "https://aiplatform.googleapis.com"),
        ("us", "https://aiplatform.us.rep.googleapis.com"),
        ("eu", "https://aiplatform.eu.rep.googleapis.com"),
    ],
)
def test_each_location_has_its_host(location: str, origin: str) -> None:
    assert Settings().origin("aiplatform", location) == origin


def test_other_services_have_one_host() -> None:
    assert Settings().origin("cloudkms", "us-central1") == "https://cloudkms.googleapis.com"


def test_the_universe_domain_replaces_googles() -> None:
    settings = Settings.resolve({"gcp:universeDomain": "apis-tpc.example.com"}, {})
    assert settings.origin("aiplatform", "us") == "https://aiplatform.us.rep.apis-tpc.example.com"
    assert settings.api_origin == "https://apis-tpc.example.com"


def test_a_base_url_can_be_a_template() -> None:
    settings = Settings.resolve({}, {"GCP_TUNING_BASE_URL": "https://{location}-{service}.p.example.com/x"})
    assert settings.origin("aiplatform", "us-east4") == "https://us-east4-aiplatform.p.example.com/x"
    assert settings.origin("storage") == "https://global-storage.p.example.com/x"
    assert settings.api_origin == "https://{location}-{service}.p.example.com/x"


def test_a_sandboxs_resource_is_not_looked_for_in_the_cloud() -> None:
    with pytest.raises(Refused, match=r"GCP_TUNING_BASE_URL=http://127\.0\.0\.1:8085"):
        Settings().check_origin(SANDBOX, "Tuning job j")


def test_what_the_same_api_made_passes() -> None:
    Settings(base_url=SANDBOX).check_origin("http://localhost:8085/", "Tuning job j")
    Settings().check_origin(None, "Tuning job j")


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("http://127.0.0.1:8085", "http://localhost:8085/", True),
        ("http://[::1]:8085", "http://127.0.0.1:8085", True),
        ("https://X.example.com:443", "https://x.example.com", True),
        ("http://127.0.0.1:8085", "http://127.0.0.1:8086", False),
        ("https://googleapis.com", "http://127.0.0.1:8085", False),
        ("https://a.example.com/x", "https://a.example.com/y", False),
    ],
)
def test_two_origins_are_compared_as_addresses(a: str, b: str, same: bool) -> None:  # noqa: FBT001
    assert same_origin(a, b) is same


def test_a_resources_own_checks_are_read_by_the_same_rule() -> None:
    assert check_levels({"region": "off"}) == {"region": "off"}
    with pytest.raises(ValueError, match="did you mean 'quota'"):
        check_levels({"qouta": "warn"})


def test_default_labels_must_be_ones_that_google_takes() -> None:
    assert Settings.resolve({"gcp:defaultLabels": '{"team": "a-1", "leer": ""}'}, {}).default_labels == {
        "team": "a-1",
        "leer": "",
    }
    with pytest.raises(Refused, match="gcp:defaultLabels"):
        Settings.resolve({"gcp:defaultLabels": "team=a"}, {})


@pytest.mark.parametrize("check", FIXED_CHECKS)
@pytest.mark.parametrize("level", ["error", "warn", "off"])
def test_a_check_that_cannot_be_switched_is_refused_by_name(check: str, level: str) -> None:
    with pytest.raises(ValueError, match=f"check '{check}' cannot be switched"):
        check_levels({check: level})
    with pytest.raises(Refused, match=f"gcp-tuning:checks: check '{check}' cannot be switched"):
        Settings.resolve({"gcp-tuning:checks": json.dumps({check: level})}, {})


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("gcp-tuning:maxcost", "gcp-tuning:maxCost"),
        ("gcp-tuning:max_cost", "gcp-tuning:maxCost"),
        ("gcptuning:maxCost", "gcp-tuning:maxCost"),
        ("gcp_tuning:onQuotas", "gcp-tuning:onQuota"),
        ("GCP-tunning:catalogue", "gcp-tuning:catalog"),
        ("gcp-tuning:region", "gcp:region"),
        ("gcp-tuning:accessToken", "gcp:accessToken"),
    ],
)
def test_a_key_of_our_namespace_that_no_setting_has_is_refused_with_the_nearest(key: str, nearest: str) -> None:
    with pytest.raises(Refused) as caught:
        Settings.resolve({key: "very-secret"}, {})
    assert f"- {key}: there is no such setting (did you mean '{nearest}'?)." in str(caught.value)
    assert "very-secret" not in str(caught.value)


def test_a_key_that_is_near_to_none_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Refused, match=r"gcp-tuning:xyz: there is no such setting \(there are gcp-tuning:checks, "):
        Settings.resolve({"gcp-tuning:xyz": "1"}, {})


@pytest.mark.parametrize(
    "key", ["gcp:zone", "gcp:projct", "gcp:disableGlobalProjectWarning", "shop:maxCost", "tuning:x"]
)
def test_keys_of_other_namespaces_are_no_business_of_ours(key: str) -> None:
    assert Settings.resolve({key: "1"}, {}) == Settings.resolve({}, {})


@pytest.mark.parametrize(
    ("key", "is_refused"), [("gcptuning:bucket", False), ("gcptuning:region", False), ("gcptuning:maxcost", True)]
)
def test_a_project_of_nearly_our_name_may_have_keys_of_its_own(key: str, is_refused: bool) -> None:  # noqa: FBT001
    try:
        Settings.resolve({key: "1"}, {}, pulumi_project="gcptuning")
        refused = False
    except Refused:
        refused = True
    assert refused is is_refused


def test_every_setting_but_the_credentials_says_where_it_is_looked_for() -> None:
    assert Settings.model_fields.keys() - LOOKED_FOR.keys() == {"credentials", "gemini_api_key"}
    assert all(Settings.model_fields[name].description for name in LOOKED_FOR)


@pytest.mark.parametrize("name", LOOKED_FOR)
def test_no_value_that_may_be_a_credential_is_shown_wherever_it_was_set(name: str) -> None:
    secret = "ya29.a0AfH6SMBx-q"
    for key in LOOKED_FOR[name].names:
        config, env = ({key: f"x {secret}"}, {}) if ":" in key else ({}, {key: f"x {secret}"})
        with pytest.raises(Refused, match=f"{key}: the value looks like a private key or a token") as caught:
            Settings.resolve(config, env)
        assert secret not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_credential_that_json_hides_is_not_shown_either() -> None:
    labels = '{"team": "\\u0079a29.a0AfH6SMBx-q"}'
    with pytest.raises(Refused, match="gcp:defaultLabels: the value looks like") as caught:
        Settings.resolve({"gcp:defaultLabels": labels}, {})
    assert "a0AfH6" not in str(caught.value)


def test_an_address_with_an_open_bracket_is_refused() -> None:
    with pytest.raises(Refused, match="GCP_TUNING_BASE_URL"):
        Settings.resolve({}, {"GCP_TUNING_BASE_URL": "http://["})


@pytest.mark.parametrize("number", ["0", "1700000000"])
def test_a_number_is_no_date(number: str) -> None:
    with pytest.raises(Refused, match="is not a date like"):
        Settings.resolve({"gcp-tuning:asOf": number}, {})


def test_check_names_are_unique_and_lower_case() -> None:
    assert sorted(set(CHECKS)) == sorted(CHECKS)
    assert all(name == name.lower() for name in CHECKS)


def test_a_label_of_sixty_four_characters_is_taken_by_default_labels_as_by_a_resource() -> None:
    label = {"k" * 64: "v" * 64}
    assert Settings.resolve({"gcp:defaultLabels": json.dumps(label)}, {}).default_labels == label
    assert check_labels(label) == []


@pytest.mark.parametrize(
    ("config", "env", "says"),
    [
        ({"gcp:maxCost": "5"}, {}, "gcp:maxCost: there is no such setting (did you mean 'gcp-tuning:maxCost'?)"),
        (
            {},
            {"GCP_TUNING_BASEURL": "x"},
            "GCP_TUNING_BASEURL: there is no such variable (did you mean 'GCP_TUNING_BASE_URL'?)",
        ),
    ],
)
def test_a_setting_of_ours_that_is_written_almost_right_is_named(
    config: dict[str, str], env: dict[str, str], says: str
) -> None:
    with pytest.raises(Refused) as refused:
        Settings.resolve(config, env)
    assert says in str(refused.value)


def test_settings_of_pulumi_gcp_and_variables_of_tools_are_left_alone() -> None:
    Settings.resolve({"gcp:zone": "us-central1-a"}, {"GCP_TUNING_SANDBOX": "1", "GCP_TUNING_PULUMI": "x"})
