"""What all declared resources share: arguments, their own URN as an input, the provider that must be ours."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, ParamSpec, Self

import pulumi
from pulumi import dynamic
from pulumi.runtime import config
from pulumi.runtime.stack import Stack

from pulumi_gcp_tuning.declare import on_demand
from pulumi_gcp_tuning.declare.arguments import WrongArgumentError, camel_path, check_names, fields_of, to_wire
from pulumi_gcp_tuning.declare.dependencies import (
    Declared,
    bucket_places,
    from_resources,
    input_sources,
    is_plain,
    jobs_before,
    secret_inputs,
)
from pulumi_gcp_tuning.dynamic import Door
from pulumi_gcp_tuning.redaction import holds_credential

P = ParamSpec("P")

_FILLED = {  # from the setting to the input that it fills in, where the resource has the argument behind it
    "gcp:defaultLabels": ("pulumiLabels", "labels"),
    "gcp:project": ("project", "location"),
    "gcp:region": ("location", "location"),
}
OURS = "pulumi-python"  # the package of every Python dynamic resource, so also of our Provider


class TuningResource(dynamic.Resource):
    """Base of the resources of this package; not for use by itself."""

    KIND: ClassVar[str]
    SHAPE: ClassVar[type]
    MADE_FIRST: ClassVar[bool] = True  # a replacement must be there before the old one goes
    ENDS: ClassVar[str] = ""  # the input whose resource has ended once this one is made
    NAMING: ClassVar[tuple[str, ...]] = ()  # the inputs that name something whose existence is checked
    SOURCES: ClassVar[tuple[str, ...]] = ()  # the paths of the inputs whose source in the program is passed on
    TOLD: ClassVar[tuple[str, ...]] = ()  # the inputs that are added here, as far as the resource has them
    _wires: ClassVar[Mapping[str, str]] = {}  # the outputs, from the name in Python to that on the wire

    def __init_subclass__(cls, module: str = "", name: str = "", **kwargs: Any) -> None:
        inherited = getattr(cls, "_resource_type_name", None)
        super().__init_subclass__(module=module, name=name or "Resource", **kwargs)
        if not name and inherited:  # a subclass of a user's own keeps the type that is in URNs
            cls._resource_type_name = inherited
        cls._wires = {**getattr(cls, "_wires", {}), **_made_properties(cls)}
        if name:  # one of ours, not a subclass of a user's own
            init: Any = cls.__init__
            init.__signature__ = _signature(cls.SHAPE)

    def __init__(self, resource_name: str, *args: Any, **kwargs: Any) -> None:
        with naming(resource_name, type(self).__name__):
            name: object = resource_name  # no type checker has looked at every program
            if not (isinstance(name, str) and name):
                raise WrongArgumentError("the first argument is the name of the resource and must be a text")
            given, opts = args_and_opts(self.SHAPE, args, kwargs)
            wired = self.declared(to_wire(given, self.SHAPE, ""))
        _check_configuration()
        opts = pulumi.ResourceOptions.merge(None, opts)
        _check_provider(resource_name, type(self).__name__, opts)
        _check_import(resource_name, type(self).__name__, opts)
        self._refuse_delete_first(resource_name, opts)
        props: dict[str, Any] = dict(wired) if _ON_DEMAND else {**dict.fromkeys(self._wires.values()), **wired}
        props["resourceUrn"] = own_urn(resource_name, f"{OURS}:{self._resource_type_name}", opts)
        if given:
            props |= self._told(wired, opts)
        if "afterJobs" in self.TOLD:
            opts.hide_diffs = [*(opts.hide_diffs or ()), *_MADE_MEANWHILE]
        for option in ("additional_secret_outputs", "hide_diffs"):
            if getattr(opts, option):
                setattr(opts, option, [camel_path(path) for path in getattr(opts, option)])
        if isinstance(opts.replace_on_changes, list):
            opts.replace_on_changes = [camel_path(path) for path in opts.replace_on_changes]
        self._declared = Declared(
            props=wired, depends_on=opts.depends_on, ended=self.ENDS, secrets=functools.partial(self._secrets, wired)
        )
        self._is_read = opts.id is not None
        on_demand.postpone(self, self._wires)
        with _closing(props):
            super().__init__(Door(self.KIND), resource_name, props, opts)
        if not isinstance(self.__dict__, on_demand.Attributes):
            self.__dict__.update({name: self.__dict__.pop(wire) for name, wire in self._wires.items()})

    def declared(self, wired: dict[str, Any]) -> dict[str, Any]:
        """The inputs as they are declared to the engine; a resource may add what only the program can know."""
        return wired

    def _told(self, wired: dict[str, Any], opts: pulumi.ResourceOptions) -> dict[str, Any]:
        """What only the program knows of where the inputs come from and which are a secret, as far as the resource has it."""
        told: dict[str, Any] = {"secretInputs": self._secrets(wired)}
        if self.NAMING:
            told["fromResources"] = from_resources(wired, self.NAMING, opts)
        if "afterJobs" in self.TOLD:
            told["afterJobs"] = jobs_before(wired, opts, self.ENDS)
        if "bucketPlaces" in self.TOLD and not is_plain([wired.get(key) for key in self.NAMING]):
            told["bucketPlaces"] = bucket_places(wired, self.NAMING)
        if "inputSources" in self.TOLD:
            told["inputSources"] = input_sources(wired, self.SOURCES)
        return told

    async def _secrets(self, wired: Mapping[str, Any]) -> list[str] | None:
        """The provider is given no secret as such: what it derives from one under another name has to be told."""
        settings = getattr(getattr(self, "_provider", None), "_settings", {})
        fields = fields_of(self.SHAPE)
        filled = {setting: key for setting, (key, given) in _FILLED.items() if given in fields}
        of_its_job = (
            "" if "afterJobs" in self.TOLD else self.ENDS
        )  # a job gives its labels and name to a model, not to a job
        return await secret_inputs(wired, settings, of_its_job, filled)

    def ignored(self, keys: list[str]) -> list[str]:
        """The inputs whose changes are ignored; a resource may add what it derives from one of them."""
        return keys

    def _get_providers(self, t: str, pkg: str | None, opts: pulumi.ResourceOptions) -> Any:
        """The SDK's own. It is the first to see the options as the transformations left them."""
        self._refuse_delete_first(self._name, opts)
        _check_import(self._name, type(self).__name__, opts)
        if opts.ignore_changes:
            opts.ignore_changes = self.ignored([camel_path(path) for path in opts.ignore_changes])
        return super()._get_providers(t, pkg, opts)

    def _refuse_delete_first(self, name: str, opts: pulumi.ResourceOptions) -> None:
        if self.MADE_FIRST and opts.delete_before_replace and opts.id is None:
            raise pulumi.RunError(_DELETED_FIRST.format(kind=type(self).__name__, name=name))

    @classmethod
    def existing(cls, resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None) -> Self:  # noqa: A002
        """The resource that has this id, read and not managed."""
        return cls(resource_name, opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))


