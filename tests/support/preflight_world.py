"""Makes the world of a situation in a sandbox, and runs a resource's verbs in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import requests

from pulumi_gcp_tuning.clock import Clock, SystemClock
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Checked, Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of, registered
from support.hand_made_google import urn
from support.preflight_case import BUCKET, KEY, Tree
from support.sandbox_server import CONCURRENT_JOBS, PROJECT, REGION, TIMEOUT, SandboxServer

TYPES = {frame.kind: frame.name for frame in registered()}
PROJECTS_SERVICE = "service-{number}@gs-project-accounts.iam.gserviceaccount.com"
VERTEX_AGENT = "service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
KEY_ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
BILLING = {"open": True, "closed": False}


class World:
    """A sandbox in which a situation is set up anew each time."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self._session = requests.Session()
        self._session.trust_env = False
        self._rings: set[str] = set()

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def make(self, world: Mapping[str, Any]) -> None:
        """An empty cloud, and in it what the situation has. What restricts callers comes last."""
        self._admin("reset", {})
        self._rings.clear()
        self._admin("clock", {"mode": "scaled", "scale": 100_000})
        self._admin("quotas", {"metric": CONCURRENT_JOBS, "limit": world.get("limit", 64)})
        if world.get("jobs"):
            self._admin("vertex", world["jobs"])
        for name, location in world.get("buckets", {}).items():
            owner = world.get("owners", {}).get(name, PROJECT)
            self._post(f"storage/v1/b?project={owner}", {"name": name, "location": location})
        for name, text in world.get("objects", {}).items():
            self.put_object(name, text, world)
        for bucket, objects in world.get("objects_elsewhere", {}).items():
            for name, text in objects.items():
                self._upload(bucket, name, text)
        for key in world.get("keys", [world["key"]] if world.get("key") is not None else []):
            self._make_key(key)
        for account in world.get("accounts", [world["account"]] if world.get("account") is not None else []):
            self._make_account(account)
        if world.get("running"):
            self._admin("clock", {"mode": "stepped"})  # what runs goes on running
        for _ in range(world.get("running", 0)):
            self._post(
                f"v1/projects/{PROJECT}/locations/{REGION}/tuningJobs",
                {
                    "baseModel": "gemini-3.1-flash-lite",
                    "supervisedTuningSpec": {"trainingDatasetUri": f"gs://{BUCKET}/train.jsonl"},
                    "labels": world.get("running_labels", {}),
                },
            )
        self._grant(world)
        self._restrict(world)

    def _grant(self, world: Mapping[str, Any]) -> None:
        """Roles on the project, and readers of buckets; an agent of tuning is there once a job runs."""
        if world.get("bindings"):
            number = self.number
            bindings = [{"role": role, "members": [who.format(number=number)]} for role, who in world["bindings"]]
            self._post(f"v3/projects/{PROJECT}:setIamPolicy", {"policy": {"bindings": bindings}})
        for bucket, who in world.get("readers", {}).items():
            policy = {"bindings": [{"role": "roles/storage.objectViewer", "members": [who]}]}
            self._send("PUT", f"storage/v1/b/{bucket}/iam", policy)

    def _restrict(self, world: Mapping[str, Any]) -> None:
        for constraint, values in world.get("policies", {}).items():
            name = f"projects/{PROJECT}/policies/{constraint}"
            self._post(f"v2/projects/{PROJECT}/policies", {"name": name, "spec": {"rules": [{"values": values}]}})
        for name in world.get("payers", ()):
            self._send("PATCH", f"storage/v1/b/{name}", {"billing": {"requesterPays": True}})
        if world.get("billing", "open") == "absent":
            self._send("PUT", f"v1/projects/{PROJECT}/billingInfo", {"billingAccountName": ""})
        elif not BILLING[world.get("billing", "open")]:
            self._admin("billing", {"project": PROJECT, "billingEnabled": False})
        for api in world.get("disabled", []):
            self._post(f"v1/projects/{PROJECT}/services/{api}:disable", {})
        if world.get("without"):
            self._admin("principals", {"token": "*", "without": world["without"]})

    def put_object(self, name: str, text: str, world: Mapping[str, Any]) -> None:
        """An object in the bucket of the data, where there is that bucket."""
        if BUCKET in world.get("buckets", {}):
            self._upload(BUCKET, name, text)

    @property
    def number(self) -> str:
        """The project's number."""
        answer = self._send("GET", f"v3/projects/{PROJECT}", None)
        return str(answer["name"]).rpartition("/")[2]

    def _make_key(self, key: Mapping[str, Any]) -> None:
        name = str(key.get("name", KEY))
        _, project, _, location, _, ring, _, short = name.split("/")
        rings = f"v1/projects/{project}/locations/{location}/keyRings"
        if f"projects/{project}/locations/{location}/keyRings/{ring}" not in self._rings:
            self._post(f"{rings}?keyRingId={ring}", {})
            self._rings.add(f"projects/{project}/locations/{location}/keyRings/{ring}")
        purpose = key.get("purpose", "ENCRYPT_DECRYPT")
        body: Tree = {"purpose": purpose}
        if purpose != "ENCRYPT_DECRYPT":
            body["versionTemplate"] = {"algorithm": "RSA_SIGN_PSS_2048_SHA256"}
        skip = "&skipInitialVersionCreation=true" if key.get("state") == "NONE" else ""
        parent = f"v1/projects/{project}/locations/{location}/keyRings/{ring}/cryptoKeys"
        self._post(f"{parent}?cryptoKeyId={short}{skip}", body)
        if key.get("granted", True):
            number = self.number
            members = [f"serviceAccount:{each.format(number=number)}" for each in (VERTEX_AGENT, PROJECTS_SERVICE)]
            policy = {"bindings": [{"role": KEY_ROLE, "members": members}]}
            self._post(f"v1/{name}:setIamPolicy", {"policy": policy})
        version = f"v1/{name}/cryptoKeyVersions/1"
        if key.get("state") == "DISABLED":
            self._send("PATCH", f"{version}?updateMask=state", {"state": "DISABLED"})
        elif key.get("state") == "DESTROY_SCHEDULED":
            self._post(f"{version}:destroy", {})

    def _make_account(self, account: Mapping[str, Any]) -> None:
        made = self._post(f"v1/projects/{PROJECT}/serviceAccounts", {"accountId": account.get("id", "tuner-bot")})
        if account.get("disabled"):
            self._post(f"v1/{made['name']}:disable", {})

    def _upload(self, bucket: str, name: str, text: str) -> None:
        path = f"upload/storage/v1/b/{bucket}/o?uploadType=media&name={quote(name, safe='')}"
        url = f"{self.server.url}/{path}"
        answer = self._session.post(url, data=text.encode("utf-8", "surrogateescape"), timeout=TIMEOUT)
        assert answer.ok, answer.text

    def _admin(self, path: str, body: Any) -> Any:
        return self._send("POST", f"_sandbox/{path}", body)

    def _post(self, path: str, body: Any) -> Any:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: Any) -> Any:
        answer = self._session.request(method, f"{self.server.url}/{path}", json=body, timeout=TIMEOUT)
        assert answer.ok, f"{method} {path}: {answer.text}"
        return answer.json() if answer.text else {}


