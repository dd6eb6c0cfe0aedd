"""Import of the modules of Google's generated package that we use, without those that we do not.

The package's own ``__init__`` imports every service of Vertex AI: 1.1 s and 130 MB more. Each package on the way to a
module that we use is therefore entered in ``sys.modules`` before its ``__init__`` has run. It runs when other
code in the process reads a name that it defines, so that code sees no difference.
"""

from __future__ import annotations

import importlib
import sys
import threading
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

PACKAGE = "google.cloud.aiplatform_v1beta1"
_completing = threading.RLock()


class PartialPackage(ModuleType):
    """A package whose ``__init__`` runs at the first name that is not one of its modules."""

    def __getattr__(self, name: str) -> Any:
        if find_spec(f"{self.__name__}.{name}"):
            return importlib.import_module(f"{self.__name__}.{name}")
        self._complete()
        return getattr(self, name)

    def __dir__(self) -> list[str]:
        self._complete()
        return dir(self)

    def _complete(self) -> None:
        with _completing:
            if isinstance(self, PartialPackage):
                self.__class__ = ModuleType  # type: ignore[assignment]  # what __init__ misses is missing
                importlib.reload(self)


def import_rest(service: str) -> ModuleType:
    """The module with the REST transport of a service: ``import_rest("model_service")``."""
    transports = f"{PACKAGE}.services.{service}.transports"
    for package in (PACKAGE, f"{PACKAGE}.types", f"{PACKAGE}.services.{service}", transports):
        _enter(package)
    return importlib.import_module(f"{transports}.rest")


def _enter(name: str) -> None:
    """A package in ``sys.modules`` whose ``__init__`` has not run, unless somebody has imported it."""
    spec = find_spec(name)
    if name in sys.modules or spec is None:
        return
    package = module_from_spec(spec)
    package.__class__ = PartialPackage
    sys.modules[name] = package
    parent, _, own = name.rpartition(".")
    setattr(sys.modules[parent], own, package)
