"""The estimated cost of a job: tokens x epochs x price, each with its source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.grammar import counted, in_dollars
from pulumi_gcp_tuning.preflight.facts import Fact, Known, Missing, NotAsked
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import Property, PropertyPath, advise, words

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Price, Serving
    from pulumi_gcp_tuning.datasets.tokens import FileTokens

TokenSource = Literal["countTokens", "sample", "estimate", "job"]

USUAL_EPOCHS: Final = 100
"""More epochs than any guide or report mentions."""

LIMIT: Final = Rule(
    check="cost",
    name="max_cost",
    refuses="a job that costs more than max_cost by the lower end of the estimate",
    why="Seed 004: billed training tokens are the data set's tokens times the epochs; prices are the catalogue's, with "
    "their date. The limit is yours.",
    evidence="policy",
    facts=("tokens of the training data",),
)
UNJUDGED: Final = Rule(
    check="cost",
    name="max_cost that cannot be checked",
    refuses=(
        "nothing: with max_cost it warns that the price, the epochs, the tokens or the tokens of files are not known, "
        "or that the estimate is above the limit but its lower end is not"
    ),
    why="A price that Google does not publish is not guessed.",
    evidence="policy",
    severity="warn",
    facts=("tokens of the training data",),
)
UNCOUNTED: Final = Rule(
    check="cost",
    name="tokens that could not be counted",
    refuses="nothing: with max_cost it warns that Google did not count the tokens, and checks the estimate",
    why="Seed 000: a token is about four characters of English; Google's count is exact.",
    evidence="policy",
    severity="warn",
    facts=("tokens of the training data",),
)
MANY_EPOCHS: Final = Rule(
    check="cost",
    name="many epochs",
    refuses=f"nothing: it warns of more than {USUAL_EPOCHS} epochs, with what they cost",
    why="Seed 001: 500 to 1,000 examples are trained for 2 to 12 epochs. Each epoch is billed.",
    evidence="policy",
    severity="warn",
)
RULES: Final = (LIMIT, UNJUDGED, UNCOUNTED, MANY_EPOCHS)

_MOST: Final = 10**15


@dataclass(frozen=True, kw_only=True)
class TokenCount:
    """The tokens of a data set and the source of the number, for one epoch.

    The range is ``least`` to ``most``; None means the number itself, except for ``most`` with ``files``, where it is not
    known. ``files`` is how many files of the data count only in ``least`` and not in the number;
    ``left_out`` names them, ``included`` names the files that are in the number.
    """

    tokens: int
    source: TokenSource
    files: int = 0
    least: int | None = None
    most: int | None = None
    included: str = ""
    left_out: str = ""

    @property
    def lower(self) -> int:
        """The lowest possible number."""
        return self.tokens if self.least is None else self.least

    @property
    def upper(self) -> int | None:
        """The highest possible number; None if there is no bound."""
        return self.tokens if self.most is None and not self.files else self.most

    @property
    def uncounted(self) -> str:
        """The files that are not in the number."""
        return self.left_out or counted(self.files, "file")

    def __str__(self) -> str:
        words = {
            "countTokens": "counted by Google",
            "sample": "estimated from the rows that Google counted",
            "estimate": "estimated from the text",
            "job": "as an earlier job on the same data was billed",
        }
        within = f" with {self.included}" if self.included else ""
        without = f" without its {self.uncounted}" if self.files else ""
        return f"{self.tokens:,} tokens, {words[self.source]}{within}{without}"


@dataclass(frozen=True, kw_only=True)
class Epochs:
    """The number of epochs; ``shown`` is the calculation, ``at_most``: training may stop earlier."""

    count: float
    shown: str = ""
    at_most: bool = False

    def __str__(self) -> str:
        many = f"{'at most ' if self.at_most else ''}{self.count:g} epoch{'' if self.count == 1 else 's'}"
        return f"{many} ({self.shown})" if self.shown else many


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The cost of a job as far as it is known; ``str()`` is a line about it, :meth:`line` one that begins with other words.

    ``epochs`` None: Google chooses their number; NotAsked: it is known at apply. In both cases the cost is for one epoch.
    """

    model: str
    tokens: TokenCount | None
    epochs: Epochs | NotAsked | None
    price: Price | None
    unknown_tokens: str = "the data set's tokens are not known"
    serving: Serving | None = None

    def _billed(self, tokens: int) -> int:
        tokens = min(max(tokens, 0), _MOST)
        if not isinstance(self.epochs, Epochs):
            return tokens
        return round(tokens * min(max(0.0, self.epochs.count), float(_MOST)))

    @property
    def per_epoch(self) -> bool:
        """Whether the cost is for one epoch, because the number of epochs is not known."""
        return self.tokens is not None and not isinstance(self.epochs, Epochs)

    @property
    def usd(self) -> float | None:
        """The cost in US dollars, possibly for one epoch only; None if tokens or price are not known."""
        return None if self.tokens is None else self._usd_of(self.tokens.tokens)

    @property
    def least_usd(self) -> float | None:
        """The lowest possible cost."""
        return None if self.tokens is None else self._usd_of(self.tokens.lower)

    @property
    def most_usd(self) -> float | None:
        """The highest possible cost; None if there is no bound."""
        upper = self.tokens.upper if self.tokens is not None else None
        return None if upper is None else self._usd_of(upper)

    def _usd_of(self, tokens: int) -> float | None:
        rate = self.price.usd_per_million_training_tokens if self.price is not None else None
        return None if rate is None else self._billed(tokens) * rate / 1e6

    @property
    def range(self) -> str:
        """The range of the cost, in words; empty if the cost is exact."""
        if self.least_usd is None or self.tokens is None or (self.tokens.least is None and not self.tokens.files):
            return ""
        least = in_dollars(self.least_usd)
        return f", {least} or more" if self.most_usd is None else f", {least} to {in_dollars(self.most_usd)}"

    @property
    def amount(self) -> str:
        """The cost in words: the range alone if the known part is less than the whole can be."""
        if self.usd is None or self.least_usd is None:
            return ""
        return (
            self.range.removeprefix(", ") if self.usd < self.least_usd else f"about {in_dollars(self.usd)}{self.range}"
        )

    @property
    def served(self) -> str:
        """The price of the tuned model's answers, in words; empty if it is not known."""
        if self.serving is None:
            return ""
        times = f"{self.serving.tuned_factor:g} x the base model's price"
        read, write = self.serving.usd_per_million_input_tokens, self.serving.usd_per_million_output_tokens
        if read is None or write is None:
            return f"; serving it costs {times}"
        factor = self.serving.tuned_factor
        each = f"{in_dollars(read * factor)} per 1M tokens in, {in_dollars(write * factor)} out"
        return f"; serving it costs {each} ({times}, as of {self.serving.as_of})"

    @property
    def reckoning(self) -> str:
        """The calculation of the cost, in words."""
        parts = [str(self.tokens) if self.tokens else self.unknown_tokens]
        if isinstance(self.epochs, Epochs):
            parts.append(str(self.epochs))
        if self.price is not None:
            price = self.price
            sure = "" if price.evidence != "assumed" else ", not confirmed by Google"
            parts.append(f"${price.usd_per_million_training_tokens:g} per 1M training tokens as of {price.as_of}{sure}")
        return " x ".join(parts)

    @property
    def _unknown(self) -> str:
        """Why there is no amount."""
        if self.price is None:
            return f"there is no price of tuning {self.model}"
        return self.unknown_tokens

    def plain(self) -> dict[str, Any]:
        """The numbers and texts of the estimate, by name."""
        return {
            "usd": self.usd,
            "least": self.least_usd,
            "most": self.most_usd,
            "per_epoch": self.per_epoch,
            "text": self.amount or f"not known: {self._unknown}",
            "reckoning": self.reckoning,
            "serving": self.served.removeprefix("; "),
        }

    def __str__(self) -> str:
        return self.line("training cost", free="none")

    def line(self, about: str, free: str = "no cost") -> str:
        """The cost and its calculation, behind the words ``about``."""
        usd = self.usd
        if usd is None and self.price is None:
            return f"{about}: the price of tuning {self.model} is not known ({self.reckoning})"
        if usd is None:
            return f"{about}: not estimated ({self.reckoning})"
        left = "left to Google" if self.epochs is None else "not known until apply"
        each = f" per epoch, number of epochs {left}" if self.per_epoch else ""
        if self.price is not None and not self.price.usd_per_million_training_tokens:
            return f"{about}: {free} ({self.reckoning}){self.served}"
        return f"{about}: {self.amount}{each} ({self.reckoning}){self.served}"


