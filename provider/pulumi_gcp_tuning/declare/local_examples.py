"""A resource that is made from examples: a local file, or a list in the program. Written by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_gcp_tuning.declare import local_file
from pulumi_gcp_tuning.declare.arguments import WrongArgumentError
from pulumi_gcp_tuning.inline_examples import INLINE, keep_examples

Examples = local_file.Source | Sequence[Mapping[str, str]]
_FIELDS: Final = ("text_input", "output")


class LocalExamples(local_file.LocalFile):
    """Base of a resource whose input ``source`` is a local file of pairs, or a list of them."""

    def declared(self, wired: dict[str, Any]) -> dict[str, Any]:
        """As for a file. Of a list only the hash is declared, because the engine would store its rows in the state."""
        source = wired.get("source")
        if not isinstance(source, list | tuple):
            return super().declared(wired)
        sha256 = keep_examples(_lines(source))
        if sha256 is None:
            raise WrongArgumentError(
                "source: a list of examples needs a private temporary folder, which this system does not give. "
                "Write the examples to a JSONL file and give its path."
            )
        return wired | {"source": INLINE, "contentSha256": sha256}


def _lines(examples: Sequence[Any]) -> bytes:
    for at, example in enumerate(examples):
        if not isinstance(example, Mapping) or not all(isinstance(example.get(field), str) for field in _FIELDS):
            raise WrongArgumentError(
                f"source[{at}]: an example is a dict with the texts text_input and output. Outputs of resources cannot be in it."
            )
    return "".join(json.dumps(dict(example), ensure_ascii=False) + "\n" for example in examples).encode()
