"""One row of each format, checked completely."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from pulumi_gcp_tuning.datasets.calls import CALLS, RESPONSES, Calls, check_call, check_tools
from pulumi_gcp_tuning.datasets.facts import Facts, Say
from pulumi_gcp_tuning.datasets.formats import PAIRS, Format
from pulumi_gcp_tuning.datasets.media import check_config, check_file, check_image_url, check_inline_image
from pulumi_gcp_tuning.datasets.report import named, type_of

_TEXT_PART: Final = {"text", "thought", "thoughtSignature", "thought_signature"}
_INLINE_PART: Final = {"inlineData", "inline_data"}
_FILE_PART: Final = {"fileData", "file_data", "videoMetadata", "video_metadata", "mediaResolution", "media_resolution"}
_PLACES: Final = {
    "mediaResolution": "generationConfig",
    "media_resolution": "generation_config",
    "functionDeclarations": 'tools: [{"functionDeclarations": [...]}]',
    "function_declarations": 'tools: [{"function_declarations": [...]}]',
    "functionCallingConfig": "toolConfig",
    "function_calling_config": "tool_config",
}
"""Keys that people write beside ``contents``, and where Google reads them."""
_CALL_PART: Final = CALLS | (_TEXT_PART - {"text"})


def check_row(form: Format, row: dict[str, Any], say: Say) -> Facts:
    """Reports every error of the row; the result is valid only if there was none."""
    facts = Facts()
    for key in () if row.keys() <= form.known else row:
        if key in form.known:
            continue
        place = _PLACES.get(key) if form.id == "gemini-contents" else None
        if place is not None:
            say("misplaced-key", key, key=key, place=place)
        else:
            say("unknown-key", named(key, otherwise=""), key=named(key, otherwise="a key"))
    if not row.keys() >= form.required:
        for key in form.keys:
            if key not in row:
                say("missing-key", key, key=key)
        return facts
    if form.id in PAIRS:
        _check_pair(PAIRS[form.id], row, facts, say)
    elif "messages" in form.keys:
        _check_messages(form, row, facts, say)
    else:
        _check_contents(form, row, facts, say)
    facts.characters = sum(map(len, facts.texts)) + len(facts.system or "") + facts.declared - facts.links
    return facts


def _check_pair(keys: tuple[str, str], row: dict[str, Any], facts: Facts, say: Say) -> None:
    for key, empty in zip(keys, ("empty-turn", "empty-answer"), strict=True):
        text = row[key]
        if not isinstance(text, str):
            say("wrong-type", key, found=type_of(text), expected="a string")
        elif not text.strip():
            say(empty, key)
        else:
            facts.texts.append(text)
            facts.answer = text
    facts.answer_characters = len(facts.answer)
    facts.turns = 2


def _check_messages(form: Format, row: dict[str, Any], facts: Facts, say: Say) -> None:
    turns = row["messages"]
    who = "author" if form.id == "chat-messages" else "role"
    if "context" in row:
        _check_text(row["context"], "context", facts, say)
    roles: list[tuple[int, str | None]] = []
    if not _is_list_of_turns(turns, "messages", say):
        return
    for index, turn in enumerate(turns):
        at = f"messages[{index}]"
        if not isinstance(turn, dict):
            say("wrong-type", at, found=type_of(turn), expected="an object")
            roles.append((index, None))  # one cause, one finding: nothing is said about the order
            continue
        for key in turn:
            if key not in (who, "content"):
                say("unknown-key", f"{at}.{named(key, otherwise='')}".rstrip("."), key=named(key, otherwise="a key"))
        system = who == "role" and turn.get(who) == "system"
        role = "system" if system else _role(turn, at, form, say, key=who, system=who == "role")
        if system and index:
            say("system-not-first", f"{at}.role")
        if not system:
            roles.append((index, role))
        _check_content(form, turn, at, role, facts, say)
    _check_order(roles, form, "messages", who, facts, say)


def _check_content(form: Format, turn: dict[str, Any], at: str, role: str | None, facts: Facts, say: Say) -> None:
    if "content" not in turn:
        say("missing-key", at, key="content")
        return
    content = turn["content"]
    answers = role == form.answers
    if role == "system" and isinstance(content, str):
        _check_text(content, f"{at}.content", facts, say)
        return
    if isinstance(content, str):
        facts.texts.append(content)
        _take_text([content], f"{at}.content", facts, say, answers=answers)
        return
    if form.id != "messages" or not isinstance(content, list):
        expected = "a string" if form.id != "messages" else "a string or a list of parts"
        say("wrong-type", f"{at}.content", found=type_of(content), expected=expected)
        return
    _check_content_parts(form, content, f"{at}.content", role, facts, say)


def _check_content_parts(form: Format, content: list[Any], at: str, role: str | None, facts: Facts, say: Say) -> None:
    answers = role == form.answers
    if not content:
        say("empty-answer" if answers else "empty-turn", at)
        return
    texts: list[str] = []
    files = 0
    for index, part in enumerate(content):
        here = f"{at}[{index}]"
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
            if role != "system":
                facts.texts.append(part["text"])
        elif kind == "image_url":
            files += 1
            if answers or role == "system":
                say("media-in-answer", here)
            check_image_url(part.get("image_url"), f"{here}.image_url", facts, say)
        else:
            say("unknown-part", here, found=named(kind), expected='"type": "text" with text, or "type": "image_url"')
    if role == "system":
        facts.system = "\n".join(texts)
    elif texts or not files:
        _take_text(texts, at, facts, say, answers=answers)


def _check_contents(form: Format, row: dict[str, Any], facts: Facts, say: Say) -> None:
    for key in ("systemInstruction", "system_instruction"):
        if key in row:
            _check_instruction(row[key], key, facts, say)
    calls = check_tools(row, facts, say)
    turns = row["contents"]
    if not _is_list_of_turns(turns, "contents", say):
        return
    roles: list[tuple[int, str | None]] = []
    for index, turn in enumerate(turns):
        at = f"contents[{index}]"
        if not isinstance(turn, dict):
            say("wrong-type", at, found=type_of(turn), expected="an object")
            roles.append((index, None))  # one cause, one finding: nothing is said about the order
            continue
        role = _role_among(form, turns, index, at, say)
        roles.append((index, role))
        _check_parts(form, turn, at, facts, say, calls, role=role)
        calls.end_turn(at, say)
    _check_order(roles, form, "contents", "role", facts, say)
    if form.id == "gemini-contents":
        check_config(row, facts, say)
    if form.id == "preference-pairs":
        _check_completions(form, row["completions"], facts, say)


def _role_among(form: Format, turns: list[Any], index: int, at: str, say: Say) -> str | None:
    """The role of a turn. It is optional for an answer to a call and in a row with one question."""
    turn = turns[index]
    role = turn.get("role")
    if isinstance(role, str) and role in (form.asks, form.answers):
        return role
    if _answers_a_call(form, turn):
        return form.asks
    if form.id == "gemini-contents" and len(turns) == 2 and role in (None, ""):
        return form.answers if index else form.asks
    return _role(turn, at, form, say)


def _answers_a_call(form: Format, turn: dict[str, Any]) -> bool:
    """Whether it is a function's answer without a role, as on Google's page on tuning function calls."""
    if form.id != "gemini-contents" or turn.get("role") is not None:
        return False
    parts = turn.get("parts")
    return (
        isinstance(parts, list)
        and bool(parts)
        and all(isinstance(part, dict) and not RESPONSES.isdisjoint(part) for part in parts)
    )


def _check_instruction(value: Any, at: str, facts: Facts, say: Say) -> None:
    if not isinstance(value, dict):
        say("wrong-type", at, found=type_of(value), expected='an object: {"parts": [{"text": ...}]}')
        return
    parts = value.get("parts")
    if isinstance(parts, dict):
        parts = [parts]
    if not parts and isinstance(parts, list | None):
        say("no-parts", at)
        return
    if not isinstance(parts, list):
        say("wrong-type", f"{at}.parts", found=type_of(parts), expected="a list of parts")
        return
    texts = []
    for index, part in enumerate(parts):
        text = part.get("text") if isinstance(part, dict) else None
        if not isinstance(text, str):
            say("unknown-part", f"{at}.parts[{index}]", found="no text", expected="text")
        else:
            texts.append(text)
    if texts:
        _check_text("\n".join(texts), at, facts, say)


def _check_parts(
    form: Format, turn: dict[str, Any], at: str, facts: Facts, say: Say, calls: Calls, *, role: str | None
) -> None:
    parts, answers = turn.get("parts"), role == form.answers
    if not isinstance(parts, list):
        kind, names = ("missing-key", {"key": "parts"}) if parts is None else ("wrong-type", {"found": type_of(parts)})
        say(kind, f"{at}.parts", expected="a list of parts", **names)
        return
    if not parts:
        say("no-parts", f"{at}.parts")
        return
    texts: list[str] = []
    others = 0
    for index, part in enumerate(parts):
        text = part.get("text") if isinstance(part, dict) else None
        if isinstance(text, str) and part.keys() <= _TEXT_PART:
            texts.append(text)
            facts.texts.append(text)
            continue
        others += 1
        here = f"{at}.parts[{index}]"
        if not isinstance(part, dict):
            say("wrong-type", here, found=type_of(part), expected="an object")
        else:
            _check_other_part(form, part, here, facts, say, calls, role=role)
    if texts or not others:
        before = facts.answer if answers and others else ""
        _take_text(texts, f"{at}.parts", facts, say, answers=answers)
        facts.answer = before or facts.answer


def _check_other_part(
    form: Format, part: dict[str, Any], at: str, facts: Facts, say: Say, calls: Calls, *, role: str | None
) -> None:
    if ("fileData" in part or "file_data" in part) and part.keys() <= _FILE_PART:
        key = "fileData" if "fileData" in part else "file_data"
        if role == form.answers:
            say("media-in-answer", at)
        if form.id == "preference-pairs":
            say("text-only", at, why="preference tuning reads no files")
        check_file(form, part, key, at, facts, say)
    elif form.id == "generate-content" and len(part) == 1 and part.keys() <= _INLINE_PART:
        if role == form.answers:
            say("media-in-answer", at)
        key = next(iter(part))
        check_inline_image(part[key], f"{at}.{key}", facts, say)
    elif form.id == "gemini-contents" and part.keys() <= _CALL_PART and len(called := part.keys() & CALLS) == 1:
        by = {form.asks: "asks", form.answers: "answers"}.get(role or "", "")
        key = next(iter(called))
        check_call(part, key, f"{at}.{key}", calls, facts, say, by=by)
    elif part.keys() <= _TEXT_PART and "text" in part:
        say("wrong-type", f"{at}.text", found=type_of(part["text"]), expected="a string")
    else:
        held = [key for key in part if key in {"text", "fileData", "file_data", *CALLS}]
        found = " and ".join(held) if len(held) > 1 else named(next(iter(part), None), otherwise="an unknown key")
        expected = "text" if form.id == "preference-pairs" else "text or fileData (file_data)"
        say("unknown-part", at, found=found, expected=f"one of {expected} in each part" if len(held) > 1 else expected)


def _check_completions(form: Format, completions: Any, facts: Facts, say: Say) -> None:
    if not isinstance(completions, list) or len(completions) != 2:
        count = len(completions) if isinstance(completions, list) else "no list of"
        say("two-completions", "completions", count=count)
        return
    before = len(facts.texts)
    scores = []
    for index, each in enumerate(completions):
        at = f"completions[{index}]"
        turn = each.get("completion") if isinstance(each, dict) else None
        if not isinstance(turn, dict):
            say("missing-key", at, key="completion")
            continue
        scores.append(each.get("score"))
        if _role(turn, f"{at}.completion", form, say) == form.asks:
            say("last-turn", f"{at}.completion.role", found=form.asks, expected=form.answers)
        _check_parts(form, turn, f"{at}.completion", facts, say, Calls(), role=form.answers)
    if len(scores) == 2 and not (scores in ([0, 1], [1, 0]) and not any(isinstance(each, bool) for each in scores)):
        say("score", "completions")
    said = facts.texts[before:]
    if len(said) == 2 and said[0] == said[1]:
        say("same-completions", "completions")


def _is_list_of_turns(turns: Any, at: str, say: Say) -> bool:
    if not isinstance(turns, list):
        say("wrong-type", at, found=type_of(turns), expected="a list")
        return False
    if not turns:
        say("no-turns", at)
    return bool(turns)


def _role(
    turn: dict[str, Any], at: str, form: Format, say: Say, *, key: str = "role", system: bool = False
) -> str | None:
    value = turn.get(key)
    known = (form.asks, form.answers)
    if isinstance(value, str) and value in known:
        return value
    small = value.lower() if isinstance(value, str) else None
    if small in known:
        say("role-spelling", f"{at}.{key}", found=value)
        return small
    expected = ", ".join(("system", *known) if system else known)
    if small == "system" and at.startswith("contents"):
        expected += "; an instruction belongs in systemInstruction, next to contents"
    say("unknown-role", f"{at}.{key}", found=named(value), expected=expected)
    return None


def _check_order(roles: list[tuple[int, str | None]], form: Format, at: str, who: str, facts: Facts, say: Say) -> None:
    facts.turns = len(roles)
    said = [role for _, role in roles]
    if None in said:
        return
    if not roles:
        say("no-turns", at)
        return
    if roles[0][1] != form.asks:
        say("first-turn", f"{at}[{roles[0][0]}].{who}", found=roles[0][1], expected=form.asks)
    for (_, role), (index, following) in pairwise(roles):
        if role == following:
            kind = "turns-together" if "contents" in at else "role-order"
            say(kind, f"{at}[{index}].{who}", found=role, asks=form.asks, answers=form.answers)
    last = form.asks if form.id == "preference-pairs" else form.answers
    index, role = roles[-1]
    if role != last:
        say("last-turn", f"{at}[{index}].{who}", found=role, expected=last)
    elif form.asks not in said:
        say("no-question", at, expected=form.asks)


def _check_text(value: Any, at: str, facts: Facts, say: Say) -> None:
    if not isinstance(value, str):
        say("wrong-type", at, found=type_of(value), expected="a string")
    elif not value.strip():
        say("empty-turn", at)
    else:
        facts.system = value


def _take_text(texts: list[str], at: str, facts: Facts, say: Say, *, answers: bool) -> None:
    if not any(map(str.strip, texts)):
        say("empty-answer" if answers else "empty-turn", at)
        return
    if len(texts) > 1 and not all(map(str.strip, texts)):
        say("blank-part", at)
    if answers:
        facts.answer = texts[-1]
        facts.answer_characters += sum(map(len, texts))
