"""What is secret stays so, whatever it is called by then; what is no business of state is not there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.credential_forms import leaks_in, made_up_key, right_forms, wrong_forms
from support.sandbox_server import SandboxServer
from support.tuning_programs import IMPORTS, MAIN
from support.warm_python import gcp_tuning

if TYPE_CHECKING:
    from stacks.conftest import NewStack, TuningStack
    from support.pulumi_stack import Stack

SECRETS = (
    IMPORTS
    + """
secret = pulumi.Output.secret
training = TuningDataset("training", bucket="shop-data", source="train.jsonl")
job = TuningJob("router", base_model="gemini-3.1-flash-lite", description=secret("merger-plans"),
                labels={"client": secret("acme-holding"), "open": "yes"},
                supervised_tuning_spec={"training_dataset_uri": training.uri})
model = TunedModel("router", tuning_job=job, labels=secret({"client": "acme-holding"}),
                   description=secret("merger-plans"))
"""
)
OWN = """
own = Endpoint("own", display_name=secret("project-blue"), location="us", labels={"client": secret("acme-holding")})
"""
COPIED = """
secret = pulumi.Output.secret
training = TuningDataset("training", bucket=secret("orchid-bucket"), prefix=secret("walnut-folder"), source="train.jsonl")
job = TuningJob("router", base_model="gemini-3.1-flash-lite", description=secret("merger-plans"), retry=secret("fennel-try"),
                tuned_model_display_name=secret("juniper-model"), labels={"client": secret("acme-holding"), "open": "yes"},
                supervised_tuning_spec={"training_dataset_uri": training.uri})
model = TunedModel("router", tuning_job=job, description=secret("elder-notes"), labels={"desk": secret("poppy-desk")})
named = Endpoint("own", display_name=secret("project-blue"), description=secret("saffron-launch"), location="us",
                 labels=secret({"owner": "tulip-team"}))
