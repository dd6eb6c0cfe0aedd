"""All state of one sandbox, as API modules see it."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tuning_sandbox.kernel.clock import Clock
from tuning_sandbox.kernel.disk_error import DiskError, damaged
from tuning_sandbox.kernel.errors import invalid_argument
from tuning_sandbox.kernel.faults import Faults
from tuning_sandbox.kernel.ids import Ids
from tuning_sandbox.kernel.journal import Journal
from tuning_sandbox.kernel.people import Principals
from tuning_sandbox.kernel.protocols import Services
from tuning_sandbox.kernel.registry import Projects
from tuning_sandbox.kernel.routes import Switch
from tuning_sandbox.kernel.store import Store

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_MOST_THREADS = 2
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
Memory = TypeVar("Memory")


@dataclass(frozen=True)
class Config:
    """How a sandbox is started."""

    mode: str = "real"
    scale: float = 1.0
    as_of: datetime | None = None
    seed: int | None = None
    data: Path | None = None
    loose: bool = False


@dataclass(frozen=True)
class _Kept:
    """The sandbox's own settings in a data folder."""

    now: datetime | None
    hurried: timedelta
    seed: int
    ids: int


def _read_kept(meta: Mapping[str, str], folder: Path | None) -> _Kept:
    try:
        moment = datetime.fromisoformat(meta["now"]).astimezone(UTC) if "now" in meta else None
        if moment is not None and not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise ValueError("no year of the sandbox's")
        hurried = timedelta(seconds=float(meta.get("hurried", "0")))
        return _Kept(moment, hurried, int(meta.get("seed", "0")), int(meta.get("ids", "0")))
    except (TypeError, ValueError, OverflowError) as error:
        held = ", ".join(f"{name} {meta[name]!r}" for name in ("now", "hurried", "seed", "ids") if name in meta)
        raise damaged(folder, f"what it keeps of the sandbox is not readable ({held}; {error})") from error


def parse_as_of(text: str) -> datetime:
    """A date (midnight UTC) or an RFC 3339 moment; ValueError otherwise."""
    if len(text) == 10:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Part(Protocol):
    """What a sandbox needs from an API: its switches, and its functions for the start."""

    @property
    def switches(self) -> list[Switch]:
        """The API's switches."""

    @property
    def starts(self) -> list[Callable[[Sandbox], None]]:
        """Functions that are called at the start and after every reset, inside a transaction."""


