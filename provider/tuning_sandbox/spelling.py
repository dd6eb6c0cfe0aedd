"""Name formats: bucket names, `gs://` URIs, and the two spellings of a field."""

from __future__ import annotations

import re

_LABEL_KEY = re.compile(r"[^\W\d_][\w-]{0,62}")
_LABEL_VALUE = re.compile(r"[\w-]{0,63}")
BUCKET_NAME = r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]"
"""A pattern."""


def is_label(key: str, value: str) -> bool:
    """Whether the label has the form of Google's labels: letters of any language, without capitals, at most 63."""
    small = key == key.lower() and value == value.lower()
    return small and bool(_LABEL_KEY.fullmatch(key)) and bool(_LABEL_VALUE.fullmatch(value))


def split_uri(uri: str) -> tuple[str, str]:
    """The bucket of a `gs://` URI, and the name after it ("" without one)."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return bucket, name


def to_snake(name: str) -> str:
    """`tuningJob` and `TuningJob` become `tuning_job`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def to_camel(name: str) -> str:
    """`tuning_job` becomes `tuningJob`; a word without an underscore is unchanged."""
    if "_" not in name:
        return name
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def read_mask(text: str) -> list[str]:
    """The paths of a field mask, as lowerCamel."""
    return [to_camel(path.strip()) for path in text.split(",") if path.strip()]
