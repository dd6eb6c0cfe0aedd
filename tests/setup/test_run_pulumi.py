"""`scripts/pulumi`: what it sets in the sandbox, and that it sets none of it in the cloud."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.cli.sandbox_folder import Sandbox, SandboxFolder
from run_pulumi import environment, find_difference, find_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON = Path("/checkout/.venv/bin/python")
CLI = Path("/cache/pulumi/pulumi")
RUNNING = Sandbox("http://127.0.0.1:8085", "2026-11-21")


def test_in_the_cloud_nothing_of_the_sandbox_is_set() -> None:
    env = environment({"PATH": "/usr/bin", "HOME": "/home/me"}, PYTHON, CLI, None)
    assert {name for name in env if name.startswith(("GCP_", "PULUMI_"))} == {
        "PULUMI_GCP_TUNING_LANGUAGE_HOST",
        "PULUMI_GCP_TUNING_PYTHON",
        "PULUMI_PARALLEL",
        "PULUMI_SKIP_UPDATE_CHECK",
    }


def test_the_checkouts_python_and_the_cli_come_first_on_path() -> None:
    env = environment({"PATH": "/usr/bin"}, PYTHON, CLI, None)
    assert env["PATH"] == "/checkout/.venv/bin:/cache/pulumi:/usr/bin"


def test_with_a_sandbox_running_its_address_and_a_file_backend_are_set(checkout: Path) -> None:
    env = environment({}, PYTHON, CLI, RUNNING)
    assert env["GCP_TUNING_BASE_URL"] == "http://127.0.0.1:8085"
    assert env["GCP_TUNING_AS_OF"] == "2026-11-21"
    assert env["PULUMI_BACKEND_URL"] == f"file://{checkout}/.sandbox/state"
    assert env["PULUMI_CONFIG_PASSPHRASE"] == ""
    assert env["PULUMI_HOME"] == f"{checkout}/.sandbox/pulumi"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GCP_TUNING_AS_OF", "2024-06-01"),
        ("GCP_TUNING_POLL_INTERVAL", "5"),
        ("PULUMI_BACKEND_URL", "file:///elsewhere"),
        ("PULUMI_CONFIG_PASSPHRASE", "mine"),
        ("PULUMI_PARALLEL", "3"),
    ],
)
def test_what_the_user_has_set_wins(name: str, value: str) -> None:
    assert environment({name: value}, PYTHON, CLI, RUNNING)[name] == value


def test_a_passphrase_file_of_the_users_is_not_overridden_by_an_empty_passphrase() -> None:
    env = environment({"PULUMI_CONFIG_PASSPHRASE_FILE": "/secret"}, PYTHON, CLI, RUNNING)
    assert "PULUMI_CONFIG_PASSPHRASE" not in env


def test_a_base_url_on_loopback_is_a_sandbox_and_one_elsewhere_is_not() -> None:
    near = environment({"GCP_TUNING_BASE_URL": "http://localhost:9000", "PULUMI_HOME": "/mine"}, PYTHON, CLI, None)
    assert near["PULUMI_HOME"] == "/mine/gcp-tuning-sandbox"
    assert "PULUMI_BACKEND_URL" not in near
    far = environment({"GCP_TUNING_BASE_URL": "https://proxy.example", "PULUMI_HOME": "/mine"}, PYTHON, CLI, None)
    assert far["PULUMI_HOME"] == "/mine"


@contextmanager
def answering(status: int, body: str = '{"status": "ok", "asOf": "2025-03-01"}') -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/_sandbox/health" else 404)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it
            return

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_a_sandbox_at_an_address_of_the_users_tells_its_day() -> None:
    with answering(200) as address:
        told = {"GCP_TUNING_BASE_URL": address}
        assert environment(told, PYTHON, CLI, None)["GCP_TUNING_AS_OF"] == "2025-03-01"
        told["GCP_TUNING_AS_OF"] = "2025-04-01"
        assert environment(told, PYTHON, CLI, None)["GCP_TUNING_AS_OF"] == "2025-04-01"


def test_an_environment_that_gcp_tuning_sandbox_has_made_is_left_as_it_is() -> None:
    made = {
        "GCP_TUNING_BASE_URL": "http://127.0.0.1:9",
        "PULUMI_HOME": "/shop/.sandbox/pulumi",
        "PULUMI_GCP_TUNING_SANDBOX": "/shop/.sandbox",
    }
    assert environment(made, PYTHON, CLI, None)["PULUMI_HOME"] == "/shop/.sandbox/pulumi"


def test_a_backend_in_the_cloud_is_not_used_for_the_stacks_of_a_sandbox(checkout: Path) -> None:
    env = environment({"PULUMI_BACKEND_URL": "gs://production"}, PYTHON, CLI, RUNNING)
    assert env["PULUMI_BACKEND_URL"] == f"file://{checkout}/.sandbox/state"


def test_an_active_environment_that_programs_do_not_run_with_is_told() -> None:
    told = find_difference({"VIRTUAL_ENV": "/shop/venv"}, PYTHON, None)
    assert "/checkout/.venv, not with the active /shop/venv" in told
    assert "PULUMI_GCP_TUNING_PYTHON" in told


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({}, None),
        ({"VIRTUAL_ENV": "/checkout/.venv"}, None),
        ({"VIRTUAL_ENV": "/shop/venv"}, Path("/shop/venv")),
        ({"VIRTUAL_ENV": "/shop/venv", "PULUMI_GCP_TUNING_PYTHON": "/checkout/.venv/bin/python"}, None),
    ],
    ids=["none active", "the same", "the project names its own", "the user has chosen"],
)
def test_where_nothing_differs_unexpectedly_nothing_is_told(env: dict[str, str], named: Path | None) -> None:
    assert find_difference(env, PYTHON, named) == ""


def tell(folder: Path, **told: object) -> SandboxFolder:
    folder.mkdir(exist_ok=True)
    (folder / "sandbox.json").write_text(json.dumps(told), encoding="utf-8")
    return SandboxFolder(folder)


def test_a_sandbox_that_runs_and_answers_is_found(tmp_path: Path) -> None:
    with answering(200) as address:
        folder = tell(tmp_path, address=address, pid=os.getpid(), version="0.1.0", as_of="2026-11-21")
        found = find_sandbox({}, folder)
        assert found is not None
        assert (found.address, found.as_of) == (address, "2026-11-21")


def test_a_sandbox_is_not_used_where_it_is_switched_off_or_another_address_is_set(tmp_path: Path) -> None:
    with answering(200) as address:
        folder = tell(tmp_path, address=address, pid=os.getpid(), as_of="2026-11-21")
        assert find_sandbox({"PULUMI_GCP_TUNING_SANDBOX": "off"}, folder) is None
        assert find_sandbox({"GCP_TUNING_BASE_URL": "http://127.0.0.1:9"}, folder) is None
        assert find_sandbox({"GCP_TUNING_BASE_URL": address}, folder) is not None


def test_a_sandbox_that_is_gone_or_silent_or_ill_is_not_found(tmp_path: Path) -> None:
    assert find_sandbox({}, SandboxFolder(tmp_path)) is None
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    with answering(200) as address:
        assert find_sandbox({}, tell(tmp_path, address=address, pid=ended.pid)) is None
    assert find_sandbox({}, tell(tmp_path, address=address, pid=os.getpid())) is None
    for status, body in ((503, '{"status": "ok"}'), (200, "another server"), (200, "[]")):
        with answering(status, body) as address:
            assert find_sandbox({}, tell(tmp_path, address=address, pid=os.getpid())) is None
    (tmp_path / "sandbox.json").write_text("{", encoding="utf-8")
    assert find_sandbox({}, SandboxFolder(tmp_path)) is None


def test_the_stand_in_for_googles_plugin_is_found_in_the_sandbox_and_only_there(
    pulumi_cli: Path, tmp_path: Path
) -> None:
    def plugins(**extra: str) -> list[tuple[str, str]]:
        env = {**os.environ, "PULUMI_HOME": str(tmp_path), "PULUMI_BACKEND_URL": f"file://{tmp_path}", **extra}
        command = [str(pulumi_cli), "plugin", "ls", "--json"]
        said = subprocess.run(command, env=env, capture_output=True, text=True, check=True, cwd=tmp_path)
        return [(plugin["name"], plugin["version"]) for plugin in json.loads(said.stdout)]

    from importlib.metadata import version

    assert plugins(GCP_TUNING_BASE_URL="http://127.0.0.1:9") == [("gcp", version("pulumi-gcp"))]
    assert plugins() == []


def test_without_a_virtual_environment_the_wrapper_says_how_to_make_it(checkout: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(checkout / "scripts" / "pulumi"), "version"],
        env={"PATH": os.environ["PATH"], "PULUMI_GCP_TUNING_PYTHON": str(tmp_path / "python")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "make .venv" in done.stderr
