"""The shapes of the catalogue's rows. Every row names its source, the date on which it was true, and its evidence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from pulumi_gcp_tuning.errors import Evidence

Known = Literal["seed", "discovery", "docs", "recording", "thread", "assumed"]
Product = Literal["GEMINI", "OPEN", "PIPELINE", "GEMINI_API"]
Method = Literal[
    "SUPERVISED",
    "PREFERENCE",
    "REINFORCEMENT",
    "CONTINUOUS",
    "FULL",
    "PEFT_ADAPTER",
    "DISTILLATION",
    "TEACHER",
    "PIPELINE",
    "GEMINI_API",
]
Modality = Literal["text", "image", "document", "audio", "video"]
Stage = Literal["GA", "PREVIEW", "PRE_GA"]
Standing = Literal["NOT_YET", "OPEN", "DUE", "ACTIVE_ONLY", "CLOSED", "RETIRED"]
"""The state of a model's tuning on a day: before the launch; open; presumably open, but an open-ended day has passed;
open at most to projects that used the model recently; closed; retired."""
DatasetFormat = Literal[
    "gemini-contents",
    "gemini-messages",
    "code-pairs",
    "chat-messages",
    "gemini-api-pairs",
    "prompt-completion",
    "messages",
    "generate-content",
    "messages-multimodal",
    "generate-content-multimodal",
    "preference-pairs",
]

TUNING_METHODS: Final[tuple[Method, ...]] = (
    "SUPERVISED",
    "PREFERENCE",
    "REINFORCEMENT",
    "CONTINUOUS",
    "FULL",
    "PEFT_ADAPTER",
    "DISTILLATION",
    "PIPELINE",
    "GEMINI_API",
)
"""The tuning methods of a model; a TEACHER only answers while another model is tuned."""

CLOSES_SOON: Final = timedelta(days=45)
"""A check warns if a model's last day of tuning is at most this far away."""