_MADE_MEANWHILE = ("tunedModel", "tuningDataStats")
"""What a job has made by the first preview after its end. Its lines would be most of that preview, and nobody changed them."""

_DELETED_FIRST = (
    "{kind} {name!r}: delete_before_replace would delete what is in use before its replacement exists. Remove the option "
    "(a transformation may set it): the new one is made first, and the old one goes only after it."
)


def own_urn(resource_name: str, type_token: str, opts: pulumi.ResourceOptions | None) -> pulumi.Input[str | None]:
    """The URN that the resource will have. Depends on no resource: a child that depends on its component is a cycle."""
    parent = opts.parent if opts is not None else None
    if parent is None or isinstance(parent, Stack):
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{type_token}::{resource_name}"
    return pulumi.create_urn(resource_name, type_token, parent).future()


def with_checked_names(init: Callable[P, None]) -> Callable[P, None]:
    """A constructor that is written by hand; it refuses a misspelt keyword as a resource does, with the nearest that there is."""
    kind, names = init.__qualname__.partition(".")[0], list(inspect.signature(init).parameters)[1:]

    @functools.wraps(init)
    def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        with naming(str(args[1] if len(args) > 1 else kwargs.get(names[0], "")), kind):
            check_names(kwargs, names)
        init(*args, **kwargs)

    return checked


@contextmanager
def naming(resource_name: str, kind: str) -> Iterator[None]:
    """What is wrong with the arguments is told with the resource that they were given to: a program has many."""
    try:
        yield
    except WrongArgumentError as error:
        lines = str(error).splitlines()
        raise WrongArgumentError("\n".join(f"{kind} {resource_name!r}: {line}" for line in lines)) from None


@contextmanager
def _closing(props: Mapping[str, Any]) -> Iterator[None]:
    """Closes what is still to be told if the resource is refused: Python warns of coroutines that nobody awaits."""
    try:
        yield
    except pulumi.RunError:
        for told in filter(inspect.iscoroutine, props.values()):
            told.close()
        raise


_PROVIDER = pulumi.ProviderResource
_PROPERTY: Any = type(pulumi.property("anything"))
_ON_DEMAND = on_demand.adapt()


def _made_properties(cls: type) -> dict[str, str]:
    """Make Python properties of the outputs that a class declares, as pulumi_gcp's classes have them.

    Of annotations the SDK resolves the types again for each resource, of properties once.
    """
    declared = {name: str(value.name) for name, value in vars(cls).items() if type(value) is _PROPERTY}
    for name, wire in declared.items():
        setattr(cls, name, _output(name, wire, cls.__annotations__.pop(name, Any)))
    return declared


