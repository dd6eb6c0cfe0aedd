"""The outputs of a resource, each made when the program first asks for it.

The SDK makes an ``Output`` for every property of every resource. At the end of a program it waits for all of them, and
goes through the whole set again each time that one of them is resolved. A resource of ours has about thirty outputs, and
a program reads one or two of them. So the engine's answer is kept here, and the SDK's own functions make the output and its
value when it is asked for: to turn an answer into Python values takes longer than everything else that the SDK does with a
resource.

:func:`adapt` wraps these two functions. It changes nothing for resources of others, and where a function is not as it is
known here, it does its work at once, as the SDK does it.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
from collections.abc import Callable, Collection, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Final

import pulumi
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc

_WIRES: Final = "_outputs_on_demand"
_TRANSFER: Final = ("res", "props", "custom")
_RESOLVE: Final = (
    *("res", "serialized_props", "outputs", "deps", "resolvers", "custom", "transform_using_type_metadata"),
    *("keep_unknowns", "resolve_missing_as_unknown"),
)

Resolvers = Mapping[str, Callable[..., None]]
Transfer = Callable[[Any, Mapping[str, Any], bool], Resolvers]
Resolve = Callable[[Resolvers], None]


def adapt() -> bool:
    """Have the SDK leave the outputs of resources to them; False where its function is not as it is known here."""
    original = _known("transfer_properties", _TRANSFER)
    if original is None:
        return False

    @functools.wraps(original)
    def transfer(res: Any, props: Mapping[str, Any], custom: bool) -> Resolvers:  # noqa: FBT001  # the SDK's own
        wires: Mapping[str, str] | None = res.__dict__.pop(_WIRES, None)
        if wires is None:
            made: Resolvers = original(res, props, custom)
            return made
        return _postponed(original, res, [*props, *wires.values()], wires, custom=custom)

    setattr(rpc, "transfer_properties", transfer)  # noqa: B010  # mypy lets nobody assign to a function of a module
    _adapt_values()
    return True


def _adapt_values() -> None:
    original = _known("resolve_outputs", _RESOLVE)
    if original is None:
        return

    @functools.wraps(original)
    def resolve(  # the SDK's own
        res: Any,
        serialized_props: Struct,
        outputs: Struct,
        deps: Any,
        resolvers: Resolvers,
        custom: bool,  # noqa: FBT001
        transform_using_type_metadata: bool = False,  # noqa: FBT001, FBT002
        *more: Any,
        **named: Any,
    ) -> None:
        def at_once(wanted: Resolvers, given: Struct = serialized_props, answer: Struct = outputs) -> None:
            original(res, given, answer, deps, wanted, custom, transform_using_type_metadata, *more, **named)

        renames = type(res).translate_output_property is not pulumi.Resource.translate_output_property
        if not isinstance(resolvers, _Postponed) or transform_using_type_metadata or renames:
            at_once(resolvers)
        else:
            resolvers.answer(lambda some: at_once(some, _part(serialized_props, some), _part(outputs, some)))

    setattr(rpc, "resolve_outputs", resolve)  # noqa: B010  # as above


def _known(name: str, parameters: tuple[str, ...]) -> Any:
    """The SDK's function; None where it has other parameters."""
    found: Any = getattr(rpc, name, None)
    return found if callable(found) and tuple(inspect.signature(found).parameters) == parameters else None


def _part(properties: Struct, keys: Collection[str]) -> Struct:
    part = Struct()
    for key in keys:
        if key in properties.fields:
            part.fields[key].CopyFrom(properties.fields[key])
    return part


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
        self._resolve: Resolve | None = None

    def answer(self, resolve: Resolve) -> None:
        """Take the engine's answer: ``resolve`` gives their values to some of the outputs, now to those that are made."""
        resolve(self._made)
        context = contextvars.copy_context()  # it says whether this is a preview
        self._resolve = lambda wanted: context.run(resolve, wanted)

    def make(self, *wires: str) -> list[Any]:
        """The outputs of some properties, made by the SDK."""
        new = self._transfer(self._resource, dict.fromkeys(wires), self._custom)
        self._made |= new
        said = {wire: self._said.pop(wire) for wire in wires}
        for wire, each in said.items():
            if each is not None:
                new[wire](*each)
        wanted = {wire: new[wire] for wire, each in said.items() if each is None}
        if self._resolve is not None and wanted:
            try:
                self._resolve(wanted)
            except Exception as error:  # noqa: BLE001  # as the SDK does it
                rpc.resolve_outputs_due_to_exception(wanted, error)
        return [self._resource.__dict__.pop(wire) for wire in wires]

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

    def __init__(self, made: Mapping[str, Any], wires: Mapping[str, str], make: Callable[..., list[Any]]) -> None:
        super().__init__(made)
        self._unmade = dict(wires)
        self._make = make

    def __missing__(self, name: str) -> Any:
        wire = self._unmade.pop(name, None)
        if wire is None:
            raise KeyError(name)
        (self[name],) = self._make(wire)
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
        wires = {name: wire for name, wire in self._unmade.items() if not dict.__contains__(self, name)}
        self._unmade.clear()
        if wires:
            self.update(zip(wires, self._make(*wires.values()), strict=True))
        return dict(dict.items(self))
