"""The evaluation that may follow a tuning: what is served of it, and its scores on the validation set."""

from __future__ import annotations

import json
import math
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tuning_sandbox.kernel import Call, Sandbox, invalid_argument
from tuning_sandbox.vertex.ranges import MOST_STOPS, read_number
from tuning_sandbox.vertex.service import api, not_in_sandbox
from tuning_sandbox.vertex.surroundings import find_bucket_of

ONLY_REGION = "us-central1"
MOST_ROWS = 256
Doc = dict[str, Any]

api.behaviour("an evaluation of a tuned model is offered in us-central1 only", source="thread")
api.behaviour("an evaluation of a data set with files fails its job with code 3", source="thread")
api.behaviour("it is on the validation set, else on the training set; each checkpoint has a run", source="assumed")
api.behaviour("the text of these refusals, and the files that an evaluation writes", source="assumed")

_GS = re.compile(r"gs://[^/]+/?.*")
_ROUGE = re.compile(r"rougen?[1-9]|rougeL|rougeLsum")
_OUT_OF = {"exactMatchSpec": "exactMatchMetricValue", "bleuSpec": "bleuMetricValue", "rougeSpec": "rougeMetricValue"}
_COMPUTED = {"EXACT_MATCH": "exactMatchSpec", "BLEU": "bleuSpec", "ROUGE": "rougeSpec"}
_SAMPLED = {"temperature": (0, 2), "topP": (0, 1), "topK": (1, 1000), "maxOutputTokens": (1, 65_536)}


def _percentile(share: float) -> Callable[[list[float]], float]:
    return lambda found: sorted(found)[min(len(found) - 1, math.ceil(share * len(found)) - 1)]


_COMBINED: dict[str, Callable[[list[float]], float]] = {
    "AVERAGE": statistics.fmean,
    "MODE": statistics.mode,
    "STANDARD_DEVIATION": statistics.pstdev,
    "VARIANCE": statistics.pvariance,
    "MINIMUM": min,
    "MAXIMUM": max,
    "MEDIAN": statistics.median,
    "PERCENTILE_P90": _percentile(0.9),
    "PERCENTILE_P95": _percentile(0.95),
    "PERCENTILE_P99": _percentile(0.99),
}


@dataclass(frozen=True)
class Evaluation:
    """An evaluation as a job asks for it."""

    config: Doc

    def run(self, blob: bytes, pairs: list[tuple[str, str]]) -> tuple[list[Doc], list[Doc]]:
        """The results over all rows, and the scores of each row, of the checkpoint with these bytes."""
        from tuning_sandbox.learner.answers import Sampling, write_answer
        from tuning_sandbox.learner.keeping import checkpoint_from_bytes

        asked = self.config.get("inferenceGenerationConfig", {})
        sampling = Sampling(
            temperature=float(asked.get("temperature", 0.0)),
            top_p=float(asked.get("topP", 0.95)),
            top_k=int(asked.get("topK", 64)),
            max_output_tokens=int(asked.get("maxOutputTokens", 8192)),
            stop_sequences=tuple(asked.get("stopSequences", [])),
        )
        seed = int(asked.get("seed", 0)) % (1 << 32)
        model, rows = checkpoint_from_bytes(blob), pairs[:MOST_ROWS]
        said = [write_answer(model, prompt, sampling, seed + at).text for at, (prompt, _) in enumerate(rows)]
        results: list[Doc] = []
        instances: list[Doc] = [
            {"prompt": p, "reference": r, "response": s} for (p, r), s in zip(rows, said, strict=True)
        ]
        for metric in self.config["metrics"]:
            kind, spec = _spec_of(metric)
            scores = [_score(kind, spec, answer, expected) for answer, (_, expected) in zip(said, rows, strict=True)]
            for instance, score in zip(instances, scores, strict=True):
                instance.setdefault("scores", []).append({kind.removesuffix("Spec"): score})
            for name in metric.get("aggregationMetrics") or ["AVERAGE"]:
                value = round(float(_COMBINED[name](scores)), 6)
                results.append({"aggregationMetric": name, _OUT_OF[kind]: {"score": value}})
        return results, instances


