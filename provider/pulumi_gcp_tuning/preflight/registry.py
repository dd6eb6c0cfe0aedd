"""All checks and what each refuses, by name: what ``checks`` can switch, and what the documentation is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pulumi_gcp_tuning.preflight import artifacts, cmek, cost, identity, location, quota
from pulumi_gcp_tuning.preflight.rule import Rule


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check: its name in ``checks``, what it looks at, its rules, and whether it can be switched."""

    name: str
    about: str
    rules: tuple[Rule, ...]
    switchable: bool = True

    @property
    def facts(self) -> tuple[str, ...]:
        """What has to be asked of Google for it."""
        return tuple(dict.fromkeys(fact for rule in self.rules for fact in rule.facts))


_SCHEMA: Final = (
    Rule(
        check="schema",
        name="properties",
        refuses="an unknown property, a missing one, a value of the wrong type, a name or date that cannot be read",
        why="Google's discovery documents give the fields and their types.",
        evidence="discovery",
    ),
    Rule(
        check="schema",
        name="display name",
        refuses="a display name that is empty or longer than 128 characters",
        why="Seed 000 and the discovery document.",
        evidence="seed",
    ),
)
_CHANGE: Final = (
    Rule(
        check="change",
        name="on_change",
        refuses="with on_change='error', a change that would start another paid job",
        why="You asked for it.",
        evidence="policy",
    ),
)
_LABELS: Final = (
    Rule(
        check="labels",
        name="grammar",
        refuses="label keys and values that Google does not accept, more than 64 labels, the plugin's own keys",
        why="Google's discovery document.",
        evidence="discovery",
    ),
)
_REGION: Final = (
    Rule(
        check="region",
        name="region exists",
        refuses="a location that there is none of (with the nearest match), and global for Gemini",
        why="Google's list of locations; Gemini at global is answered with FAILED_PRECONDITION.",
        evidence="discovery",
    ),
    Rule(
        check="region",
        name="model in region",
        refuses="a region that does not offer the model for this method",
        why="The catalogue's row of the model names its source.",
        evidence="thread",
    ),
)
_MODEL: Final = (
    Rule(
        check="model",
        name="model and method",
        refuses="a model that is not known (with the nearest match), or that is not tuned by this method or in this mode",
        why="The catalogue's row of the model names its source; what it only assumes is a warning.",
        evidence="thread",
    ),
    Rule(
        check="model",
        name="parent of continuous tuning",
        refuses="a parent model that was tuned before 2025-07-11",
        why="Google's page on continuous tuning.",
        evidence="thread",
    ),
)
_RETIREMENT: Final = (
    Rule(
        check="retirement",
        name="dates",
        refuses="a model before its launch, past its last day of tuning or retired, with the successor; close to it, warns",
        why="Google's life cycle page: tuning closes a month before a model retires, and a tuned model dies with it.",
        evidence="thread",
    ),
)
_HYPERPARAMETERS: Final = (
    Rule(
        check="hyperparameters",
        name="adapter size",
        refuses="an adapter size that there is none of, or that the model does not offer",
        why='Google answers 400: "The adapter size is not supported for this base model."',
        evidence="thread",
    ),
    Rule(
        check="hyperparameters",
        name="parameters of the model",
        refuses="a parameter that the model does not take (a batch size on a Google model, epochs of a pipeline), "
        "learning_rate together with learning_rate_multiplier",
        why="Google's discovery document says which models each is for.",
        evidence="discovery",
    ),
    Rule(
        check="hyperparameters",
        name="evaluation of a pipeline",
        refuses="an evaluation interval or early stopping without an evaluation set, and any evaluation of a chat model",
        why="Seed 002.",
        evidence="seed",
    ),
    Rule(
        check="hyperparameters",
        name="numbers that mean nothing",
        refuses="zero or negative epochs, steps and rates, parts of an epoch, values outside an established range",
        why="They mean nothing for any model; a range is refused only where Google's pages or answers establish it.",
        evidence="policy",
    ),
)
_DATASET: Final = (
    Rule(
        check="dataset",
        name="rows",
        refuses="rows that are not in the model's format, by file, line and field",
        why="The seeds show the formats; Google fails the job after it has started.",
        evidence="seed",
        facts=("the object, where it is in a bucket",),
    ),
    Rule(
        check="dataset",
        name="limits",
        refuses="too few or too many examples, files, examples or media that are too large",
        why="The catalogue's row of the model names the owner of each limit.",
        evidence="seed",
        facts=("the object, where it is in a bucket",),
    ),
    Rule(
        check="dataset",
        name="quality",
        refuses="nothing: it warns of duplicates, leakage between training and validation, and small sets",
        why="Seed 001.",
        evidence="seed",
        severity="warn",
    ),
)

CHECKS: Final = (
    Check(name="schema", about="Properties, types and names.", rules=_SCHEMA, switchable=False),
    Check(name="change", about="Changes that cost a new job.", rules=_CHANGE, switchable=False),
    Check(name="labels", about="Labels as Google accepts them.", rules=_LABELS),
    Check(name="region", about="Where the job runs.", rules=_REGION),
    Check(name="model", about="What it starts from.", rules=_MODEL),
    Check(name="retirement", about="Until when that is offered.", rules=_RETIREMENT),
    Check(name="hyperparameters", about="How it trains.", rules=_HYPERPARAMETERS),
    Check(name="dataset", about="What it trains on.", rules=_DATASET),
    Check(name="location", about="Whether what it names lives where the product wants it.", rules=location.RULES),
    Check(name="cmek", about="Whether a key can encrypt what it makes.", rules=cmek.RULES),
    Check(name="quota", about="Whether there is room for it.", rules=quota.RULES),
    Check(name="identity", about="Whether the caller, the project and the service agents may.", rules=identity.RULES),
    Check(name="cost", about="What it will cost.", rules=cost.RULES),
    Check(name="artifacts", about="What open models start from and leave behind.", rules=artifacts.RULES),
)
"""Every check, in the order in which a job is judged."""

NAMES: Final = tuple(check.name for check in CHECKS)


def find_check(name: str) -> Check | None:
    """The check of that name."""
    return next((check for check in CHECKS if check.name == name), None)
