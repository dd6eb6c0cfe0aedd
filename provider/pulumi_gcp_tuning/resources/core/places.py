"""The id and the number of a project name the same place."""

from __future__ import annotations

from pulumi_gcp_tuning.errors import TuningError
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties


def in_words_of(olds: Properties, news: Properties) -> Properties:
    """The old properties, with their project spelled as in the new ones if it may be the same project. Pure."""
    return {**olds, "project": news["project"]} if _is_other_spelling(olds, news) else olds


def in_same_place(call: Call, id: str, olds: Properties, news: Properties) -> Properties:  # noqa: A002
    """The old properties, with their project spelled as in the new ones if it is the same project.

    The resource's id has the project number; if it does not, Google is asked. An unclear result counts as the same
    project, so that nothing is created or cancelled by mistake.
    """
    if not _is_other_spelling(olds, news):
        return olds
    old, new = str(olds["project"]), str(news["project"])
    number, name = (old, new) if old.isdigit() else (new, old)
    of_id = id.split("/")[1] if id.startswith("projects/") else ""
    if name == old and of_id.isdigit():
        return in_words_of(olds, news) if of_id == number else olds
    try:
        found = str(call.google.projects.get_project(name).get("projectNumber") or number)
    except TuningError:
        found = number
    return in_words_of(olds, news) if found == number else olds


def is_same_object(a: object, b: object) -> bool:
    """Whether two names are of one object, whatever the spelling of the project. Pure."""
    return a == b or (isinstance(a, str) and isinstance(b, str) and a.split("/")[2:] == b.split("/")[2:])


def _is_other_spelling(olds: Properties, news: Properties) -> bool:
    old, new = olds.get("project"), news.get("project")
    return isinstance(old, str) and isinstance(new, str) and old.isdigit() != new.isdigit()
