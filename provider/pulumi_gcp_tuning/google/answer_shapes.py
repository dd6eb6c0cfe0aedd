"""The shapes of what models answer."""

from __future__ import annotations

from typing import Final, NotRequired

from typing_extensions import TypedDict

from pulumi_gcp_tuning.google.shape import Shape


class _Part(TypedDict):
    text: NotRequired[str]


class _Content(TypedDict):
    parts: NotRequired[list[_Part]]


class _Candidate(TypedDict):
    content: NotRequired[_Content]
    finishReason: NotRequired[str]


class _Feedback(TypedDict):
    blockReason: NotRequired[str]


class _Generated(TypedDict):
    candidates: NotRequired[list[_Candidate]]
    promptFeedback: NotRequired[_Feedback]


class _TextOfBison(TypedDict):
    content: NotRequired[str]


class _Prediction(_TextOfBison):
    candidates: NotRequired[list[_TextOfBison]]


class _Predicted(TypedDict):
    predictions: NotRequired[list[_Prediction]]


class _PredictedTexts(TypedDict):
    predictions: NotRequired[list[str]]


class _Counted(TypedDict):
    totalTokens: int


GENERATED: Final = Shape("an answer of a model", _Generated)
PREDICTED: Final = Shape("an answer of a model", _Predicted)
PREDICTED_TEXTS: Final = Shape("an answer of a model", _PredictedTexts)
COUNTED: Final = Shape("a number of tokens", _Counted)
