"""The snippets for each kind of tuned model run as they are: Python with Google's client, curl in a shell."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.commands.snippets import Snippets, gemini_snippets_of, snippets_of
from pulumi_gcp_tuning.config import Settings
from sandbox.gemini_api_support import create
from sandbox.open_support import open_body, open_data, tune
from sandbox.pipeline_support import make_files, outputs_of, pipeline_body, run_pipeline
from sandbox.running import RunningSandbox
from sandbox.test_continuous import continued
from sandbox.test_open_serving import deploy
from sandbox.vertex_support import job_body, make_data, succeed

Snipped = Callable[[Settings | None], Snippets]


def of_gemini(sandbox: RunningSandbox) -> Snipped:
    made = succeed(sandbox, job_body(make_data(sandbox)[0]))["tunedModel"]
    return lambda settings: snippets_of(made["endpoint"], settings)


def of_continuous(sandbox: RunningSandbox) -> Snipped:
    training, _ = make_data(sandbox)
    parent = succeed(sandbox, job_body(training))["tunedModel"]
    made = succeed(sandbox, continued(training, parent["model"]))["tunedModel"]
    return lambda settings: snippets_of(made["endpoint"], settings)


def of_open(sandbox: RunningSandbox) -> Snipped:
    tune(sandbox, open_body(open_data(sandbox)))
    endpoint = deploy(sandbox)["endpoint"]
    return lambda settings: snippets_of(endpoint, settings, on_machine=True)


def of_code(sandbox: RunningSandbox) -> Snipped:
    _, endpoint = outputs_of(run_pipeline(sandbox, pipeline_body(make_files(sandbox)["pairs"])))
    return lambda settings: snippets_of(endpoint, settings, bison="code-bison@002")


def of_chat(sandbox: RunningSandbox) -> Snipped:
    _, endpoint = outputs_of(run_pipeline(sandbox, pipeline_body(make_files(sandbox)["chats"], chat=True)))
    return lambda settings: snippets_of(endpoint, settings, bison="codechat-bison@002")


def of_gemini_api(sandbox: RunningSandbox) -> Snipped:
    name = create(sandbox)["metadata"]["tunedModel"]
    sandbox.advance(7200)
    return lambda settings: gemini_snippets_of(name, settings)


KINDS = [
    pytest.param("sandbox", of_gemini, id="Gemini"),
    pytest.param("sandbox", of_continuous, id="continuous"),
    pytest.param("sandbox", of_open, id="open"),
    pytest.param("bison", of_code, id="code-bison"),
    pytest.param("bison", of_chat, id="codechat-bison"),
    pytest.param("gemini", of_gemini_api, id="Gemini API"),
]


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A gcloud that is logged in, application default credentials and an API key."""
    import google.auth
    from google.oauth2.credentials import Credentials

    found = Credentials("ya29.token"), "shop"  # type: ignore[no-untyped-call]
    monkeypatch.setattr(google.auth, "default", lambda *_, **__: found)
    monkeypatch.setenv("GEMINI_API_KEY", "AIzaNotARealKey")
    gcloud = tmp_path / "gcloud"
    gcloud.write_text("#!/bin/sh\necho ya29.token\n")
    gcloud.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


def answers_of(snippets: Snippets, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What both print, of curl's answer the text in it. Without a temperature they may differ."""
    capsys.readouterr()
    exec(compile(snippets.python, "snippet", "exec"), {})  # noqa: S102
    printed = capsys.readouterr().out.strip()
    command = snippets.curl.replace("curl ", "curl -s --fail-with-body --max-time 60 ", 1)
    answer = json.loads(subprocess.run(["bash", "-c", command], capture_output=True, check=True).stdout)
    return [printed, text_in(answer)]


def text_in(answer: Any) -> str:
    """The text of an answer of generateContent or of predict."""
    while not isinstance(answer, str):
        if isinstance(answer, list):
            (answer,) = answer
        else:
            (key,) = {"candidates", "predictions", "content", "parts", "text"} & answer.keys()
            answer = answer[key]
    return answer.strip()


@pytest.mark.parametrize(("day", "make"), KINDS)
def test_the_snippets_of_a_sandbox_need_no_login(
    day: str, make: Callable[[RunningSandbox], Snipped], request: pytest.FixtureRequest, capsys: Any, monkeypatch: Any
) -> None:
    sandbox = request.getfixturevalue(day)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/there/is/none")
    assert all(answers_of(make(sandbox)(Settings(base_url=sandbox.url)), capsys))


@pytest.mark.full
@pytest.mark.usefixtures("login")
@pytest.mark.parametrize(("day", "make"), KINDS)
def test_the_snippets_for_google_run_with_a_login(
    day: str, make: Callable[[RunningSandbox], Snipped], request: pytest.FixtureRequest, capsys: Any, monkeypatch: Any
) -> None:
    """Only Google's hosts are replaced: by the variables of google-genai, and in the text of what has them in it."""
    sandbox = request.getfixturevalue(day)
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", sandbox.url)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", sandbox.url)
    found = make(sandbox)(None)
    hosts = ("https://us-central1-aiplatform.googleapis.com", "https://aiplatform.us.rep.googleapis.com")
    for host in (*hosts, "https://generativelanguage.googleapis.com"):
        found = Snippets(found.python.replace(host, sandbox.url), found.curl.replace(host, sandbox.url))
    assert all(answers_of(found, capsys))
