"""Which Python runs a Pulumi program. Standard library only, as ``sandbox_folder``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_OPTION: Final = r"""^[^#\n]*\b{name}\s*:\s*["']?([^\s"',}}#]+)"""
_DISTRIBUTION: Final = "pulumi_gcp_tuning"


def find_environment(project: Path | None, env: Mapping[str, str]) -> Path | None:
    """The virtual environment (which may not exist yet) that a project file's runtime options name; None if they name none."""
    options = {} if project is None else _options_of(project)
    return environment_of(project.parent, options, env) if project and options else None


def environment_of(root: Path, options: Mapping[str, str], env: Mapping[str, str]) -> Path | None:
    """The virtual environment of runtime options, by the rules of Pulumi's own language host.

    It is `virtualenv`, else `.venv` for uv; for Poetry, `poetry` is asked.
    """
    if options.get("virtualenv"):
        return root / options["virtualenv"]
    if options.get("toolchain") == "uv":
        return root / ".venv"
    if options.get("toolchain") == "poetry":
        return _poetry_environment(root, env)
    return None


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / "bin" / "python"


def find_program_python(project: Path | None, env: Mapping[str, str]) -> Path:
    """The Python that runs a project's program.

    It is the one that its options name, else the one on PATH if pulumi_gcp_tuning is installed there, else this one.
    """
    named = find_environment(project, env)
    if named is not None:
        return python_of(named)
    for folder in env.get("PATH", os.defpath).split(os.pathsep):
        python = next((file for name in ("python3", "python") if os.access(file := Path(folder, name), os.X_OK)), None)
        if folder and python is not None:
            return python if has_package(python, _DISTRIBUTION) else Path(sys.executable)
    return Path(sys.executable)


def has_package(python: Path, name: str) -> bool:
    """Whether a distribution is installed for this Python."""
    return bool(versions_of(python, name))


def versions_of(python: Path, name: str) -> list[str]:
    """The versions of a distribution that are installed for this Python."""
    found = (python.parent.parent / "lib").glob(f"python3*/site-packages/{name}-*.dist-info")
    return [folder.name.removesuffix(".dist-info").partition("-")[2] for folder in found]


def _options_of(project: Path) -> dict[str, str]:
    """The options `toolchain` and `virtualenv`. Only the engine parses the full file; these two are read by pattern."""
    try:
        text = project.read_text(encoding="utf-8")
    except OSError:
        return {}
    names = [name for name in ("toolchain", "virtualenv") if name in text]
    if not names:
        return {}
    import re

    found = {name: re.search(_OPTION.format(name=name), text, re.MULTILINE) for name in names}
    return {name: match[1] for name, match in found.items() if match}


def _poetry_environment(root: Path, env: Mapping[str, str]) -> Path:
    import shutil
    import subprocess

    poetry = shutil.which("poetry", path=env.get("PATH"))
    if poetry is None:
        return root / ".venv"
    asked = [poetry, "env", "info", "--path"]
    said = subprocess.run(asked, cwd=root, env=dict(env), capture_output=True, text=True, check=False)  # noqa: S603
    return Path(said.stdout.strip() or root / ".venv")
