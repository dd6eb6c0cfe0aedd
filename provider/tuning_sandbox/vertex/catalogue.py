"""Google's base models over time: their dates, regions, adapter sizes and features.

Sources: the seeds and the public documentation to 27 November 2026. Dates marked "assumed" below are in neither.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

# the locational endpoints of the discovery document, revision 20261106
_LOCATIONS = """africa-south1 asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3 asia-south1 asia-south2
asia-southeast1 asia-southeast2 asia-southeast3 australia-southeast1 australia-southeast2 europe-central2
europe-north1 europe-north2 europe-southwest1 europe-west1 europe-west10 europe-west15 europe-west2 europe-west3
europe-west4 europe-west6 europe-west8 europe-west9 europe-west12 me-central1 me-central2 me-west1
northamerica-northeast1 northamerica-northeast2 southamerica-east1 southamerica-west1 us-central1 us-central2
us-east1 us-east4 us-east7 us-south1 us-west1 us-west2 us-west3 us-west4 us-east5 us-west8"""
REGIONS = frozenset(_LOCATIONS.split())
MULTI_REGIONS = frozenset({"us", "eu"})
LOCATIONS = REGIONS | MULTI_REGIONS | {"global"}

# the stored page ends after southamerica-east1: the us- regions except us-central1 are assumed
_SFT_NAMES = """asia-east1 asia-east2 asia-northeast1 asia-northeast3 asia-south1 asia-southeast1 australia-southeast1
europe-central2 europe-north1 europe-southwest1 europe-west1 europe-west2 europe-west3 europe-west4 europe-west6
europe-west8 europe-west9 me-central1 me-central2 me-west1 northamerica-northeast1 southamerica-east1 us-central1
us-east1 us-east4 us-east5 us-south1 us-west1 us-west4"""
_SFT_REGIONS = frozenset(_SFT_NAMES.split())
_TWO = frozenset({"us-central1", "europe-west4"})
_RESULT = {"us-central1": "us", "europe-west4": "eu"}


@dataclass(frozen=True)
class ServedModel:
    """A Google model: the dates between which it answers, and the size of the sandbox's model for it."""

    name: str
    launched: date
    retired: date | None
    width: int

    def is_served(self, on: date) -> bool:
        """Whether it answers on that day."""
        return self.launched <= on and (self.retired is None or on < self.retired)


@dataclass(frozen=True)
class BaseModel(ServedModel):
    """A model that supports supervised tuning, or once did."""

    regions: frozenset[str]
    adapters: tuple[int, ...]
    default_adapter: int
    cmek: bool
    multi_region_result: bool
    most_tokens: int
    most_validation: int
    formats: tuple[str, ...] = ("contents",)
    media: bool = True
    most_rows: int = 10_000_000
    most_media_rows: int = 300_000
    most_images: int = 30
    most_audio_files: int = 1
    closed: date | None = None

    def is_tunable(self, on: date) -> bool:
        """Whether new tuning jobs are accepted on that day: until one month before the model retires, or until it closes."""
        ends = self.closed or self.retired
        return self.launched <= on and (ends is None or on <= _month_before(ends))

    def result_location(self, region: str) -> str:
        """The location of the tuned model and its endpoints for a job in that region."""
        return _RESULT[region] if self.multi_region_result else region


def regions_of(multi_region: str) -> list[str]:
    """The regions whose jobs store their models in this multi-region."""
    return [region for region, result in _RESULT.items() if result == multi_region]


def _month_before(day: date) -> date:
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))


def _model(
    name: str,
    launched: str,
    retired: str | None,
    regions: frozenset[str] = _SFT_REGIONS,
    adapters: tuple[int, ...] = (1, 2, 4, 8, 16),
    default_adapter: int = 4,
    *,
    cmek: bool = True,
    multi: bool = False,
    most_tokens: int = 131_072,
    most_validation: int = 5_000,
    width: int = 48,
    formats: tuple[str, ...] = ("contents",),
    media: bool = True,
    closed: str | None = None,
) -> BaseModel:
    dates = date.fromisoformat(launched), date.fromisoformat(retired) if retired else None
    limits = most_tokens, most_validation
    return BaseModel(
        name,
        *dates,
        width,
        regions,
        adapters,
        default_adapter,
        cmek,
        multi,
        *limits,
        formats,
        media,
        closed=date.fromisoformat(closed) if closed else None,
    )


