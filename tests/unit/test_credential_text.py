"""What is taken for a credential, what is refused, and that a refusal says nothing of what it refuses."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.credential_text import is_plain_path, read_key, read_key_file, read_token
from support.credential_forms import TOKEN, leaks_in, made_up_key, right_forms, wrong_forms

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = made_up_key()
WRONG = wrong_forms(KEY) | {
    "only quotes": '""',
    "null": "null",
    "a number": "4711",
    "a word": "credentials",
    "a brace": "{",
}
SAID = {
    "the first half": "cut off",
    "the second half": "cut off",
    "cut within the quotes": "cut off",
    "the first half of its base64": "base64",
    "a list of two": "list",
    "the private key alone": "private key",
    "a page": "web page",
    "YAML": "YAML",
    "a Python dictionary": "Python",
    "no type": "its type is not one of service_account",
    "a private key that was cut": "private_key was cut off",
    "no email": "without client_email",
    "a Bearer of it": "access token",
    "only quotes": "empty",
}


@pytest.mark.parametrize("form", right_forms(KEY))
def test_a_key_file_is_read_in_this_form(form: str) -> None:
    assert read_key(right_forms(KEY)[form]) == KEY.info


@pytest.mark.parametrize("form", right_forms(KEY))
def test_a_key_file_on_disk_may_have_the_same_form(form: str) -> None:
    assert read_key_file(right_forms(KEY)[form].encode()) == KEY.info


def test_a_key_file_on_disk_may_be_in_utf_16() -> None:
    assert read_key_file(KEY.json.encode("utf-16")) == KEY.info


@pytest.mark.parametrize("form", [form for form in WRONG if form != "a private key that is damaged"])
def test_what_is_no_key_file_is_refused_without_a_piece_of_it(form: str) -> None:
    with pytest.raises(ValueError, match=SAID.get(form, "^it ")) as refused:
        read_key(WRONG[form])
    assert leaks_in(str(refused.value), KEY) == []


@pytest.mark.parametrize("kind", ["authorized_user", "external_account", "impersonated_service_account"])
def test_a_type_without_its_fields_is_refused_with_their_names(kind: str) -> None:
    with pytest.raises(ValueError, match=f"of the type {kind} without "):
        read_key(json.dumps({"type": kind}))


def test_the_secret_of_an_oauth_client_is_told_apart_from_a_key_file() -> None:
    with pytest.raises(ValueError, match="OAuth client"):
        read_key(json.dumps({"installed": {"client_id": "i", "client_secret": "GOCSPX-abcdefghijkl"}}))


@pytest.mark.parametrize(
    "path", ["/keys/dev.json", "keys/dev.json", "dev.json", r"C:\keys\dev.json", "'/keys/dev.json'"]
)
def test_a_path_is_a_path_whether_its_file_is_there_or_not(path: str) -> None:
    assert read_key(path) == Path(path.strip("'"))


def test_a_file_that_is_there_is_a_path_whatever_its_name(tmp_path: Path) -> None:
    file = tmp_path / KEY.line.replace("/", "")
    file.write_text(KEY.json)
    assert read_key(str(file)) == file


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/keys/dev.json", True),
        ("dev.json", True),
        ("{tmp}/dev", True),
        ("/no-such-folder/dev", False),
        pytest.param("/" + KEY.line, False, id="a line of a key"),
        pytest.param(KEY.line[:20] + ".json", False, id="a piece of a key"),
        ("ya29.abcdefgh.json", False),
    ],
)
def test_a_path_is_shown_only_where_nothing_but_a_path_looks_like_it(
    path: str,
    shown: bool,  # noqa: FBT001
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("keys")
    assert is_plain_path(path.replace("{tmp}", str(folder))) is shown


@pytest.mark.parametrize(
    "form", [TOKEN, f" {TOKEN}\n", f'"{TOKEN}"', f"'{TOKEN}'", f"Bearer {TOKEN}", f'"bearer {TOKEN}"',
             f"Authorization: Bearer {TOKEN}"],
)  # fmt: skip
def test_a_token_is_read_without_quotes_and_bearer(form: str) -> None:
    assert read_token(form) == TOKEN


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (f"{TOKEN[:20]}\n{TOKEN[20:]}", "line break"),
        (f"{TOKEN} {TOKEN}", "space"),
        (f"{TOKEN}\u2026", "letter"),
        ('""', "empty"),
        ("Bearer '", "empty"),
        pytest.param(KEY.json, "GOOGLE_CREDENTIALS", id="a key file"),
        pytest.param(KEY.pem, "GOOGLE_CREDENTIALS", id="a private key"),
        pytest.param(base64.b64encode(KEY.json.encode()).decode(), "GOOGLE_CREDENTIALS", id="base64"),
        (json.dumps({"token": TOKEN}), "JSON"),
        (__file__, "path"),
    ],
)
def test_what_is_no_token_is_refused_without_a_piece_of_it(form: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        read_token(form)
    assert leaks_in(str(refused.value), KEY) == []


def answer_of(read: Callable[[str], object], text: str) -> object:
    """What is read, or the sentence of the refusal."""
    try:
        return read(text)
    except ValueError as refused:
        return str(refused)


@given(st.data())
def test_of_a_key_that_was_cut_anywhere_no_piece_is_shown(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["the file", "one line", "a JSON string", "base64", "single quotes"]))
    text = right_forms(KEY)[form]
    start = data.draw(st.integers(0, len(text) - 1))
    answer = answer_of(read_key, text[start : data.draw(st.integers(start + 1, len(text)))])
    if isinstance(answer, Path):  # a short piece with a slash in it
        answer = str(answer) if is_plain_path(str(answer)) else "not shown"
    assert answer == KEY.info or leaks_in(str(answer), KEY) == []  # nothing is lost with a space or a quote


@given(st.text(max_size=60) | st.recursive(st.text(), st.lists).map(json.dumps))
def test_any_text_is_read_or_refused_and_never_raises_otherwise(text: str) -> None:
    assert answer_of(read_key, text)
    assert answer_of(read_token, text)


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "aB3/" * 50_000, "\\" * 100_000 + '"'], ids=range(4)
)
def test_a_text_of_any_depth_and_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it "):
        read_key(text)
