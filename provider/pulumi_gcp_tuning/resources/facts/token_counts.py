"""The tokens of a dataset as Google counts them, in the project and the location where the job would read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.preflight.cost import TokenCount
from pulumi_gcp_tuning.preflight.facts import Known, Missing
from pulumi_gcp_tuning.resources.facts.surroundings import fact_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.datasets import FileReport
    from pulumi_gcp_tuning.datasets.contents import Words
    from pulumi_gcp_tuning.preflight.facts import Fact
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

MOST_CHARACTERS: Final = 400_000
"""The limit of one request: about 100,000 tokens, which every tunable Gemini model can read at once."""
MOST_BYTES: Final = 2 << 20
"""How much of a file is kept for counting while the file is judged."""
NEEDS: Final = "aiplatform.endpoints.predict on the project (roles/aiplatform.user)"


def target_of(project: str, location: str, base_model: str) -> str:
    """The full name of the model that counts."""
    return f"projects/{project}/locations/{location}/publishers/google/models/{base_model}"


def fetch_token_count(call: Call, target: str, words: Words, file: FileReport) -> Fact[TokenCount]:
    """The tokens of one pass over the file, from a single call. If only some rows are counted, the total is extrapolated."""
    subject = f"The number of tokens of {file.file}"
    found: Fact[int] = fact_of(
        call, lambda: call.google.vertex_of(target).count_tokens(target, words.contents), subject=subject, needs=NEEDS
    )
    if not isinstance(found, Known):
        return found
    if found.value < 1:
        return Missing(subject=subject, reason="Google counts none", needs="a model that counts tokens")
    if not words.more:
        return Known(TokenCount(tokens=found.value, source="countTokens"))
    tokens = round(found.value * file.characters / words.characters)
    return Known(TokenCount(tokens=tokens, source="sample", least=round(tokens * 0.95), most=round(tokens * 1.05)))
