"""A life through the real CLI and the sandbox, judged by the same rules."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from lives import rules
from lives.entries import Entry, Outcome
from lives.life import Life
from lives.program import CLASSES
from lives.real_program import DAYS, TEXT, files_of, settings_of
from lives.world import Violation
from pulumi_gcp_tuning.cli.audit import look
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC
from support.hand_made_google import ENDED, by_number
from support.pulumi_stack import HUNG, Stack
from support.sandbox_server import AS_OF, PROJECT, REGION, SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lives.program import Program, Shape
    from pulumi_gcp_tuning.audit.items import Audit
    from pulumi_gcp_tuning.audit.state import StackState
    from support.pulumi_stack import Result, Running

MOST_COMMANDS: Final = 8
REFUSED: Final = {
    "list_models": ("GET", r"/models$"),
    "create_tuning_job": ("POST", r"/tuningJobs$"),
    "list_tuning_jobs": ("GET", r"/tuningJobs$"),
    "patch_model": ("PATCH", r"/models/"),
    "delete_model": ("DELETE", r"/models/"),
    "create_endpoint": ("POST", r"/endpoints$"),
    "delete_endpoint": ("DELETE", r"/endpoints/"),
    "deploy_model": ("POST", r":deployModel$"),
    "create_pipeline_job": ("POST", r"/pipelineJobs"),
    "deploy_weights": ("POST", r":deploy$"),
    "create_tuned_model": ("POST", r"/tunedModels"),
    "get_tuned_model": ("GET", r"/tunedModels/"),
    "delete_tuned_model": ("DELETE", r"/tunedModels/"),
    "undeploy_model": ("POST", r":undeployModel$"),
    "upload_object": ("POST", r"/upload/"),
    "patch_object": ("PATCH", r"/o/"),
    "delete_object": ("DELETE", r"/o/"),
}
_SILENT: Final = ("same", "refresh", "delete-replaced")
_KINDS: Final = {name: kind for kind, name in CLASSES.items()}
_PLACES: Final = ("us", REGION)
"""Where the sandbox puts what the jobs make."""


@contextmanager
def real_life(folder: Path, cli: Path, most: int = MOST_COMMANDS, shape: Shape = "gemini") -> Iterator[RealLife]:
    """A life that begins: a sandbox of its own, on the day of its shape, and an empty project in a folder."""
    day = DAYS.get(shape, AS_OF)
    with SandboxServer("--as-of", day) as server:
        server.reset()
        server.make_bucket()
        config, env = {"gcp:project": PROJECT, "gcp:region": REGION}, {**server.env, "GCP_TUNING_AS_OF": day}
        stack = Stack(folder / "shop", "", cli=cli, home=folder / "home", config=config, env=env, project="shop")
        yield RealLife(stack, server, most=most, shape=shape)


class RealCloud:
    """What the sandbox holds, under the names of the lives on the handlers."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server

    def things(self) -> frozenset[str]:
        names = [each["name"].partition("/postprocess/")[0] for each in self.objects()]
        # a pipeline's own artifacts are of the run at Google, whatever a stack does
        found = {f"gs://shop-data/{name}" for name in names if not name.startswith("output/")}
        found |= {by_number(each["name"]) for each in self.models()}
        found |= {
            each["name"] for each in self.server.call("GET", "v1beta/tunedModels?pageSize=100").get("tunedModels", ())
        }
        for endpoint in self.endpoints():
            name = by_number(endpoint["name"])
            found |= {name, *(f"{name}/deployedModels/{each['id']}" for each in endpoint.get("deployedModels") or ())}
        return frozenset(found | {f"running {by_number(job['name'])}" for job in self.jobs() if is_running(job)})

    def models(self) -> list[dict[str, Any]]:
        return [each for place in _PLACES for each in self.server.models(place)]

    def endpoints(self) -> list[dict[str, Any]]:
        return [each for place in _PLACES for each in self.server.endpoints(place)]

    def jobs(self) -> list[dict[str, Any]]:
        return [job for kind in ("tuningJobs", "pipelineJobs") for job in self.server.jobs(collection=kind)]

    def serving(self, model: str) -> list[str]:
        endpoints = self.endpoints()
        on = [
            e for e in endpoints if any(by_number(d["model"]).startswith(model) for d in e.get("deployedModels") or ())
        ]
        return [by_number(each["name"]) for each in on]

    def ended_well(self) -> frozenset[str]:
        over = [job for job in self.jobs() if job["state"].endswith(("_SUCCEEDED", "_FAILED"))]
        return frozenset(f"running {by_number(job['name'])}" for job in over)

    def audit(self, state: StackState) -> Audit:
        given = self.server.env
        configured = Settings.resolve({"gcp:project": PROJECT, "gcp:region": REGION}, given)
        return look(Google(configured), configured, [state], ["shop-data"])

    def objects(self) -> list[dict[str, Any]]:
        return list(self.server.call("GET", "storage/v1/b/shop-data/o").get("items", []))

    def judge_jobs(self) -> Iterator[Violation]:
        """One job for each declaration."""
        models = {by_number(each["name"]) for each in self.models()}
        seen: dict[tuple[str, str], str] = {}
        for job in self.jobs():
            labels = job.get("labels") or {}
            model = by_number(str(job.get("tunedModel", {}).get("model", ""))).partition("@")[0]
            declaration = str(labels.get(IDENTITY)), str(labels.get(SPEC))
            if (is_running(job) or model in models) and seen.setdefault(declaration, job["name"]) != job["name"]:
                yield Violation(rules.PAID, f"{job['name']} beside {seen[declaration]}")


