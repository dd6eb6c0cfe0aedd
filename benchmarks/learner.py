"""Measures the sandbox's learner on requests with 77 intents: accuracy, CPU time, and the delay of other answers.

    python benchmarks/learner.py [--rows N] [--held-out N] [--rounds N] [--skip reference|wait|table]

The rows are generated from a seed (``tuning_sandbox.samples.intents``); held-out rows are worded differently.
Prints, with the default adapter size and 4 epochs unless it says otherwise:

- exact_match, also for the base model with the labels in its prompt, and how many answers are not a label;
- the processor time of a training over that of one logistic regression of scikit-learn on the same rows, both on one
  thread, per round, as the median and the range (goal: at most 2). scikit-learn is in a separate environment
  in the cache, created on first use;
- how much longer an answer of a tuned endpoint takes while a job with these rows is read and trained (goal: at most
  100 ms). On a busy machine, compare with a second server, which trains nothing and is asked in turns: what its answers
  wait, they wait for the machine;
- a table over epochs, adapter sizes and learning rates.

Times do not make it fail, because the machine may be busy.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tuning_sandbox.learner.answers import Sampling, write_answer
from tuning_sandbox.learner.base import base_model
from tuning_sandbox.learner.schedule import Recipe
from tuning_sandbox.learner.training import Checkpoint, train
from tuning_sandbox.samples.intents import held_out_requests, training_requests, wordings

HERE: Final = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "scripts"))

from setup_pulumi import cache_home  # noqa: E402

MODEL, AS_OF, WIDTH, ADAPTER = "gemini-2.5-flash", "2026-03-01", 48, 4
REFERENCE: Final = "scikit-learn==1.9.1"
MOST_OF_REFERENCE, MOST_WAIT = 2.0, 0.1
PLACE: Final = "/v1/projects/shop/locations/us-central1"
INSTRUCTION: Final = "Answer with one of these intents: " + ", ".join(wordings()) + "."
ONE_THREAD: Final = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
Pairs = list[tuple[str, str]]


def answers(model: Checkpoint, held_out: Pairs, prefix: str = "") -> list[str]:
    """The most likely answers."""
    return [write_answer(model, prefix + asked, Sampling(temperature=0), 0).text for asked, _ in held_out]


def exact_match(model: Checkpoint, held_out: Pairs, prefix: str = "") -> float:
    """The share of answers that are right."""
    said = answers(model, held_out, prefix)
    return sum(answer == wanted for answer, (_, wanted) in zip(said, held_out, strict=True)) / len(held_out)


def train_once(rows: Pairs, epochs: int = 4, adapter: int = ADAPTER, rate: float = 1.0) -> Checkpoint:
    """The last checkpoint of a training."""
    return train(base_model(MODEL, WIDTH), rows, Recipe(epochs, adapter, rate, 7)).checkpoints[-1]


def show_quality(rows: Pairs, held_out: Pairs) -> None:
    """exact_match of the base model and of the tuned one."""
    tuned = train_once(rows)
    labels = {label for _, label in rows}
    told = exact_match(base_model(MODEL, WIDTH), held_out, INSTRUCTION + "\n")
    drawn = [
        write_answer(tuned, asked, Sampling(temperature=2, top_p=1), at).text for at, (asked, _) in enumerate(held_out)
    ]
    strange = sum(answer not in labels for answer in [*answers(tuned, held_out), *drawn])
    print(f"exact_match     tuned {exact_match(tuned, held_out):.3f}  base model given the labels {told:.3f}")
    print(f"no label        {strange} of {2 * len(held_out)} answers, half of them at temperature 2")


def reference_python() -> Path:
    """The interpreter of the environment with scikit-learn."""
    folder = cache_home(os.environ) / "benchmarks" / REFERENCE
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--clear", str(folder)], check=True)  # noqa: S603
        subprocess.run([*uv, "pip", "install", "--quiet", "--python", str(python), REFERENCE], check=True)  # noqa: S603
        (folder / "made").touch()
    return python


def show_cost(rows: Pairs, held_out: Pairs, rounds: int) -> None:
    """Processor time over that of scikit-learn."""
    train_once(rows[:100])  # load all modules before the measurement
    ratios, ours, others, score = [], [], [], 0.0
    for _ in range(rounds):
        begin = time.process_time()
        train_once(rows)
        ours.append(time.process_time() - begin)
        # the first round of a process includes modules that scikit-learn loads late
        given = json.dumps({"training": rows, "held_out": held_out, "rounds": 2})
        command = [str(reference_python()), str(HERE / "learner_reference.py")]
        ran = subprocess.run(  # noqa: S603
            command, input=given, capture_output=True, text=True, check=True, env={**os.environ, **ONE_THREAD}
        )
        told = json.loads(ran.stdout)
        others.append(told["seconds"][-1])
        score = told["exact_match"]
        ratios.append(ours[-1] / others[-1])
    print(
        f"processor time  ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) to scikit-learn"
        f"  (at most {MOST_OF_REFERENCE:g} is wanted)  {statistics.median(ours):.2f} s over {statistics.median(others):.2f} s;"
        f" its exact_match {score:.3f}"
    )


class Server:
    """A sandbox in a separate process."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The JSON answer; the benchmark ends if it is an error."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        self._connection.request(method, path, data, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != http.client.OK:
            sys.exit(f"{method} {path} answered {answer.status}: {text.decode()[:400]}")
        return json.loads(text)

    def seconds(self, endpoint: str) -> float:
        """The time of one answer of an endpoint."""
        body = {"contents": [{"role": "user", "parts": [{"text": "my flight was cancelled"}]}]}
        begin = time.perf_counter()
        self.call("POST", f"/v1/{endpoint}:generateContent", body)
        return time.perf_counter() - begin

    def tune(self, name: str, rows: Pairs) -> str:
        """Start a job on these rows; returns its name."""
        told = ""
        for asked, said in rows:
            turns = [{"role": "user", "parts": [{"text": asked}]}, {"role": "model", "parts": [{"text": said}]}]
            told += json.dumps({"contents": turns}) + "\n"
        self.call("POST", f"/upload/storage/v1/b/intents/o?uploadType=media&name={name}.jsonl", told.encode())
        spec = {"trainingDatasetUri": f"gs://intents/{name}.jsonl", "hyperParameters": {"epochCount": "4"}}
        return str(self.call("POST", f"{PLACE}/tuningJobs", {"baseModel": MODEL, "supervisedTuningSpec": spec})["name"])

    def job(self, name: str) -> Any:
        """The current state of a job."""
        return self.call("GET", f"/v1/{name}")


@contextmanager
def running_server() -> Iterator[Server]:
    """A sandbox whose jobs take a few seconds."""
    command = [sys.executable, "-m", "tuning_sandbox", "--speed", "20000", "--as-of", AS_OF]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        line = child.stdout.readline() if child.stdout else ""
        yield Server(int(line.strip().rpartition(":")[2]))
    finally:
        child.terminate()
        child.wait()


def show_wait(rows: Pairs, rounds: int) -> None:
    """The time of answers without a training, and while one job and then two are read and trained.

    A second server, which trains nothing, is asked in turns: what its answers wait is due to the machine alone.
    """
    with running_server() as server, running_server() as other:
        endpoint, its_own = (with_a_model(each, rows[:500]) for each in (server, other))
        for count in (1, 2):
            idle, busy, witness = [], [], []
            for turn in range(rounds):
                idle += [server.seconds(endpoint) for _ in range(100)]
                jobs = [server.tune(f"rows-{count}-{turn}-{at}", rows) for at in range(count)]
                while not all(server.job(name)["state"] == "JOB_STATE_SUCCEEDED" for name in jobs):
                    busy.append(server.seconds(endpoint))
                    witness.append(other.seconds(its_own))
            usual = statistics.median(idle)
            for name, times in ((f"wait, jobs: {count}", busy), ("  a second server", witness)):
                waits = sorted(1000 * (each - usual) for each in times)
                over = sum(each > 1000 * MOST_WAIT for each in waits)
                print(
                    f"{name:<17} 99 of 100 at most {waits[len(waits) * 99 // 100]:.0f} ms, longest {waits[-1]:.0f} ms, {over} of "
                    f"{len(waits)} over {1000 * MOST_WAIT:.0f} ms"
                )
            print(
                f"                  while nothing trains an answer takes {1000 * usual:.1f} ms, the longest of {len(idle)} "
                f"{1000 * max(idle):.0f} ms; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
            )


def with_a_model(server: Server, rows: Pairs) -> str:
    """The endpoint of a model that the server has tuned."""
    server.call("POST", "/storage/v1/b?project=shop", {"name": "intents", "location": "us-central1"})
    first = server.tune("first", rows)
    while (job := server.job(first))["state"] != "JOB_STATE_SUCCEEDED":
        time.sleep(0.05)
    endpoint: str = job["tunedModel"]["endpoint"]
    server.seconds(endpoint)
    return endpoint


def show_table(rows: Pairs, held_out: Pairs) -> None:
    """exact_match for several hyperparameters, one changed at a time, with all rows and with a tenth of them."""
    changes: list[tuple[str, list[dict[str, Any]]]] = [
        ("epochs", [{"epochs": each} for each in (1, 2, 4, 8)]),
        ("adapter size", [{"adapter": each} for each in (1, 2, 4, 8, 16)]),
        ("learning rate", [{"rate": each} for each in (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)]),
    ]
    for name, settings in changes:
        for some in (rows, rows[: len(rows) // 10]):
            told = [
                f"{next(iter(each.values())):g}: {exact_match(train_once(some, **each), held_out):.3f}"
                for each in settings
            ]
            print(f"{name:<15} {len(some):>6} rows  " + "  ".join(told))


def main() -> None:
    """Measure, and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=10_000)
    arguments.add_argument("--held-out", type=int, default=1_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--skip", choices=["reference", "wait", "table"], action="append", default=[])
    given = arguments.parse_args()
    rows, held_out = training_requests(given.rows), held_out_requests(given.held_out)
    print(
        f"rows: {len(rows)}, held out: {len(held_out)}, labels: {len(wordings())}, adapter size: {ADAPTER}, epochs: 4"
    )
    show_quality(rows, held_out)
    if "reference" not in given.skip:
        show_cost(rows, held_out, given.rounds)
    if "wait" not in given.skip:
        show_wait(rows, given.rounds)
    if "table" not in given.skip:
        show_table(rows, held_out)


if __name__ == "__main__":
    main()
