"""The outputs of a resource, each made when the program first asks for it.

The SDK makes an ``Output`` for every property of every resource. At the end of a program it waits for all of them, and
goes through the whole set again each time that one of them is resolved. A resource of ours has about thirty outputs, and
a program reads one or two of them. So the SDK's answer is kept here, and the SDK's own function makes the output when it is asked
for.

:func:`adapt` wraps that one function. It changes nothing for resources of others, and where the function is not as it
is known here, all outputs are made at once, as the SDK does it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Final

from pulumi.runtime import rpc

_WIRES: Final = "_outputs_on_demand"
_PARAMETERS: Final = ["res", "props", "custom"]

Resolvers = Mapping[str, Callable[..., None]]
Transfer = Callable[[Any, Mapping[str, Any], bool], Resolvers]


def adapt() -> bool:
    """Have the SDK leave the outputs of resources to them; False where its function is not as it is known here."""
    original: Any = getattr(rpc, "transfer_properties", None)
    if not callable(original) or list(inspect.signature(original).parameters) != _PARAMETERS:
        return False

    @functools.wraps(original)
    def transfer(res: Any, props: Mapping[str, Any], custom: bool) -> Resolvers:  # noqa: FBT001  # the SDK's own
        wires: Mapping[str, str] | None = res.__dict__.pop(_WIRES, None)
        if wires is None:
            made: Resolvers = original(res, props, custom)
            return made
        return _postponed(original, res, [*props, *wires.values()], wires, custom=custom)

    setattr(rpc, "transfer_properties", transfer)  # noqa: B010  # mypy lets nobody assign to a function of a module
    return True


def postpone(resource: object, wires: Mapping[str, str]) -> None:
    """Say of a resource that is about to be registered which outputs it has: from the name in Python to that on the wire."""
    resource.__dict__[_WIRES] = wires


def _postponed(
    transfer: Transfer, resource: Any, properties: Iterable[str], wires: Mapping[str, str], *, custom: bool
) -> Resolvers:
    """What the SDK calls with the value of each property, or with why there is none."""
    first, *others = dict.fromkeys(properties)
    resolvers = transfer(resource, {first: None}, custom)
    if list(resolvers) != [first] or first not in resource.__dict__:
        return {**resolvers, **transfer(resource, dict.fromkeys(others), custom)}
    names = {wire: name for name, wire in wires.items()}
    made = {names.get(key, key): value for key, value in resource.__dict__.items() if key not in wires or key == first}
    postponed = _Postponed(transfer, resource, others, resolvers, custom=custom)
    resource.__dict__ = Attributes(made, {names.get(wire, wire): wire for wire in others}, postponed.make)
    return postponed


class _Postponed(Resolvers):
    """What the SDK has said of the properties of one resource, and the outputs that wait for it."""

    def __init__(
        self, transfer: Transfer, resource: Any, wires: Iterable[str], made: Resolvers, *, custom: bool
    ) -> None:
        self._transfer = transfer
        self._resource = resource
        self._custom = custom
        self._made = dict(made)
        self._said: dict[str, tuple[Any, ...] | None] = dict.fromkeys(wires)

    def make(self, wire: str) -> Any:
        """The output of a property, made by the SDK."""
        self._made |= self._transfer(self._resource, {wire: None}, self._custom)
        said = self._said.pop(wire)
        if said is not None:
            self._made[wire](*said)
        return self._resource.__dict__.pop(wire)

    def __getitem__(self, wire: str) -> Callable[..., None]:
        if wire in self._said:
            return functools.partial(self._settle, wire)  # made when it is called: thirty for each resource take memory
        return self._made[wire]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._made, *self._said])

    def __len__(self) -> int:
        return len(self._made) + len(self._said)

    def _settle(self, wire: str, *said: Any) -> None:
        if wire in self._said:
            self._said[wire] = said
        else:
            self._made[wire](*said)


class Attributes(dict[str, Any]):
    """The ``__dict__`` of a resource: an output that is not made yet is made when it is looked up.

    Whoever lists it gets all outputs: ``pulumi.export("job", job)`` does.
    """

    def __init__(self, made: Mapping[str, Any], wires: Mapping[str, str], make: Callable[[str], Any]) -> None:
        super().__init__(made)
        self._unmade = dict(wires)
        self._make = make

    def __missing__(self, name: str) -> Any:
        wire = self._unmade.pop(name, None)
        if wire is None:
            raise KeyError(name)
        self[name] = self._make(wire)
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._complete())

    def __len__(self) -> int:
        return len(self._complete())

    def keys(self) -> KeysView[str]:  # type: ignore[override]  # dict's own class of it cannot be made
        """The names of all attributes."""
        return self._complete().keys()

    def values(self) -> ValuesView[Any]:  # type: ignore[override]  # as keys
        """All attributes."""
        return self._complete().values()

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]  # as keys
        """All attributes with their names."""
        return self._complete().items()

    def _complete(self) -> dict[str, Any]:
        for name in [name for name in self._unmade if not dict.__contains__(self, name)]:
            self[name]
        return dict(dict.items(self))