_OLD = {"most_tokens": 32_000, "most_validation": 256}
MODELS = {
    model.name: model
    for model in (
        # launch dates of the 3.x models are assumed: a year before the day on which, or later, they retire; that day
        # is open, so none of them retires here
        _model("gemini-3.5-flash", "2026-05-19", None, _TWO, cmek=False, multi=True, width=64),
        _model("gemini-3.1-flash-lite", "2026-05-07", None, _TWO, cmek=False, multi=True, width=32),
        # regions, result and keys are assumed to be those of its family
        _model("gemini-3.5-flash-lite", "2026-07-21", None, _TWO, cmek=False, multi=True, width=32),
        # closed on that day to new projects, as all projects of a sandbox are; projects that use the model continue
        _model("gemini-2.5-pro", "2025-06-17", "2027-03-31", closed="2026-10-20", adapters=(1, 2, 4, 8), width=64),
        _model("gemini-2.5-flash", "2025-06-17", "2027-03-31", closed="2026-10-20"),
        _model("gemini-2.5-flash-lite", "2025-07-22", "2027-01-28", closed="2026-10-20", width=32),
        _model("gemini-2.0-flash-001", "2025-02-05", "2026-06-01", adapters=(1, 2, 4, 8)),
        _model("gemini-2.0-flash-lite-001", "2025-02-25", "2026-06-01", adapters=(1, 2, 4, 8), width=32),
        _model("gemini-1.5-pro-002", "2024-09-24", "2025-09-24", adapters=(1, 4), width=64, **_OLD),  # type: ignore[arg-type]
        _model("gemini-1.5-flash-002", "2024-09-24", "2025-09-24", adapters=(1, 4, 8, 16), default_adapter=8, **_OLD),  # type: ignore[arg-type]
        # CMEK only in us-east1 and europe-west4; text only; a year of service, like other versions of that time
        _model(
            "gemini-1.0-pro-002",
            "2024-04-09",
            "2025-04-09",
            adapters=(1, 4),
            default_adapter=1,
            formats=("messages", "contents"),
            media=False,
            **_OLD,  # type: ignore[arg-type]
        ),
        _model("translation-llm-002", "2025-01-01", "2027-12-31", frozenset({"us-central1"}), cmek=False, width=32),
    )
}
# the auto-updated names of that time; it is assumed that tuning accepts them too
ALIASES = {
    "gemini-2.0-flash": "gemini-2.0-flash-001",
    "gemini-2.0-flash-lite": "gemini-2.0-flash-lite-001",
    "gemini-1.5-pro": "gemini-1.5-pro-002",
    "gemini-1.5-flash": "gemini-1.5-flash-002",
    "gemini-1.0-pro": "gemini-1.0-pro-002",
    "translation-llm": "translation-llm-002",
}
CMEK_ONLY_IN = {"gemini-1.0-pro-002": frozenset({"us-east1", "europe-west4"})}
OPEN_PUBLISHERS = frozenset({"meta", "qwen", "zai-org", "zai", "openai", "mistralai", "deepseek-ai"})


def bare_name(base_model: str) -> str:
    """The model's own name: the prefixes `publishers/google/models/` and `google/` are removed; an alias is resolved."""
    for prefix in ("publishers/google/models/", "google/"):
        if base_model.startswith(prefix):
            base_model = base_model[len(prefix) :]
            break
    return ALIASES.get(base_model, base_model)


def is_open_model(base_model: str) -> bool:
    """Whether it is the name of an open model (`meta/llama3-3@...`, `google/gemma-3-27b-it`)."""
    publisher = base_model.removeprefix("publishers/").split("/")[0]
    return publisher in OPEN_PUBLISHERS or bare_name(base_model).startswith(("gemma", "medgemma"))
