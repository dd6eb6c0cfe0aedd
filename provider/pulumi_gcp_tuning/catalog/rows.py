"""The shapes of the catalogue's rows. Every row names its source, the date it was true, and how well it is known."""

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
"""Of a model's tuning on a day: before the launch; open; open as far as is known, but an open-ended day has passed;
open at most to projects that used the model of late; closed; retired."""
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
"""What a model can be put through; a TEACHER only answers while another model is tuned."""

CLOSES_SOON: Final = timedelta(days=45)
"""A model whose last day of tuning is at most so far away is warned of."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NumberRule(_Part):
    """What is known of one numeric parameter. A bound that is null is not established, and refuses nothing."""

    minimum: float | None = None
    maximum: float | None = None
    default: float | None = None
    recommended_from: float | None = None
    recommended_to: float | None = None
    evidence: Known = "docs"


class Limits(_Part):
    """How large a dataset may be. Null is not established, and refuses nothing."""

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
    """What a million training tokens cost; billed tokens are the dataset's times the epochs."""

    usd_per_million_training_tokens: float = Field(ge=0)
    source: str = Field(min_length=1)
    as_of: date
    evidence: Known = "docs"


class Serving(_Part):
    """What answering costs. A tuned model costs ``tuned_factor`` times the base model's tokens; null is not known."""

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
    """One fact: where it comes from, when it was true, how well it is known.

    ``field_evidence`` names the fields that are known otherwise than the row as a whole.
    """

    id: str = Field(min_length=1)
    source: str = Field(min_length=1)
    as_of: date
    evidence: Known = "docs"
    field_evidence: dict[str, Known] = {}

    def known_by(self, field: str) -> Known:
        """How a field is known; ``methods.CONTINUOUS`` falls back to ``methods``, that to the row."""
        owner = field.partition(".")[0]
        return self.field_evidence.get(field) or self.field_evidence.get(owner) or self.evidence

    def evidence_for(self, field: str) -> Evidence:
        """The same, for a finding."""
        return self.known_by(field)

    def sure_of(self, field: str) -> bool:
        """False where the field is assumed: a check warns then, it does not refuse."""
        return self.known_by(field) != "assumed"


class ModelRow(Row):
    """A base model: where and how it is tuned, and until when.

    ``stage`` is the model's, ``tuning_stages`` the tuning's, for each method of which Google names one. ``last_tuning``
    is the last day on which every project could start a job. ``open_ended``: Google says "or later" of its days, so a
    day that has passed refuses nothing. ``retired_in`` holds the regions that retire on another day.
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
        """Whether the model was ever tuned; one that only teaches or only answers is not."""
        return any(method in TUNING_METHODS for method in self.methods)

    def tunable_at(self, day: date) -> bool:
        """Whether a new tuning job of any project is accepted on that day, as far as is known."""
        return self.standing(day) in ("OPEN", "DUE")

    def standing(self, day: date, region: str | None = None) -> Standing:
        """How far tuning is open on that day, in that region where it differs there."""
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
        """The day from which the model answers nobody in that region; the earliest such day where it is open-ended."""
        return self.retired_in.get(region or "", self.retired)

    @property
    def successors(self) -> tuple[str, ...]:
        """What Google names instead of the model, the nearest one first."""
        return (*([self.successor] if self.successor else []), *self.other_successors)

    def result_location(self, region: str) -> str:
        """Where the model and its endpoints appear when the job runs in ``region``."""
        return self.result_locations.get(region, region)

    def regions_for(self, method: Method) -> tuple[str, ...]:
        """Where a job of that method runs; nowhere where the model does not offer it."""
        return self.method_regions.get(method, self.regions) if method in self.methods else ()

    def takes_key_in(self, region: str) -> bool:
        """Whether a job in that region can be encrypted with a customer's key."""
        places = self.regions if self.cmek_regions is None else self.cmek_regions
        return self.cmek and region in places

    def tokens_per_character_for(self, method: Method) -> float | None:
        """Billed tokens a character, None where that is not known."""
        return self.tokens_per_character_by_method.get(method, self.tokens_per_character)


class FamilyRow(Row):
    """Models that are not tuned, by the patterns of their names (``*`` is anything), and what they are."""

    patterns: tuple[str, ...]
    what: str
    why: str


class MediaRow(Row):
    """How many tokens the files of a row are, by ``mediaResolution``; a number and its bounds where they differ.

    ``image``, ``video_frame`` and ``page`` hold LOW, MEDIUM, HIGH, and UNSPECIFIED for what a row does not say.
    """

    image: dict[str, int]
    most_image_tokens: int
    video_frame: dict[str, int]
    page: dict[str, int]
    audio_second: int
    frames_per_second: int = 1


class RegionRow(Row):
    """A location of Google Cloud and the host that answers for it."""

    kind: Literal["region", "multi-region", "global"]
    place: str
    host: str


class ProductRow(Row):
    """A way of tuning: where its jobs run, where their models may go, which quotas they take."""

    name: str
    regions: tuple[str, ...]
    upload_regions: tuple[str, ...] = ()
    host: str
    quotas: tuple[str, ...] = ()
    note: str = ""


class AcceleratorRow(Row):
    """The accelerators of a tuning pipeline and their region, which does not depend on the pipeline's."""

    compute_region: str
    machines: str
    quota: str
    quota_need: int
    cmek: bool
    cmek_locations: tuple[str, ...] = ()
    vpc_sc: bool


class QuotaRow(Row):
    """A quota that tuning takes from. ``metric`` is null where its id is not known; the display name tells it then."""

    metric: str | None
    display_name: str
    scope: Literal["global", "region"]
    unit: str
    default: int | None = None
    multiple_of: int = Field(default=1, ge=1)
    counts: str
    ask: str

    def matches(self, *, metric: str | None = None, display_name: str | None = None) -> bool:
        """Whether an answer of Google's is of this quota: by metric where that is known, else by display name."""
        if self.metric is not None and metric is not None and self.sure_of("metric"):
            return metric == self.metric
        if display_name is not None and display_name.strip().casefold() == self.display_name.casefold():
            return True
        return self.metric is not None and metric == self.metric