class _Part(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class NumberRule(_Part):
    """The range of one numeric parameter. A bound that is null is not known, so nothing is refused by it."""

    minimum: float | None = None
    maximum: float | None = None
    default: float | None = None
    recommended_from: float | None = None
    recommended_to: float | None = None
    evidence: Known = "docs"


class Limits(_Part):
    """The limits of a dataset's size. A null limit is not known, so nothing is refused by it."""

    min_examples: int | None = None
    recommended_examples: int | None = None
    max_examples: int | None = None
    max_text_examples: int | None = None
    max_multimodal_examples: int | None = None
    max_validation_examples: int | None = None
    max_validation_share: float | None = None
    validation_share_above: int | None = None
    max_validation_bytes_share: float | None = None
    min_evaluation_examples: int | None = None
    max_evaluation_examples: int | None = None
    max_file_bytes: int | None = None
    max_input_characters: int | None = None
    max_output_characters: int | None = None
    max_authors: int | None = None
    max_images: int | None = None
    max_image_bytes: int | None = None
    max_audio_minutes: int | None = None
    max_audio_bytes: int | None = None
    max_audio_files: int | None = None


class Price(_Part):
    """The price of a million training tokens; billed tokens are the dataset's tokens times the epochs."""

    usd_per_million_training_tokens: float = Field(ge=0)
    source: str = Field(min_length=1)
    as_of: date
    evidence: Known = "docs"


class Serving(_Part):
    """The price of answers. A tuned model costs ``tuned_factor`` times the base model's price; null is not known."""

    tuned_factor: float = Field(gt=0)
    usd_per_million_input_tokens: float | None = Field(default=None, ge=0)
    usd_per_million_output_tokens: float | None = Field(default=None, ge=0)
    source: str = Field(min_length=1)
    as_of: date
    evidence: Known = "docs"


class PublicRetirement(_Part):
    """The day on which a model closed to every project that made no call between ``used_since`` and that day.

    The others go on until the model retires. Whether they may still tune is not known.
    """

    day: date
    used_since: date


class Row(_Part):
    """One fact: its source, the date on which it was true, its evidence.

    ``field_evidence`` names the fields whose evidence differs from that of the row.
    """

    id: str = Field(min_length=1)
    source: str = Field(min_length=1)
    as_of: date
    evidence: Known = "docs"
    field_evidence: dict[str, Known] = {}

    def known_by(self, field: str) -> Known:
        """The evidence of a field; ``methods.CONTINUOUS`` falls back to ``methods``, and that to the row."""
        owner = field.partition(".")[0]
        return self.field_evidence.get(field) or self.field_evidence.get(owner) or self.evidence

    def evidence_for(self, field: str) -> Evidence:
        """The evidence of a field, for a finding."""
        return self.known_by(field)

    def sure_of(self, field: str) -> bool:
        """False if the field is assumed: a check then warns and does not refuse."""
        return self.known_by(field) != "assumed"


class ModelRow(Row):
    """A base model: where and how it can be tuned, and until when.

    ``stage`` is the model's launch stage; ``tuning_stages`` is that of each method, if Google names one. ``last_tuning``
    is the last day on which every project could start a job. ``open_ended``: Google writes "or later" after its days, so a
    day that has passed is not an error. ``retired_in`` has the regions in which the model retires on another day.
    """

    publisher: str
    product: Product
    aliases: tuple[str, ...] = ()
    methods: tuple[Method, ...]
    regions: tuple[str, ...]
    method_regions: dict[Method, tuple[str, ...]] = {}
    result_locations: dict[str, str] = {}
    cmek: bool
    cmek_regions: tuple[str, ...] | None = None
    adapter_sizes: tuple[int, ...] = ()
    default_adapter_size: int | None = None
    stage: Stage
    tuning_stages: dict[Method, Stage] = {}
    launched: date | None = None
    last_tuning: date | None = None
    retired: date | None = None
    retired_in: dict[str, date] = {}
    open_ended: bool = False
    public_retirement: PublicRetirement | None = None
    successor: str | None = None
    other_successors: tuple[str, ...] = ()
    chat: bool = False
    epochs: NumberRule | None = None
    learning_rate_multiplier: NumberRule | None = None
    learning_rate: NumberRule | None = None
    batch_size: NumberRule | None = None
    train_steps: NumberRule | None = None
    evaluation_interval: NumberRule | None = None
    batch_sizes: dict[str, int] = {}
    max_sequence_tokens: int | None = None
    limits: Limits = Limits()
    modalities: tuple[Modality, ...] = ("text",)
    dataset_formats: tuple[DatasetFormat, ...] = ()
    price: Price | None = None
    serving: Serving | None = None
    media: str | None = None
    tokens_per_character: float | None = None
    tokens_per_character_by_method: dict[Method, float] = {}

    @field_serializer("limits")
    def _only_what_is_limited(self, limits: Limits) -> dict[str, Any]:
        return limits.model_dump(exclude_none=True)

    @property
    def is_tunable(self) -> bool:
        """Whether the model could ever be tuned; False for a model that is only a teacher or only answers."""
        return any(method in TUNING_METHODS for method in self.methods)

    def tunable_at(self, day: date) -> bool:
        """Whether a new tuning job of any project is accepted on that day, as far as is known."""
        return self.standing(day) in ("OPEN", "DUE")

    def standing(self, day: date, region: str | None = None) -> Standing:
        """The state of tuning on that day; ``region`` counts if it has another retirement day."""
        if self.launched is not None and day < self.launched:
            return "NOT_YET"
        retired = self.retired_on(region)
        if retired is not None and day >= retired:
            return "DUE" if self.open_ended else "RETIRED"
        if self.last_tuning is None or day <= self.last_tuning:
            return "OPEN"
        if self.open_ended:
            return "DUE"
        return "CLOSED" if self.public_retirement is None else "ACTIVE_ONLY"

    def retired_on(self, region: str | None = None) -> date | None:
        """The day from which the model no longer answers in that region; the earliest such day if it is open-ended."""
        return self.retired_in.get(region or "", self.retired)

    @property
    def successors(self) -> tuple[str, ...]:
        """The successors that Google names for the model, the nearest one first."""
        return (*([self.successor] if self.successor else []), *self.other_successors)

    def result_location(self, region: str) -> str:
        """The location of the model and its endpoints if the job runs in ``region``."""
        return self.result_locations.get(region, region)

    def regions_for(self, method: Method) -> tuple[str, ...]:
        """The regions of jobs of that method; empty if the model does not offer the method."""
        return self.method_regions.get(method, self.regions) if method in self.methods else ()

    def takes_key_in(self, region: str) -> bool:
        """Whether a job in that region can be encrypted with a customer's key."""
        places = self.regions if self.cmek_regions is None else self.cmek_regions
        return self.cmek and region in places

    def tokens_per_character_for(self, method: Method) -> float | None:
        """Billed tokens per character, None if not known."""
        return self.tokens_per_character_by_method.get(method, self.tokens_per_character)


class FamilyRow(Row):
    """Models that cannot be tuned, by the patterns of their names (``*`` is anything), and their kind."""

    patterns: tuple[str, ...]
    what: str
    why: str


class MediaRow(Row):
    """The tokens of the files in a row, by ``mediaResolution``; a number, and its bounds if they differ.

    ``image``, ``video_frame`` and ``page`` have LOW, MEDIUM, HIGH, and UNSPECIFIED for a row without a resolution.
    """

    image: dict[str, int]
    most_image_tokens: int
    video_frame: dict[str, int]
    page: dict[str, int]
    audio_second: int
    frames_per_second: int = 1


class RegionRow(Row):
    """A location of Google Cloud and the host of its API."""

    kind: Literal["region", "multi-region", "global"]
    place: str
    host: str


class ProductRow(Row):
    """A tuning product: the regions of its jobs, the locations of their models, the quotas that they use."""

    name: str
    regions: tuple[str, ...]
    upload_regions: tuple[str, ...] = ()
    host: str
    quotas: tuple[str, ...] = ()
    note: str = ""


class AcceleratorRow(Row):
    """The accelerators of a tuning pipeline and their region, which does not depend on the pipeline's region."""

    compute_region: str
    machines: str
    quota: str
    quota_need: int
    cmek: bool
    cmek_locations: tuple[str, ...] = ()
    vpc_sc: bool


class QuotaRow(Row):
    """A quota that tuning uses. ``metric`` is null if its id is not known; the display name then identifies it."""

    metric: str | None
    display_name: str
    scope: Literal["global", "region"]
    unit: str
    default: int | None = None
    multiple_of: int = Field(default=1, ge=1)
    counts: str
    ask: str

    def matches(self, *, metric: str | None = None, display_name: str | None = None) -> bool:
        """Whether Google's answer is about this quota: by metric if that is known, else by display name."""
        if self.metric is not None and metric is not None and self.sure_of("metric"):
            return metric == self.metric
        if display_name is not None and display_name.strip().casefold() == self.display_name.casefold():
            return True
        return self.metric is not None and metric == self.metric


class DurationRow(Row):
    """How long one job took, from its creation to its end, as somebody reported it."""

    product: Product
    method: Method
    what: str
    seconds: int = Field(gt=0)
