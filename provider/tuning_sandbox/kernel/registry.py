"""Projects by id and by number: every id exists unless a switch says otherwise."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from tuning_sandbox.kernel.errors import invalid_argument
from tuning_sandbox.kernel.store import Store


@dataclass(frozen=True)
class Project:
    """One project."""

    id: str
    number: str
    registered: bool = False


def derive_number(project_id: str) -> str:
    """The 12-digit number of an unregistered project; always the same for one id."""
    digest = int.from_bytes(hashlib.sha256(project_id.encode()).digest()[:8], "big")
    return str(10**11 + digest % (9 * 10**11))


def is_number(key: str) -> bool:
    """Whether a project is given by its number."""
    return re.fullmatch(r"[0-9]{1,19}", key) is not None


class Projects:
    """The registry; it remembers each id, so that a number can be resolved to its id."""

    KIND = "kernel.projects"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_key: dict[str, Project] = {}

    def resolve(self, key: str) -> Project:
        """The project with that id or number; an unknown one is created."""
        known = self._by_key.get(key) or self._load(key)
        if known is not None:
            return known
        if is_number(key):
            return Project(id=f"project-{key}", number=key)
        project = Project(id=key, number=derive_number(key))
        self._remember(project)
        return project

    def known(self, key: str) -> bool:
        """Whether the id or number was registered explicitly."""
        project = self._by_key.get(key) or self._load(key)
        return project is not None and project.registered

    def register(self, spec: Any) -> Project:
        """Add one from {"projectId", "projectNumber"?}, or the 400."""
        if not isinstance(spec, dict) or set(spec) - {"projectId", "projectNumber"}:
            raise invalid_argument('a project is {"projectId": ..., "projectNumber": ...}')
        project_id = spec.get("projectId")
        if not isinstance(project_id, str) or not re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", project_id):
            raise invalid_argument("projectId must be 6 to 30 of a-z, 0-9 and -, starting with a letter", "projectId")
        number = str(spec.get("projectNumber") or derive_number(project_id))
        if not is_number(number):
            raise invalid_argument("projectNumber must be digits", "projectNumber")
        project = Project(project_id, number, registered=True)
        self._remember(project)
        return project

    def all(self) -> list[Project]:
        """Every project that was registered or looked up."""
        return [_from_doc(doc) for doc in self._store.collection(self.KIND).all()]

    def clear(self) -> None:
        """Clear the copy in memory."""
        self._by_key.clear()

    def _load(self, key: str) -> Project | None:
        docs = self._store.collection(self.KIND)
        doc = docs.get(key)
        if doc is None and is_number(key):
            doc = next((d for d in docs.all() if d["number"] == key), None)
        if doc is None:
            return None
        project = _from_doc(doc)
        self._by_key[project.id] = self._by_key[project.number] = project
        return project

    def _remember(self, project: Project) -> None:
        doc = {"id": project.id, "number": project.number, "registered": project.registered}
        # ids are public and never conflict, so a rolled-back request may leave the cached copy behind
        with self._store.transaction():
            self._store.collection(self.KIND).put(project.id, doc)
        self._by_key[project.id] = self._by_key[project.number] = project


def _from_doc(doc: dict[str, Any]) -> Project:
    return Project(doc["id"], doc["number"], bool(doc.get("registered")))
