"""The second list of configurations: wrong ones and right ones, each with the page of Google's that decides it.

The rows were written from the pages before the checks were changed for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from preflight.list_row import Row, right, wrong


@dataclass(frozen=True)
class Page:
    """A page of Google's documentation, or a seed."""

    title: str

    def wrong(self, id: str, says: str, given: Mapping[str, Any], *names: str, **more: Any) -> Row:  # noqa: A002
        """A configuration that the page refuses."""
        return wrong(id, f"{self.title}: {says}", given, *names, **more)

    def right(self, id: str, says: str, given: Mapping[str, Any], **more: Any) -> Row:  # noqa: A002
        """A configuration that the page allows."""
        return right(id, f"{self.title}: {says}", given, **more)


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
