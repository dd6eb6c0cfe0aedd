"""The second list of configurations: wrong ones and right ones, each with the page of Google's that decides it.

The rows were written from the pages before the checks were changed for them. A row's configuration changes the usual
situation of its kind, as a case of the table does (``support/preflight_case.py``); ``command`` is what
``gcp-tuning validate`` gets instead, in a folder with the row's ``files``.

More of ``world`` than a case has: ``sizes`` (bytes of an object, by name), ``projects`` (ids that there are besides the
usual one), ``bindings`` (role and member in the project's policy).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from support.preflight_case import Kind, Tree, changed, usual

Answer = Literal["error", "warning", "passes"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One configuration and the right answer to it.

    The right answer names all of ``names`` in one finding of that severity, and a right configuration gets neither an
    error nor a warning.
    """

    id: str
    page: str
    says: str
    answer: Answer
    names: tuple[str, ...] = ()
    kind: Kind = "tuning_job"
    given: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()

    @property
    def situation(self) -> Tree:
        """The whole situation."""
        return changed(usual(self.kind), self.given)


@dataclass(frozen=True)
class Page:
    """A page of Google's documentation, or a seed."""

    title: str

    def wrong(
        self,
        id: str,  # noqa: A002
        says: str,
        given: Mapping[str, Any],
        *names: str,
        kind: Kind = "tuning_job",
        answer: Answer = "error",
        command: tuple[str, ...] = (),
    ) -> Row:
        """A configuration that Google refuses, or that does not do what it seems to."""
        return Row(
            id=id, page=self.title, says=says, answer=answer, names=names, kind=kind, given=given, command=command
        )

    def right(
        self,
        id: str,  # noqa: A002
        says: str,
        given: Mapping[str, Any],
        *,
        kind: Kind = "tuning_job",
        command: tuple[str, ...] = (),
    ) -> Row:
        """A configuration that Google takes."""
        return Row(id=id, page=self.title, says=says, answer="passes", kind=kind, given=given, command=command)


ABOUT: Final = Page("About supervised fine-tuning for Gemini models")
AUDIO: Final = Page("Audio tuning")
AUDIO_TYPES: Final = Page("Audio understanding")
BISON: Final = Page("Seed 002: tune code models")
BUCKETS: Final = Page("Cloud Storage: about buckets, naming")
CMEK: Final = Page("Vertex AI: customer-managed encryption keys")
DEPLOYING: Final = Page("Vertex AI reference: endpoints")
DOCUMENT: Final = Page("Document tuning")
DOCUMENT_TYPES: Final = Page("Document understanding")
FUNCTIONS: Final = Page("Tune function calling")
FUNCTION_CALLING: Final = Page("Introduction to function calling: FunctionDeclaration")
IMAGE: Final = Page("Image tuning")
IMAGE_TYPES: Final = Page("Image understanding")
JOB: Final = Page("Vertex AI reference: tuningJobs")
LABELS: Final = Page("Requirements for labels")
MODEL_ACCESS: Final = Page("Control access to Model Garden models")
OBJECTS: Final = Page("Cloud Storage: about objects, naming")
OPEN: Final = Page("Seed 004: tune open models")
POLICIES: Final = Page("Organization policy constraints")
PREFERENCE: Final = Page("About preference tuning for Gemini models")
PREFERENCE_DATA: Final = Page("Prepare preference tuning data for Gemini models")
PREPARE: Final = Page("Prepare supervised fine-tuning data for Gemini models")
PROJECTS: Final = Page("Creating and managing projects")
REGIONS: Final = Page("Supervised fine-tuning: supported tuning job regions")
SERVICE_ACCOUNTS: Final = Page("IAM reference: create a service account")
STORAGE_KEYS: Final = Page("Cloud Storage: customer-managed encryption keys")
STORAGE_ROLES: Final = Page("IAM permissions for Cloud Storage")
USE: Final = Page("Tune Gemini models with supervised fine-tuning")
VIDEO: Final = Page("Video tuning")
VIDEO_TYPES: Final = Page("Video understanding")
