"""``gcp-tuning policy-pack``."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pulumi_gcp_tuning.cli import policy_pack
from pulumi_gcp_tuning.cli.entry import app
from pulumi_gcp_tuning.errors import Refused


def test_it_prints_the_folder_that_pulumi_takes() -> None:
    said = CliRunner().invoke(app, ["policy-pack"])
    assert (Path(said.stdout.strip()) / "PulumiPolicy.yaml").is_file()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_pack, "find_spec", lambda _name: None)
    with pytest.raises(Refused, match=r"pip install 'pulumi-gcp-tuning\[policy\]'"):
        policy_pack.policy_pack()
