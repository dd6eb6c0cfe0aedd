"""docs/iam.md: the roles for CI have what previews and the verbs of the resources ask for, and nothing more."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from pulumi_gcp_tuning.config import Settings
from support.hand_made_google import GOOD_ROWS, urn
from support.markdown import find_blocks
from support.sandbox_server import PROJECT, REGION, SandboxServer
from unit.resources.test_permissions import NAMES, Asked, on_the_page

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = "2026-01-20"
RING = f"projects/{PROJECT}/locations/{REGION}/keyRings"
KEY = f"{RING}/ring/cryptoKeys/key"
OF_OBJECT_USER = {f"storage.objects.{verb}" for verb in ("create", "delete", "get", "list", "update")}


@pytest.fixture(scope="module")
def docs(checkout: Path) -> Path:
    return checkout / "docs"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer("--as-of", TODAY, "--speed", "100000") as running:
        running.make_bucket("shop-data")
        running.call("POST", f"v1/{RING}?keyRingId=ring", {})
        running.call("POST", f"v1/{RING}/ring/cryptoKeys?cryptoKeyId=key", {"purpose": "ENCRYPT_DECRYPT"})
        running.call("POST", f"v1/projects/{PROJECT}/serviceAccounts", {"accountId": "support-tuner"})
        place = f"{running.url}/upload/storage/v1/b/shop-data/o?uploadType=media&name=train.jsonl"
        assert requests.post(place, data=GOOD_ROWS, timeout=30).ok
        yield running


def role(docs: Path, name: str) -> list[str]:
    """A list of permissions of the page's program."""
    (program,) = (block.text for block in find_blocks(docs / "iam.md") if block.kind == "program")
    for node in ast.parse(program).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            found: list[str] = ast.literal_eval(node.value)
            return found
    raise AssertionError(f"the program has no {name}")


def asked_by_checks(server: SandboxServer, folder: Path) -> set[str]:
    """What the checks of a new dataset and a new job with key, account and limit ask of the caller."""
    asked = Asked(server, folder)
    env = server.env | {"GCP_TUNING_AS_OF": TODAY}
    asked.settings = Settings.resolve({"gcp:project": PROJECT, "gcp:region": REGION}, env)
    (folder / "train.jsonl").write_bytes(GOOD_ROWS)
    content = hashlib.sha256(GOOD_ROWS).hexdigest()
    account = f"support-tuner@{PROJECT}.iam.gserviceaccount.com"
    data = {"bucket": "shop-data", "source": "train.jsonl", "contentSha256": content, "kmsKeyName": KEY}
    job = {
        "baseModel": "gemini-2.5-flash",
        "supervisedTuningSpec": {"trainingDatasetUri": "gs://shop-data/train.jsonl"},
        "encryptionSpec": {"kmsKeyName": KEY},
        "serviceAccount": account,
        "maxCost": 5.0,
    }
    for kind, inputs in (("tuning_dataset", data), ("tuning_job", job)):
        news = {**inputs, "resourceUrn": urn(NAMES[kind])}
        asked._of(kind, "check", lambda frame, call, news=news: frame.check(call, {}, news))
    return set().union(*asked.needs.values())


def without_objects(permissions: set[str]) -> list[str]:
    """In the page's order. Rights on objects are granted on the bucket."""
    return sorted(each for each in permissions if not each.startswith("storage.objects."))


def needs_of(docs: Path, *verbs: str) -> set[str]:
    needs = on_the_page(docs / "permissions.md")
    return {each for (_, verb), found in needs.items() if verb in verbs for each in found}


def test_the_role_of_the_review_is_what_previews_and_reads_ask_for(
    docs: Path, server: SandboxServer, tmp_path: Path
) -> None:
    page = (docs / "how-it-works.md").read_text(encoding="utf-8")
    table = page.partition("## What a preview asks of Google")[2].partition("\n## ")[0]
    rows = re.findall(r"^\|.*\|.*\|(.*)\|$", table, re.MULTILINE)
    told = {each for row in rows for each in re.findall(r"`([\w.]+\.\w+)`", row)}
    asked = asked_by_checks(server, tmp_path)
    assert len(asked) > 10
    assert role(docs, "REVIEW") == without_objects(told | asked | needs_of(docs, "read"))


def test_the_role_of_the_deployment_is_what_the_other_verbs_need_besides(docs: Path) -> None:
    needs = needs_of(docs, "create", "update", "delete") - set(role(docs, "REVIEW"))
    assert role(docs, "DEPLOY") == without_objects(needs)


def test_rights_on_objects_are_those_of_the_role_on_the_bucket(docs: Path) -> None:
    needs = needs_of(docs, "create", "read", "update", "delete")
    assert {each for each in needs if each.startswith("storage.objects.")} <= OF_OBJECT_USER
