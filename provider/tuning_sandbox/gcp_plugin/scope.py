"""`python -m tuning_sandbox.gcp_plugin.scope`: what of the gcp provider the stand-in covers, as docs/sandbox.md shows it."""

from __future__ import annotations

import re
import sys

from tuning_sandbox.gcp_plugin.functions import FUNCTIONS
from tuning_sandbox.gcp_plugin.tokens import RESOURCES


def python_name(token: str) -> str:
    """The name of a token in a Python program: `gcp.storage.Bucket` for `gcp:storage/bucket:Bucket`."""
    package, module, name = token.split(":")
    if name.startswith("get"):
        name = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return f"{package}.{module.partition('/')[0]}.{name}"


def describe() -> str:
    """The table of resources and the list of functions."""
    lines = ["| resource | inputs | kept without effect |", "| --- | --- | --- |"]
    for token, resource in sorted(RESOURCES.items()):
        inert = [f"`{prop.name}`" for prop in resource.inputs if prop.inert]
        inputs = [f"`{prop.name}`" for prop in resource.inputs if not prop.inert]
        lines.append(f"| `{python_name(token)}` | {', '.join(inputs)} | {', '.join(inert)} |")
    functions = ", ".join(f"`{python_name(token)}`" for token in sorted(FUNCTIONS))
    return "\n".join([*lines, "", f"Functions: {functions}.", ""])


if __name__ == "__main__":
    sys.stdout.write(describe())