def billed_tokens_of(job_tokens: int) -> TokenCount:
    """The totalBillableTokenCount of an earlier job: one epoch.

    A published job of ten epochs counts 255,243 billable tokens, the sum of its 233,592 input and 21,651 output tokens.
    """
    return TokenCount(tokens=job_tokens, source="job")


def epochs_of_steps(
    train_steps: int | None, batch_size: int | None, examples: int | None, *, early_stopping: bool = False
) -> Epochs | None:
    """Seed 002: steps x batch size / examples. None if one of them is not known."""
    if not train_steps or not batch_size or not examples or min(train_steps, batch_size, examples) < 1:
        return None
    seen = min(train_steps * batch_size, _MOST)
    shown = f"{train_steps:,} steps x batch {batch_size:,} = {seen:,} of {examples:,} examples"
    return Epochs(count=seen / min(examples, _MOST), shown=shown, at_most=early_stopping)


def estimate_cost(
    model: str,
    tokens: Fact[TokenCount],
    epochs: Epochs | NotAsked | None,
    price: Price | None,
    serving: Serving | None = None,
) -> Estimate:
    """The estimated cost; ``epochs`` as in :class:`Estimate`."""
    if isinstance(tokens, Known):
        return Estimate(model=model, tokens=tokens.value, epochs=epochs, price=price, serving=serving)
    why = "the data set's tokens are not known until apply"
    if isinstance(tokens, Missing):
        why = f"the data set's tokens are not known: {tokens.reason.rstrip('.')}"
    return Estimate(model=model, tokens=None, epochs=epochs, price=price, unknown_tokens=why, serving=serving)