class Sandbox:
    """Clock, store, ids, projects, principals, faults and journal of one sandbox."""

    def __init__(self, config: Config, parts: Iterable[Part], make_services: Callable[[Sandbox], Services]) -> None:
        self.config = config
        self._parts = tuple(parts)
        disk = None
        if config.data is not None:
            from tuning_sandbox.kernel.disk import Disk

            disk = Disk(config.data)
        try:
            self.store = Store(disk)
        except DiskError:
            if disk is not None:
                disk.close()
            raise
        try:
            kept = _read_kept(self.store.meta, config.data)
        except DiskError:
            self.store.close()
            raise
        start, hurried = config.as_of, timedelta(0)
        if kept.now is not None:
            # a restart never goes back in time, so stored timestamps stay in the past
            start = max(kept.now, start or (kept.now if config.mode != "real" else datetime.now(UTC)))
            if start == kept.now:
                hurried = kept.hurried
        self.seed = config.seed if config.seed is not None else kept.seed
        self.clock = Clock(config.mode, scale=config.scale, start=start, hurried=hurried, run=self._run)
        self.store.now = self.clock.now
        self.ids = Ids(self.seed, kept.ids)
        self.projects = Projects(self.store)
        self.principals = Principals()
        self.faults = Faults()
        self.journal = Journal()
        self.services = make_services(self)
        self._memories: dict[type, Any] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.policy: dict[str, Any] = {}
        self._switches: dict[str, Switch] = {s.name: s for part in self._parts for s in part.switches}
        self._generation = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pool: ThreadPoolExecutor | None = None
        with self.transaction():
            self.store.set_meta("seed", str(self.seed))
        try:
            self._start()
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            self.store.close()
            if disk is None:
                raise
            raise damaged(config.data, f"what it keeps of an API is not readable ({type(error).__name__})") from error

    def memory(self, kind: type[Memory]) -> Memory:
        """A module's data in memory until a reset; created empty on first use."""
        if kind not in self._memories:
            self._memories[kind] = kind()
        found: Memory = self._memories[kind]
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction: all writes inside happen, or none."""
        used = self.ids.used if hasattr(self, "ids") else 0
        with self.store.transaction():
            yield
            if self.store.disk is not None and self.ids.used != used:
                self.store.set_meta("ids", str(self.ids.used))

    def keep_time(self) -> None:
        """Store the current time, so that a restart continues from it."""
        if self.store.disk is not None:
            with self.transaction():
                self.store.set_meta("now", self.clock.now().isoformat())
                self.store.set_meta("hurried", str(self.clock.hurried().total_seconds()))

    def background(self, fn: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Run fn in a thread and then `then(result)` on the loop; at once where the clock is stepped."""
        if self._loop is None or self.clock.mode == "stepped":
            then(fn())
            return
        generation, loop = self._generation, self._loop

        async def run() -> None:
            try:
                result = await loop.run_in_executor(self._threads(), fn)
            except asyncio.CancelledError:
                return
            except Exception:  # noqa: BLE001 - as in _run: report it and let the other work continue
                traceback.print_exc(file=sys.stderr)
                return
            if generation == self._generation:
                self._run(lambda: then(result))

        task = self._loop.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def until_reset(self) -> Callable[[], bool]:
        """A function for work in a thread that returns True once the sandbox was reset or closed."""
        generation = self._generation
        return lambda: self._generation != generation

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Use this loop from now on."""
        self._loop = loop
        self.clock.attach(loop)

    def close(self) -> None:
        """Stop the clock and close the data file."""
        self.clock.detach()
        self._loop = None
        self._generation += 1
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        self.store.close()

    def reset(self) -> None:
        """Reset to the first start: no state, no faults, the clock at its start."""
        self._generation += 1
        loop = self._loop
        self.clock.detach()
        self.store.clear()
        self.projects.clear()
        self.principals.clear()
        self.faults.clear()
        self.journal.clear()
        self._memories.clear()
        self.ids = Ids(self.seed)
        self.clock = Clock(self.config.mode, scale=self.config.scale, start=self.config.as_of, run=self._run)
        self.store.now = self.clock.now
        with self.transaction():
            self.store.set_meta("ids", "0")
        if loop is not None:
            self.attach(loop)
        self._start()

    def switches(self) -> list[Switch]:
        """Every switch of every API."""
        return list(self._switches.values())

    def set_policy(self, values: Any) -> None:
        """Set switches by name, or the 400 that says what is wrong."""
        if not isinstance(values, dict):
            raise invalid_argument("a policy is a JSON object of switches")
        for name, value in values.items():
            switch = self._switches.get(name)
            if switch is None:
                raise invalid_argument(f"unknown switch {name!r}; there are {', '.join(sorted(self._switches))}", name)
            if switch.values and value not in switch.values:
                raise invalid_argument(f"{name} must be one of {', '.join(map(str, switch.values))}", name)
            if not switch.values and switch.default is not None and type(value) is not type(switch.default):
                raise invalid_argument(f"{name} must be a {type(switch.default).__name__}", name)
        self.policy.update(values)
        with self.transaction():
            docs = self.store.collection("kernel.policy")
            for name, value in values.items():
                docs.put(name, {"value": value})

    def _start(self) -> None:
        self.policy = {name: switch.default for name, switch in self._switches.items()}
        docs = self.store.collection("kernel.policy")
        self.policy.update({n: d["value"] for n in docs.names() if n in self.policy and (d := docs.get(n))})
        with self.transaction():
            for part in self._parts:
                for start in part.starts:
                    start(self)

    def _threads(self) -> ThreadPoolExecutor:
        # few, because the threads share the interpreter lock with the loop, which must keep answering
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(_MOST_THREADS, "sandbox")
        return self._pool

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            with self.transaction():
                work()
        except Exception:  # noqa: BLE001
            # an error in the sandbox itself: report it and let the other work continue
            traceback.print_exc(file=sys.stderr)