class Program:
    """What the engine and the door do with one situation, in short."""

    def __init__(
        self,
        server: SandboxServer,
        situation: Mapping[str, Any],
        *,
        base_url: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.situation = situation
        self.clock = clock or SystemClock()
        config = {"gcp:project": PROJECT, "gcp:region": REGION, **situation["config"]}
        env = server.env | {"GCP_TUNING_POLL_INTERVAL": "0.02", "GCP_TUNING_AS_OF": situation["world"]["today"]}
        if base_url is not None:
            env["GCP_TUNING_BASE_URL"] = base_url
        self.settings = Settings.resolve(config, env)
        self.google = Google(self.settings, self.clock)
        self.run = Run()
        self.told: list[str] = []
        self.warned: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.google.close()

    def call(self, kind: str, name: str = "bot") -> Call:
        """The circumstances of one call."""
        return Call(
            urn=urn(TYPES[kind], name),
            settings=self.settings,
            google=self.google,
            clock=self.clock,
            run=self.run,
            tell=self.told.append,
            warn=self.warned.append,
            root=Path.cwd(),
        )

    def check(self, kind: str, name: str = "bot", **more: Any) -> Checked:
        """The resource's check."""
        news = self.inputs(kind, name) | more
        return lifecycle_of(kind).check(self.call(kind, name), dict(self.situation["olds"]), news)

    def create(self, kind: str, name: str = "bot", **more: Any) -> Current:
        """The resource's create, with the inputs as check leaves them."""
        inputs = self.check(kind, name, **more).inputs
        return lifecycle_of(kind).create(self.call(kind, name), inputs)

    def inputs(self, kind: str, name: str = "bot") -> Tree:
        """The inputs as the declaration sends them."""
        news = {**self.situation["inputs"], "resourceUrn": urn(TYPES[kind], name)}
        source = news.get("source")
        if kind in ("tuning_dataset", "gemini_api_tuned_model") and isinstance(source, str) and Path(source).is_file():
            news.setdefault("contentSha256", hashlib.sha256(Path(source).read_bytes()).hexdigest())
        return news


def write_files(folder: Path, situation: Mapping[str, Any]) -> None:
    """The files beside the program."""
    for name, text in situation["files"].items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
