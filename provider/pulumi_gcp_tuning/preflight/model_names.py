"""What a base model that the catalogue does not have probably is."""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches
from typing import Final

from pulumi_gcp_tuning.catalog import Catalogue
from pulumi_gcp_tuning.names import MalformedName, ModelName
from pulumi_gcp_tuning.wording import Remedy, Words, advise, words

_FAMILIES: Final = (
    (re.compile(r"imagen|image(generation|text)|.*-image(-|$)"), "an image model: image models are not tuned"),
    (re.compile(r"veo-"), "a video model: it is not tuned with this resource"),
    (re.compile(r"(.*-)?(text|gemini|multimodal)?-?embedding"), "an embedding model: it is not tuned by a tuning job"),
    (
        re.compile(r".*(-live|-native-audio|-tts)(-|$)|lyria|chirp"),
        "a model of speech or sound: such models are not tuned",
    ),
    (re.compile(r"claude|mistral|codestral|jamba|grok|gpt-"), "a partner's model: it is not tuned on Vertex AI"),
    (re.compile(r".*-latest$"), "an alias that moves on with each model: a base model is tuned by its own id"),
    (re.compile(r".*-(preview|exp)(-|$)"), "a preview: the catalogue has none that is tuned"),
)
"""The beginning of a name, and what such a model is; by Google's lists of models and of those that are tuned."""

_LIKE: Final = 0.88
_DIGITS: Final = re.compile(r"\d+")


def explain_unknown(base_model: str, as_of: date, known: Catalogue, use: Words) -> tuple[str, Remedy]:
    """What is wrong with the name, and what to do; ``use`` names the models that can be tuned."""
    try:
        tuned = ModelName.parse(base_model)
    except MalformedName:
        tuned = None
    if tuned is not None:
        problem = f"{base_model!r} is a tuned model of your own, not a base model."
        way_out = "To go on from it, train its base model again with the old and the new examples. {use}"
        return problem, advise("set a property", way_out, use=use)
    name = base_model.strip().lower().removeprefix("publishers/google/").removeprefix("models/")
    bare = name.partition("@")[0]
    row = known.find_model(bare) if bare != name else None
    if row is not None:
        lives = row.is_tunable and row.tunable_at(as_of)
        instead = words("Without a version it is {model}.", model=bare) if lives else use
        return f"{base_model!r} is not a model: it has no such version.", advise("set a property", "{use}", use=instead)
    near = _misspelt(name, known)
    if near is None:
        for pattern, what in _FAMILIES:
            if pattern.match(name):
                return f"{base_model!r} is {what}.", advise("set a property", "{use}", use=use)
    hint: Words | str = use
    if near is not None:
        row = known.models[near]
        instead = known.live_successor(row, as_of)
        gone = "" if row.tunable_at(as_of) and row.is_tunable else f" It cannot be tuned on {as_of}"
        hint = words(
            "Did you mean {near}?{gone}{instead}",
            near=near,
            gone=gone,
            instead=f"; use {instead}." if gone and instead else words(". {use}", use=use) if gone else "",
        )
    way_out = "{hint} If the model is newer than the catalogue, set {checks.model=warn}."
    return f"{base_model!r} is not a tunable model of the catalogue.", advise("set a property", way_out, hint=hint)


def _misspelt(name: str, known: Catalogue) -> str | None:
    """The model whose name has the same numbers and nearly the same letters."""
    ids = {alias: row.id for row in known.models.values() for alias in (row.id, *row.aliases)}
    same = [each for each in ids if _DIGITS.findall(each) == _DIGITS.findall(name)]
    close = get_close_matches(name, same, n=1, cutoff=_LIKE)
    return ids[close[0]] if close else None