def _output(name: str, wire: str, hint: Any) -> property:
    def get(self: Any) -> Any:
        try:
            return self.__dict__[name]
        except KeyError:  # a transformation asks before there are outputs; pulumi_gcp's classes answer the same
            return None

    def assign(self: Any, value: Any) -> None:
        self.__dict__[name] = value

    get.__name__, get.__annotations__ = name, {"return": hint}
    return property(pulumi.getter(name=wire)(get), assign)


def _signature(shape: type) -> inspect.Signature:
    """What ``help`` shows of a constructor: every argument with its type."""
    kind = inspect.Parameter
    own = [
        kind("self", kind.POSITIONAL_OR_KEYWORD),
        kind("resource_name", kind.POSITIONAL_OR_KEYWORD, annotation="str"),
        kind("args", kind.POSITIONAL_OR_KEYWORD, default=None, annotation=f"{shape.__name__} | dict | None"),
        kind("opts", kind.POSITIONAL_OR_KEYWORD, default=None, annotation="pulumi.ResourceOptions | None"),
    ]
    names = shape.__annotations__.items()
    keywords = [kind(name, kind.KEYWORD_ONLY, default=None, annotation=hint) for name, hint in names]
    return inspect.Signature([*own, *keywords], return_annotation=None)


def args_and_opts(
    shape: type, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, pulumi.ResourceOptions | None]:
    """Sort what a constructor was called with, as pulumi_gcp's do: ``(args, opts)``, ``(opts)`` or keywords."""
    kwargs = dict(kwargs)
    positional = list(args)
    opts = kwargs.pop("opts", None)
    given = kwargs.pop("args", None)
    for value in positional[:2]:
        if isinstance(value, pulumi.ResourceOptions):
            opts = value
        elif value is not None:
            given = value
    if len(positional) > 2:
        raise WrongArgumentError(f"expected at most the name, {shape.__name__} and opts as positional arguments")
    if opts is not None and not isinstance(opts, pulumi.ResourceOptions):
        raise WrongArgumentError("opts must be a pulumi.ResourceOptions")
    if given is not None and kwargs:
        raise WrongArgumentError(
            f"give either {shape.__name__} or keyword arguments, not both: {', '.join(sorted(kwargs))}"
        )
    check_names(kwargs, fields_of(shape))
    return (kwargs if given is None else given), opts


def _check_configuration() -> None:
    """The engine keeps plain configuration in the state of the default provider, so it must not contain a credential."""
    for key, value in config.CONFIG.get().items():
        ours = key.startswith(("gcp:", "gcp-tuning:")) and isinstance(value, str) and not config.is_config_secret(key)
        if ours and _holds_credential(value):
            raise pulumi.RunError(
                f"{key}: the value looks like a private key or a token in plain text, and Pulumi stores configuration in "
                f"the state. Set it as a secret (pulumi config set --secret {key}), or set GOOGLE_CREDENTIALS or "
                "GOOGLE_OAUTH_ACCESS_TOKEN in the environment. The value is not shown."
            )


_holds_credential = functools.lru_cache(maxsize=64)(holds_credential)  # every resource asks the same


def _check_import(resource_name: str, kind: str, opts: pulumi.ResourceOptions) -> None:
    """Pulumi's host asks a dynamic provider to read what it imports, and gives it nothing to find the provider by."""
    if opts.import_ is not None:
        raise pulumi.RunError(
            f"{kind} {resource_name!r}: import_ does not work for this resource. Remove the option. To bring what exists into "
            "state, run `gcp-tuning adopt JOB --import-file FILE` and "
            "`pulumi import --file FILE --yes --generate-code=false --protect=false`."
        )


def _check_provider(resource_name: str, kind: str, opts: pulumi.ResourceOptions) -> None:
    given: Any = opts.providers or ()
    given = given.values() if isinstance(given, Mapping) else [given] if isinstance(given, _PROVIDER) else given
    packages = {provider.package for provider in (*given, opts.provider) if provider is not None}
    remedy = (
        "Pulumi would silently ignore it, and the resource would be made with the stack's default project and "
        "credentials. Give it a pulumi_gcp_tuning.Provider with the same settings: "
        'opts=ResourceOptions(provider=pulumi_gcp_tuning.Provider("tuning", project=..., region=...)).'
    )
    if "gcp" in packages and OURS not in packages:
        raise pulumi.RunError(f"{kind} {resource_name!r}: a gcp.Provider does not apply to this resource. {remedy}")
    parent = opts.parent
    inherited = {package for package in ("gcp", OURS) if parent and parent.get_provider(f"{package}:any/any:Any")}
    if inherited == {"gcp"} and not packages:
        pulumi.log.warn(f"The gcp.Provider of its parent does not apply to {kind} {resource_name!r}. {remedy}")
