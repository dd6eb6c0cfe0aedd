"""In which project a service account is looked for."""

from __future__ import annotations

import pytest

from pulumi_gcp_tuning.google.service_accounts import project_of


@pytest.mark.parametrize(
    ("email", "project"),
    [
        ("tuner@shop-dev.iam.gserviceaccount.com", "shop-dev"),
        ("tuner@shop.example.com.iam.gserviceaccount.com", "example.com:shop"),
        ("123456789012-compute@developer.gserviceaccount.com", "123456789012"),
        ("shop-dev@appspot.gserviceaccount.com", "shop-dev"),
        ("someone@example.com", "-"),
        ("tuner", "-"),
    ],
)
def test_an_account_is_looked_for_in_the_project_that_its_email_names(email: str, project: str) -> None:
    assert project_of(email) == project