serving = ModelDeployment("serving", endpoint=named, model=model, display_name=secret("maple-deployment"))
plain = Endpoint("plain", display_name="plain", description=secret("clover-launch"), location="us")
"""
WORDS = [
    "orchid-bucket",
    "walnut-folder",
    "merger-plans",
    "fennel-try",
    "juniper-model",
    "acme-holding",
    "project-blue",
    "saffron-launch",
    "tulip-team",
    "maple-deployment",
    "tamarind-account",
    "elder-notes",
    "poppy-desk",
    "clover-launch",
    "fig-token-of-mine",
]


@pytest.mark.full  # the story of fifteen secrets runs in `make test`
def test_a_secret_input_is_nowhere_in_state_in_clear(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    stack = tuning_stack(SECRETS + OWN)
    up = stack.up().expect_ok()
    for run in (up, stack.refresh().expect_ok(), stack.preview("--expect-no-changes").expect_ok()):
        state = json.dumps(stack.state)
        for word in ("acme-holding", "merger-plans", "project-blue"):
            assert word not in state
            assert word not in run.text
    stack.write("__main__.py", (SECRETS + OWN).replace("acme-holding", "bolt-holding"))
    stack.up().expect_ok()
    assert "holding" not in json.dumps(stack.state)
    assert sandbox.models()[0]["labels"]["client"] == "bolt-holding"
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


def test_no_copy_of_a_secret_is_in_state_plan_log_journal_or_report_in_clear(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    assert len(set(WORDS)) == 15
    sandbox.make_bucket("orchid-bucket")
    stack = tuning_stack(IMPORTS + COPIED, env={"GCP_TUNING_ACCESS_TOKEN": "ya29.fig-token-of-mine"})
    stack.run("config", "set", "--secret", "gcp:defaultLabels", '{"cost": "tamarind-account"}').expect_ok()
    plan = stack.folder / "plan.json"
    runs = [stack.preview("--save-plan", str(plan)).expect_ok(), stack.up("--debug").expect_ok()]
    runs += [stack.refresh().expect_ok(), stack.preview("--expect-no-changes").expect_ok()]
    told = {run.command: run.text + json.dumps(run.events) for run in runs}
    told |= {" ".join(each.args[-2:]): each.stdout + each.stderr for each in reports_of(stack)}
    told |= {str(file): file.read_text(errors="replace") for file in written_by(stack)} | {"plan": plan.read_text()}
    clear = {(where, word) for where, text in told.items() for word in WORDS if word in text}
    assert clear == set()
    # what Google has to get is in its journal, and credentials are not
    assert "fig-token-of-mine" not in json.dumps(sandbox.requests())
    gone = stack.destroy().expect_ok()
    assert [word for word in WORDS if word in gone.text] == []


def reports_of(stack: Stack) -> list[subprocess.CompletedProcess[str]]:
    """What CI keeps of a stack: findings and an audit."""
    environment = stack.env | {"GCP_TUNING_PULUMI": str(stack.cli)}
    done = []
    for report in ("check", "audit"):
        asked = gcp_tuning(report, "--stack", stack.name, "--json")
        run = subprocess.run(asked, cwd=stack.folder, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        assert json.loads(run.stdout)
        done.append(run)
    return done


def written_by(stack: Stack) -> list[Path]:
    """The files of the backend: the state, its backups and the history."""
    files = [each for each in (stack.folder / ".pulumi-state").rglob("*") if each.is_file()]
    assert stack.state_file in files
    assert len(files) > 4
    return files


def test_a_wait_that_times_out_keeps_its_id_and_its_secrets_and_goes_on(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    sandbox.step()
    late = (
        'opts=pulumi.ResourceOptions(custom_timeouts={"create": "2s", "update": "600s"}), '
        'description=secret("merger-plans"))'
    )
    stack = tuning_stack(SECRETS.replace('description=secret("merger-plans"))', late))
    up = stack.up().expect_failure("router", "continues at Google")
    assert "pulumi up" in up.text
    assert stack.resource_of("TunedModel", "router")["initErrors"]
    state = json.dumps(stack.state)
    assert "acme-holding" not in state
    assert "merger-plans" not in state
    sandbox.run()
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 1


def test_neither_tokens_nor_rows_are_in_state_logs_or_errors(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    stack = tuning_stack(MAIN, env={"GCP_TUNING_ACCESS_TOKEN": "ya29.a-token-of-mine"})
    sandbox.fault(kind="status", status=403, match={"method": "POST", "path": r"/tuningJobs$"})
    failed = stack.up("--debug")
    assert failed.exit_code != 0
    # with --debug Pulumi's SDK tells the program's own frames
    assert not any("Traceback" in each["message"] for each in failed.diagnostics if each["severity"] != "debug")
    told = failed.text
    told += stack.up("--debug", "--logtostderr", "-v=9").expect_ok().text
    told += json.dumps(stack.state) + stack.refresh().text
    assert "a-token-of-mine" not in told
    assert "Ticket 3" not in told


@pytest.mark.full
def test_no_piece_of_a_key_is_printed_or_kept_in_whatever_form_it_is_set(new_stack: NewStack) -> None:
    key = made_up_key()
    right, wrong = right_forms(key), wrong_forms(key)
    # plain http on this machine gets no credentials; behind this address nobody answers
    env = {"GCP_TUNING_BASE_URL": "https://127.0.0.1:9", "NO_GCE_CHECK": "true"}
    program = IMPORTS + 'Endpoint("own", display_name="own", location="us-central1")\n'
    stack = new_stack(program, config={"gcp:project": "my-project"}, env=env)
    quoted = stack.preview(env={"GOOGLE_CREDENTIALS": wrong["cut within the quotes"]})
    quoted.expect_failure("GOOGLE_CREDENTIALS: it looks like a key file that was cut off")
    held = stack.up(env={"GOOGLE_APPLICATION_CREDENTIALS": right["one line"]})
    held.expect_failure(
        "GOOGLE_APPLICATION_CREDENTIALS: it holds the content of a key file, but Google's libraries expect a path"
    )
    damaged = stack.up("--debug", env={"GCLOUD_KEYFILE_JSON": wrong["a private key that is damaged"]})
    assert "(GCLOUD_KEYFILE_JSON): its private_key is damaged" in damaged.text
    stack.run("config", "set", "--secret", "gcp:credentials", wrong["the first half of its base64"]).expect_ok()
    configured = stack.up().expect_failure("gcp:credentials: it looks like base64 that was cut off")
    stack.configure({"gcp:credentials": right["the file"]})
    plain = stack.up().expect_failure("gcp:credentials: the value looks like a private key or a token in plain text")
    runs = (quoted, held, damaged, configured, plain)
    # the engine's own prelude lists plain configuration
    events = [[event for event in run.events if "preludeEvent" not in event] for run in runs]
    printed = [run.text for run in runs] + [json.dumps(each) for each in (*events, stack.state)]
    assert [leaks_in(text, key) for text in printed] == [[]] * len(printed)


API_KEY = "AIzaSy-a-made-up-key-of-a-test-0123456789"
NUMBERS = IMPORTS + (
    'GeminiApiTunedModel("numbers", base_model="models/gemini-1.5-flash-001-tuning", source="pairs.jsonl", epoch_count=1)\n'
)


@pytest.mark.full  # tests/seeds/test_api_key.py has it on the handlers
def test_an_api_key_is_in_no_state_plan_log_journal_or_output(new_stack: NewStack) -> None:
    with SandboxServer("--as-of", "2024-11-20") as sandbox:
        sandbox.reset()
        env = {**sandbox.env, "GCP_TUNING_AS_OF": "2024-11-20", "GCP_TUNING_GEMINI_API_KEY": API_KEY}
        stack = new_stack(NUMBERS, config={"gcp:project": "shop"}, env=env)
        stack.write("pairs.jsonl", "".join(f'{{"text_input": "{at}", "output": "{at + 1}"}}\n' for at in range(20)))
        plan, loud = stack.folder / "plan.json", ("--debug", "--logtostderr", "-v=9")
        runs = [stack.preview("--save-plan", str(plan), *loud).expect_ok()]
        sandbox.fault(kind="status", status=403, match={"method": "POST", "path": r"/tunedModels$"})
        runs += [stack.up(*loud), stack.up(*loud).expect_ok()]
        assert runs[1].exit_code != 0
        (model,) = sandbox.call("GET", "v1beta/tunedModels")["tunedModels"]
        assert model["state"] == "ACTIVE"
        told = {f"{at}: {run.command}": run.text + json.dumps(run.events) for at, run in enumerate(runs)}
        command = gcp_tuning("ask", model["name"], "7")
        said = subprocess.run(command, cwd=stack.folder, env=stack.env, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stderr
        told |= {"ask": said.stdout + said.stderr, "journal": json.dumps(sandbox.requests())}
        told |= {" ".join(each.args[-2:]): each.stdout + each.stderr for each in reports_of(stack)}
        told |= {str(file): file.read_text(errors="replace") for file in written_by(stack)} | {"plan": plan.read_text()}
        told["destroy"] = stack.destroy(*loud).expect_ok().text
    assert [where for where, text in told.items() if API_KEY in text or API_KEY[8:24] in text] == []