def check_evaluation(call: Call, spec: Doc) -> None:
    """Check the evaluation of a create; metrics that the sandbox does not compute are 501 by name."""
    if "evaluationConfig" not in spec:
        return
    config = spec["evaluationConfig"]
    where = "supervised_tuning_spec.evaluation_config"
    if call.location != ONLY_REGION:
        raise invalid_argument(f"evaluation_config is not supported in region {call.location}.", where)
    call.require("supervisedTuningSpec.evaluationConfig.metrics")
    folder = str(call.require("supervisedTuningSpec.evaluationConfig.outputConfig.gcsDestination.outputUriPrefix"))
    if config.get("autoraterConfig"):
        raise not_in_sandbox("a judge of an evaluation (autoraterConfig)")
    if config.get("datasetCustomMetrics"):
        raise not_in_sandbox("an evaluation with datasetCustomMetrics")
    sampled = config.get("inferenceGenerationConfig", {})
    for field in sampled.keys() - {"seed", "stopSequences"}:
        if field not in _SAMPLED:
            raise not_in_sandbox(f"an evaluation with inferenceGenerationConfig.{field}")
        low, high = _SAMPLED[field]
        read_number(sampled, field, low, low, high, f"{where}.inference_generation_config")
    if len(sampled.get("stopSequences", [])) > MOST_STOPS:
        told = f"{where}.inference_generation_config.stop_sequences"
        raise invalid_argument(f"At most {MOST_STOPS} stop_sequences are allowed.", told)
    for metric in config["metrics"]:
        _check_metric(metric, where)
    if not _GS.fullmatch(folder):
        raise invalid_argument(f"Invalid Google Cloud Storage URI: {folder}.", f"{where}.output_config")
    find_bucket_of(call, folder)


def write_runs(sandbox: Sandbox, place: str, config: Doc, made: list[Doc]) -> list[Doc]:
    """Write the results into the folder of the evaluation; returns the job's evaluateDatasetRuns."""
    prefix = str(config["outputConfig"]["gcsDestination"]["outputUriPrefix"]).rstrip("/")
    runs: list[Doc] = []
    for each in made:
        number = sandbox.ids.number(19)
        folder = f"{prefix}/evaluation-{number}"
        lines = "".join(json.dumps(instance, ensure_ascii=False) + "\n" for instance in each["instances"])
        write = sandbox.services.storage.write_object
        write(f"{folder}/evaluation_results.jsonl", lines.encode(), "application/jsonl")
        write(f"{folder}/aggregation_results.json", json.dumps(each["results"]).encode(), "application/json")
        answer = {
            "aggregationOutput": {"aggregationResults": each["results"]},
            "outputInfo": {"gcsOutputDirectory": folder},
        }
        checkpoint = {"checkpointId": each["checkpointId"]} if each["checkpointId"] else {}
        run = f"{place}/evaluationRuns/{number}"
        runs.append({"evaluationRun": run, **checkpoint, "evaluateDatasetResponse": answer})
    return runs


def _check_metric(metric: Doc, where: str) -> None:
    given = [key for key in metric if key.endswith("Spec")]
    if len(given) != 1:
        raise invalid_argument("Exactly one metric spec must be set.", f"{where}.metrics")
    kind, spec = _spec_of(metric)
    if kind not in _OUT_OF:
        raise not_in_sandbox(f"the metric {given[0]} of an evaluation")
    rouge = str(spec.get("rougeType", "rougeL"))
    if kind == "rougeSpec" and not _ROUGE.fullmatch(rouge):
        raise invalid_argument(f"Invalid rouge type: {rouge}.", f"{where}.metrics")
    for field in ("useStemmer", "splitSummaries"):
        if spec.get(field):
            raise not_in_sandbox(f"ROUGE with {field}")


def _spec_of(metric: Doc) -> tuple[str, Doc]:
    kind = next((key for key in metric if key.endswith("Spec")), "")
    spec = metric.get(kind) or {}
    if kind == "computationBasedMetricSpec":
        parameters = spec.get("parameters") or {}
        named = {"rougeType": parameters["rouge_type"]} if "rouge_type" in parameters else {}
        return _COMPUTED.get(str(spec.get("type")), kind), named
    return kind, spec


def _score(kind: str, spec: Doc, said: str, expected: str) -> float:
    from tuning_sandbox.learner.scores import bleu, exact_match, rouge

    if kind == "exactMatchSpec":
        return exact_match(said, expected)
    if kind == "bleuSpec":
        return bleu(said, expected, effective_order=bool(spec.get("useEffectiveOrder")))
    return rouge(said, expected, str(spec.get("rougeType", "rougeL")))