class RealLife(Life):
    """A life whose commands are those of the CLI; after so many of them it is over."""

    def __init__(
        self, stack: Stack, server: SandboxServer, *, most: int = MOST_COMMANDS, shape: Shape = "gemini"
    ) -> None:
        super().__init__(stack.folder, shape=shape)
        self._most = most
        self._stack, self._server = stack, server
        self._real = RealCloud(server)
        self.cloud = self._real
        self._number = server.call("GET", f"v3/projects/{PROJECT}")["name"].rpartition("/")[2]
        self.commands = 0
        self.deaths = 0  # commands whose provider was killed, and that failed for it
        stack.write("__main__.py", TEXT)
        for name, text in files_of(shape).items():
            stack.write(name, text)

    def step(self, name: str, *given: Any) -> None:
        if self.commands < self._most:
            super().step(name, *given)

    def hours(self) -> None:
        """The sandbox's clock runs by itself."""

    def restore(self) -> None:
        if self.backup is not None:
            self._stack.state_file.write_text(self._saved)
            self.drifted = True

    def save(self) -> None:
        super().save()
        self._saved = self._stack.state_file.read_text()

    def unprotect(self) -> None:
        self._count(self._stack.run("state", "unprotect", "--all", "--yes"))

    def console(self, act: str, name: str | None = None) -> None:
        self.drifted = True
        entries = {each.kind: each for each in self.state if not each.delete}
        model = str(entries["tuned_model"].outputs.get("model") or "") if "tuned_model" in entries else ""
        endpoint = name or (entries["endpoint"].id if "endpoint" in entries else "")
        if act == "delete the model" and model:
            self._delete_model(model, endpoint and by_number(endpoint))
        elif act == "delete the endpoint" and endpoint and by_number(endpoint) in self._real.things():
            self._delete_endpoint(endpoint)
        elif act == "delete the object" and "tuning_dataset" in entries:
            self._delete_object(entries["tuning_dataset"].id.removeprefix("gs://shop-data/"))
        elif act == "cancel the job":
            for job in filter(is_running, self._real.jobs()):
                self._server.call("POST", f"v1/{job['name']}:cancel", {})
        else:
            self._relabel(act, [each for each in (model, endpoint) if by_number(each or "-/-") in self._real.things()])

    def _delete_model(self, model: str, own: str) -> None:
        if by_number(model) not in self._real.things():
            return
        for endpoint in self._real.endpoints():
            on = [d for d in endpoint.get("deployedModels") or () if by_number(d["model"]).startswith(by_number(model))]
            if on and (not own or by_number(endpoint["name"]) != own):
                self._delete_endpoint(endpoint["name"])
            for each in on if own and by_number(endpoint["name"]) == own else ():
                body = {"deployedModelId": each["id"]}
                self._server.finish(self._server.call("POST", f"v1/{endpoint['name']}:undeployModel", body))
        self._server.finish(self._server.call("DELETE", f"v1/{model}"))

    def _delete_endpoint(self, name: str) -> None:
        for each in self._server.call("GET", f"v1/{name}").get("deployedModels") or ():
            self._server.finish(self._server.call("POST", f"v1/{name}:undeployModel", {"deployedModelId": each["id"]}))
        self._server.finish(self._server.call("DELETE", f"v1/{name}"))

    def _delete_object(self, name: str) -> None:
        if name in {each["name"] for each in self._real.objects()}:
            self._server.call("DELETE", f"storage/v1/b/shop-data/o/{name.replace('/', '%2F')}")

    def _relabel(self, act: str, names: list[str]) -> None:
        for name in names:
            labels = self._server.call("GET", f"v1/{name}").get("labels") or {}
            if act == "add a label":
                labels["owner"] = "ops"
            else:
                labels = {key: value for key, value in labels.items() if not key.startswith("gcp-tuning")}
            self._server.call("PATCH", f"v1/{name}?updateMask=labels", {"labels": labels})

    # How it is carried out

    def _carry_out(self, verb: str, trouble: str, given: tuple[Any, ...]) -> Outcome:
        self._write(self.program, bad=trouble == "bad")
        declared = {goal.urn for goal in self.program.goals()}
        urns = [self.program.urn(self._named(kind)) for kind in given if trouble == "target"]
        more = [part for urn in urns if urn in declared for part in ("--target", urn)]
        if trouble == "refresh":
            more.append("--refresh")
        if trouble == "denied":
            method, path = REFUSED[given[0]]
            self._server.fault(kind="status", status=403, match={"method": method, "path": path}, count=99)
        elif trouble == "lost":
            self._server.fault(kind="lost", match={"method": "POST", "path": r"/v1"}, skip=given[0] % 4)
        elif trouble == "stuck":
            self._server.never_end_next_job()
        elif trouble == "job fails":
            self._server.fail_next_job(3, "line 7 is not valid JSON.")
        broken = trouble in ("before", "after", "interrupt", "cli", "provider")
        result = self._broken(verb, trouble, given[0]) if broken else getattr(self._stack, verb)(*more)
        self._server.admin("DELETE", "faults")
        self._server.admin("POST", "vertex", {"jobFaults": []})
        outcome = self._outcome_of(result)
        outcome.killed = broken and trouble != "interrupt" and result.exit_code != 0
        self.deaths += outcome.killed and trouble == "provider"
        if outcome.killed and trouble != "provider":  # a CLI that lives gives its lock back itself
            self._stack.cancel()
        self._judge(self._real.judge_jobs())
        return outcome

    def _named(self, kind: str) -> str:
        return self.program.job_kind if kind == "tuning_job" else kind

    def _preview(self, replaces: Iterable[str] = ()) -> Outcome:
        self._write(self.program, bad=False)
        state, asked = self.state, [f"--replace={self.program.urn(self._named(kind))}" for kind in replaces]
        outcome = self._outcome_of(self._stack.preview(*asked))
        self.state = state
        return outcome

    def _broken(self, verb: str, trouble: str, number: int) -> Result:
        """The command, ended when it has written so often."""
        before = len(self._server.writes())
        running: Running = self._stack._logged(verb, "--yes", "--skip-preview", env=None)
        end = time.monotonic() + HUNG
        while running.process.poll() is None and time.monotonic() < end:
            if len(self._server.writes()) - before >= number - (trouble == "before"):
                break
            time.sleep(0.02)
        if running.process.poll() is None:
            if trouble == "interrupt":
                running.interrupt()
            elif trouble == "cli":
                os.killpg(running.process.pid, signal.SIGKILL)
            elif trouble == "provider":
                running.kill_providers()
            else:
                return running.kill_all()
        return running.wait()

    def _write(self, program: Program, *, bad: bool) -> None:
        self._stack.write("life.json", settings_of(program, self._number, bad=bad))
        self._stack.configure({"gcp:project": self._number if program.numbered else PROJECT})

    def _outcome_of(self, result: Result) -> Outcome:
        self._count(result)
        self.said += [each["message"] for each in result.diagnostics]
        self.state = [_entry(each) for each in self._stack.resources if each["type"].rpartition(":")[2] in _KINDS]
        steps = [step for step in result.steps if step["type"].rpartition(":")[2] in _KINDS]
        ops = {s["urn"]: s["op"].replace("create-replacement", "replace") for s in steps if s["op"] not in _SILENT}
        gone = {step["urn"] for step in steps if step["op"] == "delete"}
        errors = [each["message"] for each in result.diagnostics if each["severity"] == "error"]
        if result.exit_code and not errors:
            errors = [f"exit {result.exit_code}"]
        return Outcome(ops, errors, began_delete=[each for each in self.state if each.urn in gone])

    def _count(self, result: Result) -> None:
        self.commands += 1
        assert "Traceback" not in result.text, result.text
        assert "this is a bug" not in result.text, result.text


def is_running(job: dict[str, Any]) -> bool:
    return job["state"].rpartition("_STATE_")[2] not in (*ENDED, "CANCELLING")


def _entry(found: dict[str, Any]) -> Entry:
    inputs, outputs = json.loads(json.dumps([found.get("inputs", {}), found.get("outputs", {})]))
    return Entry(
        found["urn"],
        _KINDS[found["type"].rpartition(":")[2]],
        found.get("id", ""),
        inputs,
        outputs,
        protect=found.get("protect", False),
        delete=found.get("delete", False),
        replacing=found.get("pendingReplacement", False),
        init_errors=bool(found.get("initErrors")),
    )
