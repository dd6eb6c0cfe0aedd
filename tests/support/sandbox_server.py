"""A sandbox in a process of its own, for tests that drive the real CLI.

``sandbox.requests()`` is the journal; ``sandbox.writes()`` what changed something at "Google" (admin left out);
``sandbox.jobs()`` the tuning jobs of a project and region; ``sandbox.step()`` stops the clock until ``advance``.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from typing import Any, Self

import requests

from support.warm_python import warm_python

AS_OF = "2026-11-21"
PROJECT = "shop"
REGION = "us-central1"
TIMEOUT = 300  # a server that hangs; one on a busy machine answers sooner
CONCURRENT_JOBS = "aiplatform.googleapis.com/global_concurrent_tuning_jobs"


class SandboxServer:
    """One running sandbox."""

    def __init__(self, *arguments: str) -> None:
        command = [str(warm_python()), "-u", "-m", "tuning_sandbox", "--port", "0", "--as-of", AS_OF, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        self.url = line.rpartition(" ")[2].strip()
        assert self.url.startswith("http"), f"the sandbox said {line!r}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    @property
    def env(self) -> dict[str, str]:
        """What makes the provider talk to this sandbox."""
        return {
            "GCP_TUNING_BASE_URL": self.url,
            "GCP_TUNING_AS_OF": AS_OF,
            "GCP_TUNING_POLL_INTERVAL": "0.1",
        }

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """One call under ``/_sandbox/``."""
        answer = requests.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=TIMEOUT)
        assert answer.ok, answer.text
        return answer.json()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call of Google's API; the answer must be a success."""
        answer = requests.request(method, f"{self.url}/{path}", json=body, timeout=TIMEOUT)
        assert answer.ok, answer.text
        return answer.json() if answer.text else {}

    def reset(self, *, speed: int = 3000) -> None:
        """An empty cloud whose clock runs ``speed`` times as fast."""
        self.admin("POST", "reset", {})
        self.admin("POST", "quotas", {"metric": CONCURRENT_JOBS, "limit": 64})
        self.admin("POST", "clock", {"mode": "scaled", "scale": speed})

    def step(self) -> None:
        """Stop the clock; only ``advance`` moves it."""
        self.admin("POST", "clock", {"mode": "stepped"})

    def run(self, speed: int = 3000) -> None:
        """Let the clock run again."""
        self.admin("POST", "clock", {"mode": "scaled", "scale": speed})

    def advance(self, seconds: float) -> None:
        """Move the stopped clock."""
        self.admin("POST", "clock", {"advance_seconds": seconds})

    def fault(self, **fault: Any) -> None:
        """Plan one fault; see ``GET /_sandbox/`` for its form."""
        self.admin("POST", "faults", fault)

    def fail_next_job(self, code: int, message: str) -> None:
        """The next tuning job is accepted and ends FAILED with this error."""
        fault = {"kind": "fail", "code": code, "message": message}
        self.admin("POST", "vertex", {"jobFaults": [fault]})

    def never_end_next_job(self) -> None:
        """The next tuning job runs until somebody cancels it."""
        self.admin("POST", "vertex", {"jobFaults": [{"kind": "stuck"}]})

    def requests(self) -> list[dict[str, Any]]:
        """The journal without the admin's own calls, oldest first."""
        entries = self.admin("GET", "requests")["requests"]
        return [entry for entry in entries if "/_sandbox" not in entry["path"]]

    def writes(self) -> list[str]:
        """What was asked to change something, as ``METHOD path``."""
        reads = (":testIamPermissions", ":getIamPolicy", ":generateContent", ":predict", ":countTokens")
        return [
            f"{entry['method']} {entry['path']}"
            for entry in self.requests()
            if entry["method"] not in ("GET", "HEAD") and not entry["path"].split("?")[0].endswith(reads)
        ]

    def jobs(
        self, project: str = PROJECT, region: str = REGION, collection: str = "tuningJobs"
    ) -> list[dict[str, Any]]:
        """Every record of a job."""
        path = f"v1/projects/{project}/locations/{region}/{collection}?pageSize=100"
        return list(self.call("GET", path).get(collection, []))

    def models(self, location: str = "us", project: str = PROJECT) -> list[dict[str, Any]]:
        """Every model in the result location."""
        return list(self.call("GET", f"v1/projects/{project}/locations/{location}/models").get("models", []))

    def endpoints(self, location: str = "us", project: str = PROJECT) -> list[dict[str, Any]]:
        """Every endpoint in the result location."""
        return list(self.call("GET", f"v1/projects/{project}/locations/{location}/endpoints").get("endpoints", []))

    def finish(self, operation: dict[str, Any]) -> None:
        """Until a long-running operation has ended well."""
        while not operation.get("done"):
            time.sleep(0.02)
            operation = self.call("GET", f"v1/{operation['name']}")
        assert "error" not in operation, operation

    def remove_models(self, location: str = "us", project: str = PROJECT) -> None:
        """What somebody does in the console: every endpoint and model of a location goes."""
        for endpoint in self.endpoints(location, project):
            for deployed in endpoint.get("deployedModels", []):
                body = {"deployedModelId": deployed["id"]}
                self.finish(self.call("POST", f"v1/{endpoint['name']}:undeployModel", body))
            self.finish(self.call("DELETE", f"v1/{endpoint['name']}"))
        for model in self.models(location, project):
            self.finish(self.call("DELETE", f"v1/{model['name']}"))

    def make_bucket(self, name: str = "shop-data", *, location: str = REGION, project: str = PROJECT) -> str:
        """A bucket that some other team's stack made."""
        self.call("POST", f"storage/v1/b?project={project}", {"name": name, "location": location})
        return name
