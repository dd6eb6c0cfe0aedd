"""Checks of unreviewed changes: to the inputs of a paid job, and between preview and update."""

from __future__ import annotations

from typing import Final

from pulumi_gcp_tuning.preflight.rule import Rule

ON_CHANGE: Final = Rule(
    check="change",
    name="on_change",
    refuses="with on_change='error', a change that would start another paid job",
    why="You asked for it.",
    evidence="policy",
)
UNCHANGED: Final = Rule(
    check="change",
    name="dataset unchanged since the preview",
    refuses="a dataset whose object or file changed between preview and update",
    why="You pay only for the data that you reviewed.",
    evidence="policy",
    facts=("the generation of the object",),
)
RULES: Final = (ON_CHANGE, UNCHANGED)