def add_files(text: TokenCount, files: FileTokens, uncounted: int) -> TokenCount:
    """The tokens of text plus those of the files; ``uncounted`` files are only in the lowest number."""
    if text.source == "job" or not (uncounted or files.included):
        return replace(text, files=0)
    upper = text.upper if text.upper is not None else text.tokens
    return replace(
        text,
        tokens=text.tokens + files.images,
        least=text.lower + files.least,
        most=None if files.most is None else upper + files.most,
        files=uncounted,
        included=files.included,
        left_out=files.left_out,
    )


def check_epochs(
    estimate: Estimate,
    *,
    path: PropertyPath = ("supervised_tuning_spec", "hyper_parameters", "epoch_count"),
) -> list[Finding]:
    """Warns of an unusually high number of epochs, with its cost."""
    epochs = estimate.epochs
    if not isinstance(epochs, Epochs) or epochs.shown or epochs.count <= USUAL_EPOCHS:
        return []
    price = f"costs {estimate.amount or f'{epochs.count:,.0f} times what one epoch does'}"
    problem = f"Training for {epochs.count:,.0f} epochs {price} ({estimate.reckoning})."
    way_out = "Google's guides use 2 to 12 epochs. Use fewer, or leave {epochs} out."
    return [MANY_EPOCHS.finding(path, problem, advise("set a property", way_out, epochs=Property(path)))]


def check_cost(
    estimate: Estimate,
    tokens: Fact[TokenCount],
    max_cost: float | None,
    *,
    path: PropertyPath = ("max_cost",),
    epochs_path: PropertyPath = ("supervised_tuning_spec", "hyper_parameters", "epoch_count"),
) -> list[Finding]:
    """The estimate is within ``max_cost`` (US dollars). Without a limit nothing is refused."""
    if max_cost is None or isinstance(tokens, NotAsked):
        return []
    if isinstance(tokens, Missing):
        return [LIMIT.not_judged(path, tokens)]
    usd, least = estimate.usd, estimate.least_usd
    if usd is None or least is None:
        problem = words(
            "The price of tuning {model} is not known, so {max_cost} was not checked ({reckoning}).",
            model=estimate.model,
            reckoning=estimate.reckoning,
        )
        remedy = advise("set a configuration key", "Add the price to a catalogue of your own, or leave {max_cost} out.")
        return [UNJUDGED.finding(path, problem, remedy)]
    epochs = Property(epochs_path)
    one = "One epoch" if estimate.per_epoch else "The job"
    if least > max_cost:
        amount = f"about {in_dollars(usd)}" if least == usd else f"at least {in_dollars(least)}"
        dearer = f"{one} would cost {amount}, more than {in_dollars(max_cost)} ({estimate.reckoning})."
        remedy = advise(
            "set a property",
            "Use fewer examples, fewer epochs ({epochs}) or a cheaper model, or raise {max_cost}.",
            epochs=epochs,
        )
        return [LIMIT.finding(path, dearer, remedy)]
    if estimate.per_epoch and estimate.epochs is None:
        problem = words(
            "One epoch costs about {usd}; Google chooses the number of epochs, so {max_cost} was not checked.",
            usd=in_dollars(usd),
        )
        return [UNJUDGED.finding(path, problem, advise("set a property", "Set {epochs}.", epochs=epochs))]
    if usd > max_cost:
        near = f"{one} costs about {in_dollars(usd)}{estimate.range}, which may be more than {in_dollars(max_cost)}."
        exact = "Count the data's tokens with Google's countTokens, or raise {max_cost}."
        return [UNJUDGED.finding(path, near, advise("check it yourself", exact))]
    if estimate.tokens and estimate.tokens.files:
        left_out = estimate.tokens.uncounted
        more = f"{one} costs about {in_dollars(usd)} plus the tokens of {left_out}, whose number is not known."
        remedy = advise(
            "check it yourself", "Count the data's tokens with Google's countTokens before you rely on {max_cost}."
        )
        return [UNJUDGED.finding(path, more, remedy)]
    return []
