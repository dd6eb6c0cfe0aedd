"""A review as one HTML file."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.review.html import boxes_of, page
from pulumi_gcp_tuning.review.report import Cost, Judgement, Link, Quota, Training
from support.example_reviews import (
    EXAMPLES,
    HOSTILE,
    JOB,
    blocked,
    first_up,
    hostile,
    many,
    named,
    nothing,
    retrain_by_data,
)
from support.self_contained import find_links, find_outside

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer", "div", "span", "strong"),
    *("p", "a", "h1", "h2", "h3", "ul", "li", "dl", "dt", "dd", "code", "details", "summary", "figure", "wbr"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("svg", "defs", "marker", "path", "g", "rect", "circle", "line", "text"),
}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


def texts(shown: str) -> str:
    """What a person reads, in one line."""
    body = ET.XML(shown.partition("<!doctype html>")[2]).find("body")
    assert body is not None
    return " ".join(" ".join(body.itertext()).split())


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_page_loads_runs_and_sends_nothing(name: str) -> None:
    assert find_outside(page(EXAMPLES[name]())) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_page_forbids_the_browser_to_load_anything(name: str) -> None:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert f'http-equiv="Content-Security-Policy" content="{policy}"' in page(EXAMPLES[name]())


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_page_is_well_formed(name: str) -> None:
    assert ET.XML(page(EXAMPLES[name]()).partition("<!doctype html>")[2]).tag == "html"


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_id_is_given_twice(name: str) -> None:
    ids = re.findall(r' id="([^"]+)"', page(EXAMPLES[name]()))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_same_review_gives_the_same_page(name: str) -> None:
    assert page(EXAMPLES[name]()) == page(EXAMPLES[name]())


def test_a_page_has_no_other_elements_than_ours_whatever_the_names_are() -> None:
    reader = _Tags()
    reader.feed(page(hostile()))
    assert reader.tags <= TAGS


def test_markup_and_templates_in_names_are_shown_as_they_are() -> None:
    shown = HOSTILE.replace("\x00", "").replace("\u202e", "")
    assert texts(page(hostile())).count(shown) > 30


def test_control_characters_and_marks_of_direction_are_left_out() -> None:
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e]", page(hostile()))


def test_a_link_that_is_no_address_is_text() -> None:
    shown = page(hostile())
    assert find_links(shown) == []
    assert "javascript:alert(1)" in texts(shown)


def test_a_link_goes_where_it_says() -> None:
    review = replace(first_up(), links=(Link(text="the job", url="https://console.cloud.google.com/a?b=c&d=e"),))
    assert find_links(page(review)) == ["https://console.cloud.google.com/a?b=c&d=e"]


def test_an_address_of_google_in_a_text_is_a_link_and_no_other() -> None:
    problem = "See (https://console.cloud.google.com/iam-admin/quotas?project=shop), https://google.com.evil.test/ or http://google.com/."
    review = replace(
        first_up(), links=(), findings=(Judgement(severity="error", resource=None, path="", problem=problem),)
    )
    assert find_links(page(review)) == ["https://console.cloud.google.com/iam-admin/quotas?project=shop"]
    assert all(part in texts(page(review)) for part in ("https://google.com.evil.test/", "http://google.com/."))


def test_a_cost_below_a_cent_is_exact() -> None:
    cost = Cost(usd=0.0014, text="about $0.0014, $0.0010 to $0.0018")
    said = texts(page(replace(first_up(), trainings=(Training(job=JOB, base_model=None, again=False, cost=cost),))))
    assert "training costs $0.0014 about" in said
    assert "this merge about $0.0014, $0.0010 to $0.0018" in said


def test_a_job_whose_epochs_google_chooses_is_paid_by_the_epoch() -> None:
    training = Training(job=JOB, base_model=None, again=False, cost=Cost(usd=2, per_epoch=True))
    assert "paid here, by the epoch" in page(replace(first_up(), trainings=(training,)))


def test_one_resource_alone_gives_no_picture() -> None:
    assert 'id="picture"' not in page(replace(first_up(), nodes=first_up().nodes[:1]))


def test_the_verdict_and_its_sentence_come_first() -> None:
    assert texts(page(retrain_by_data())).startswith(
        "WARN prod Pulumi project support This merge trains 1 model (about $12.90), replaces 3, deletes 1. trains 1"
    )


def test_a_merge_that_changes_nothing_is_one_line_with_its_resources_folded() -> None:
    shown = page(nothing())
    assert "WHAT" not in texts(shown).upper().partition("8 RESOURCES")[0]
    assert shown.count("<section") == shown.count("<details") == 1
    assert "8 resources in this preview" in texts(shown)


def test_a_section_without_content_is_left_out() -> None:
    ids = re.findall(r'<section class="[^"]*" id="([^"]+)"', page(first_up()))
    assert ids == ["trainings", "picture", "cost", "quota", "end-of-life", "places", "links"]


def test_all_that_a_review_can_say_is_there() -> None:
    ids = re.findall(r'<section class="[^"]*" id="([^"]+)"', page(hostile()))
    assert set(ids) == {
        *("incomplete", "trainings", "picture", "cost", "curves", "removals", "updates", "adoptions", "quota"),
        *("end-of-life", "places", "links"),
    }


def test_an_incomplete_report_says_so_and_names_what_is_missing() -> None:
    said = texts(page(blocked()))
    assert "incomplete" in said.partition("This merge")[0]
    assert "It does not say: cost, quota." in said


def test_errors_come_before_what_trains_and_warnings_after_the_picture() -> None:
    first = blocked()
    warned = Judgement(severity="warn", resource=JOB, path="", problem="A warning.")
    said = texts(page(replace(first, findings=(*first.findings, warned))))
    places = [said.index(each) for each in ("2 errors", "What trains", "What depends on what", "1 warning")]
    assert places == sorted(places)


def test_a_training_names_the_field_with_its_old_and_its_new_value() -> None:
    said = texts(page(retrain_by_data()))
    assert "supervised_tuning_spec. hyper_parameters. epoch_count 2 4" in said


def test_a_training_counts_the_rows_that_were_added_and_removed() -> None:
    said = texts(page(retrain_by_data()))
    assert "tickets : 5,000 rows before, 6,228 after 12 rows removed 1,240 rows added" in said
    assert "The rows are not compared: the old object was deleted." in said


def test_a_cost_is_shown_before_and_after_with_its_bounds_and_its_reckoning() -> None:
    said = texts(page(retrain_by_data()))
    assert "the model in use $9.40 this merge about $12.90, $11.20 to $15.40" in said
    assert "(180,000 tokens x 4 epochs) x $3 per 1M training tokens as of 2026-11-01" in said


def test_bars_of_cost_are_as_long_as_the_sums() -> None:
    widths = re.findall(r'<rect width="([\d.]+)%" height="12"', page(retrain_by_data()))
    assert [float(width) for width in widths[:2]] == pytest.approx([100 * 9.4 / 15.4, 100 * 12.9 / 15.4], abs=0.1)


def test_several_costs_begin_with_their_sum() -> None:
    assert "all 50 together this merge about $108.00" in texts(page(many()))


def test_a_sum_of_which_a_part_is_not_known_is_not_known() -> None:
    unknown = Training(
        job=named("TuningJob", "other"), base_model=None, again=False, cost=Cost(text="no price is known")
    )
    review = replace(first_up(), trainings=(*first_up().trainings, unknown))
    assert "all 2 together The cost of some of them is not known." in texts(page(review))


def test_a_job_that_this_merge_starts_is_where_it_is_paid() -> None:
    assert {box.name: box.note for box in boxes_of(retrain_by_data()) if box.note} == {
        "support-classifier": "paid here: $12.90"
    }


def test_a_job_that_does_not_change_is_not_paid() -> None:
    assert not any(box.note for box in boxes_of(nothing()))


def test_many_jobs_drawn_as_one_say_that_the_cost_is_of_each() -> None:
    assert "paid here: $2.16 each" in page(many())


def test_one_cause_of_many_resources_is_one_warning() -> None:
    said = texts(page(many()))
    assert said.count("It is served until 2027-06-17.") == 1
    assert "and 47 more resources" in said


def test_a_long_list_is_folded_after_its_beginning() -> None:
    assert "42 more trainings" in texts(page(many()))


def test_a_very_long_list_says_how_much_is_left_out_and_where_it_is() -> None:
    said = texts(page(many(500)))
    assert "492 more trainings" in said
    assert "400 more trainings are left out of this page. --format json lists all of them." in said
    assert said.count("tuningjob-of-team-0499") >= 1


def test_curves_of_the_model_in_use_and_of_the_candidate_are_in_the_same_pictures() -> None:
    shown = page(retrain_by_data())
    assert shown.count('class="picture curves"') == 2
    assert all(f">{name}<" in shown for name in ("in use", "candidate", "evaluation"))


def test_a_quota_that_does_not_suffice_is_red() -> None:
    full = Quota(name="concurrent tuning jobs", need=3, in_use=3, limit=4)
    assert 'class="bar red"' in page(replace(first_up(), quotas=(full,)))


def test_a_quota_that_is_not_known_says_so() -> None:
    unknown = Quota(name="concurrent tuning jobs", need=1, in_use=None, limit=None)
    assert "? + 1 of ?" in texts(page(replace(first_up(), quotas=(unknown,))))


def test_2000_resources_fit_a_page_that_a_browser_opens_at_once() -> None:
    assert len(page(many(500))) < 400_000


def test_without_jinja2_a_page_is_refused_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(Refused, match=re.escape("pip install 'pulumi-gcp-tuning[report]'")):
        page(nothing())


def test_a_page_is_made_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "picture curves" in page(retrain_by_data())
