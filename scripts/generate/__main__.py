"""``make generate``: writes every generated file of the checkout and names those that changed."""

from __future__ import annotations

import sys

from generate.files import CHECKOUT, generate
from generate.shapes import DescriptionError


def main() -> int:
    """Write the files that differ. Returns 1 if a description is incomplete, and prints a line for each place."""
    try:
        made = generate()
    except DescriptionError as error:
        sys.stderr.write(f"Nothing was generated:\n{error}\n")
        return 1
    for file, text in made.items():
        path = CHECKOUT / file
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"generated {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
