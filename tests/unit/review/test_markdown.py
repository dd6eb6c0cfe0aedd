"""A review as Markdown: one comment that says what a reviewer has to know, and nothing that a value can break."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from pulumi_gcp_tuning.review.markdown import MOST_CHARACTERS, markdown
from pulumi_gcp_tuning.review.report import Judgement
from support.golden_reviews import expect_golden
from support.large_review import many
from support.planned_steps import JOB, JOB_INPUTS, SECRET, answer, review, step

HOSTILE = "</details><script>alert(1)</script> @everyone #1 [x](javascript:1) ``` `` | **b** <!-- -->"


def test_a_stack_in_which_nothing_changes_is_one_line() -> None:
    text = markdown(review(step("same", "TuningJob", old=JOB_INPUTS, new=JOB_INPUTS)))
    assert text.splitlines() == ["✅ **OK** of stack `dev`: This merge changes nothing."]


def test_a_stack_of_2000_resources_fits_a_comment() -> None:
    made = many(2000)
    text = markdown(made)
    assert made.counts == {"create": 2000}
    assert [len(part) for part in (made.nodes, made.trainings, made.findings, made.places)] == [2000, 1000, 1000, 1000]
    assert [(each.need, each.limit) for each in made.quotas] == [(1000, 1)]
    assert len(text) <= MOST_CHARACTERS
    assert text.startswith("⚠️ **WARN** of stack `dev`: This merge trains 1,000 models (about $12,900.00), ")
    assert "more lines are left out" in text
    assert text.count("<details>") == text.count("</details>") > 0


def test_the_report_of_2000_resources_is_the_golden_one() -> None:
    made = many(2000)
    expect_golden("2000-resources.md", markdown(made))
    plain = made.plain()  # all of it is too large to keep
    numbers = {key: len(value) if isinstance(value, list | tuple) else value for key, value in plain.items()}
    expect_golden("2000-resources.json", json.dumps(numbers, indent=1, ensure_ascii=False) + "\n")


def test_twice_the_resources_take_twice_the_work() -> None:
    def calls(count: int) -> int:
        made = 0

        def counts(_frame: object, event: str, _argument: object) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(counts)
        try:
            markdown(many(count, again=True))
        finally:
            sys.setprofile(before)
        return made

    calls(8)  # imports, and templates that are compiled once
    assert calls(2000) < 2.3 * calls(1000)


@pytest.mark.parametrize("length", [1_000, 100_000, 1_000_000])
def test_one_long_problem_does_not_burst_a_comment(length: int) -> None:
    assert len(markdown(review(problem="boom " * (length // 5)))) <= MOST_CHARACTERS


def test_secrets_in_inputs_are_in_no_report() -> None:
    inputs = JOB_INPUTS | {"labels": {"team": SECRET}, "tunedModelDisplayName": SECRET, "description": SECRET}
    changed = {**SECRET, "plaintext": '"hunter3333"'}
    job = step("replace", "TuningJob", old=inputs, new=inputs | {"labels": {"team": changed}}, id_=JOB)
    made = review(job, step("update", "TunedModel", old={"labels": SECRET}, new={"labels": changed}))
    text = markdown(made)
    assert "hunter" not in text + str(made)
    expect_golden("secrets-in-inputs.md", text)
    expect_golden("secrets-in-inputs.json", json.dumps(made.plain(), indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("where", ["name", "value", "problem", "failure"])
def test_a_text_from_outside_is_no_markup(where: str) -> None:
    name = HOSTILE if where == "name" else "router"
    old, new = JOB_INPUTS, JOB_INPUTS | ({"tunedModelDisplayName": HOSTILE} if where == "value" else {})
    problem = Judgement(severity="warn", resource=None, path="", problem=HOSTILE if where == "problem" else "Odd.")
    made = review(
        step("replace", "TuningJob", name, old=old, new=new),
        findings=[problem],
        problem=HOSTILE if where == "failure" else "",
    )
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown(made))
    assert "<script>" not in html
    assert "<!-- -->" not in html
    assert 'href="javascript' not in html
    assert html.count("<details>") == html.count("</details>")


def test_a_mention_outside_of_code_notifies_nobody() -> None:
    made = review(findings=[Judgement(severity="warn", resource=None, path="", problem="ask @everyone")])
    assert "@\u200beveryone" in markdown(made)


def test_an_address_stays_as_it_is() -> None:
    made = review(findings=[Judgement(severity="warn", resource=None, path="", problem="ask tuner@shop.example")])
    assert "tuner\\@shop.example" in markdown(made)


def test_a_report_from_a_file_names_what_is_missing() -> None:
    made = replace(review(), missing=("cost", "quota"), complete=False)
    assert "Missing: cost, quota." in markdown(made)


def test_one_cause_is_one_line_with_the_first_resources() -> None:
    lines = [line for line in markdown(many(20)).splitlines() if "Odd." in line]
    names = ", ".join(f"TuningJob `job-{number:04}`" for number in range(5))
    assert lines == [f"- **warn** {names} and 5 more `labels`: Odd."]


def test_each_section_stands_only_if_there_is_something_to_say() -> None:
    text = markdown(review(step("update", "TunedModel", old={"labels": {"a": "1"}}, new={"labels": {"a": "2"}})))
    assert [line for line in text.splitlines() if line.startswith(("#", "<details"))] == ["### Other changes"]


def test_the_answer_of_the_cli_in_another_order_gives_the_same_report() -> None:
    steps = [step("create", "TuningJob", name, new=JOB_INPUTS) for name in ("a", "b", "c")]
    assert answer(*steps) != answer(*steps[::-1])
    assert markdown(review(*steps)) == markdown(review(*steps[::-1]))
