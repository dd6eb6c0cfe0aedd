"""Policies on where a resource is, which key encrypts it, and which account runs it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.names import EndpointName, MalformedName, ModelName, PipelineJobName, TuningJobName
from pulumi_gcp_tuning.policies.declared import Declared, Options, Verdict, broken, not_yet, unclear
from pulumi_gcp_tuning.resources.core.unknown import UNKNOWN

_GOOGLES_ACCOUNT: Final = re.compile(
    r"(service-\d+@.*|\d+-compute@developer\.gserviceaccount\.com|[^@]+@appspot\.gserviceaccount\.com)"
)


def encryption_spec_has_a_key(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Jobs and endpoints: ``encryption_spec`` names a key."""
    key = resource.get("encryptionSpec", "kmsKeyName")
    if key is UNKNOWN:
        yield not_yet("encryption_spec.kms_key_name")
    elif not key:
        yield broken(
            'encryption_spec is not set. Set encryption_spec={"kms_key_name": ...} to a key in the resource\'s location.'
        )


def dataset_has_a_key(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Datasets, if the option ``datasets`` asks for it: ``kms_key_name`` is set."""
    key = resource.get("kmsKeyName")
    if not options.get("datasets"):
        return
    if key is UNKNOWN:
        yield not_yet("kms_key_name")
    elif not key:
        yield broken("kms_key_name is not set. Set it to a key in the bucket's location.")


def deployment_has_an_endpoint_with_a_key(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Deployments: weights get an endpoint of their own, which has no key."""
    if resource.get("artifacts") is not None or resource.get("tuningJob") is not None:
        yield broken("Weights are served on an endpoint that the deployment makes, and that one has no key of yours.")


def gemini_api_takes_no_key(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Models of the Gemini API: always broken."""
    yield broken("The Gemini API takes no key of yours. Use a TuningJob with encryption_spec.")


def job_is_in_a_region(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Jobs: their region, and the location in which Google puts the model."""
    location = resource.get("location")
    yield from _place(resource, location, "location", options)
    uploaded = resource.get("tunedModelLocation")
    if uploaded is not None:
        yield from _place(resource, uploaded, "tunedModelLocation", options)
    row = resource.row()
    if row is None or not isinstance(location, str):
        return
    result = row.result_location(location)
    if result != location and not _is_allowed(result, options):
        model = resource.shown(row.id, "baseModel")
        yield broken(
            f"Google puts models that are tuned from {model} in {location} into {result}, which is not {_of(options)}."
        )


def endpoint_is_in_a_region(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Endpoints: their location."""
    yield from _place(resource, resource.get("location"), "location", options)


def named_object_is_in_a_region(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Tuned models and deployments: the location in the name of the job, the endpoint or the model."""
    parsers: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("tuningJob", _location_of_job),
        ("endpoint", lambda text: EndpointName.parse(text).location),
        ("model", lambda text: ModelName.parse(text).location),
    )
    for name, parse in parsers:
        value = resource.get(name)
        if value is None or resource.comes_from_ours(name) or not options.get("regions"):
            continue
        if not isinstance(value, str):
            yield not_yet(snake(name))
            continue
        try:
            location = parse(value)
        except MalformedName:
            continue  # the resource refuses it
        yield from _place(resource, location, name, options)


def gemini_api_has_no_region(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Models of the Gemini API: broken as soon as regions are given."""
    if options.get("regions"):
        yield broken("The Gemini API has no regions: Google chooses where the model is. Use a TuningJob.")


def job_runs_as_own_account(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Jobs: ``service_account`` is set, and to an account that is neither a default account nor Google's agent."""
    account = resource.get("serviceAccount")
    if account is UNKNOWN:
        yield not_yet("service_account")
    elif not account:
        yield broken(
            "service_account is not set, so Google's service agent runs the job. Set it to an account of yours."
        )
    elif _GOOGLES_ACCOUNT.fullmatch(str(account)):
        shown = resource.shown(account, "serviceAccount")
        yield broken(
            f"service_account {shown} is a default account or Google's agent. Set it to an account made for tuning."
        )


def _place(resource: Declared, location: object, name: str, options: Options) -> Iterator[Verdict]:
    if not options.get("regions"):
        return
    if location is UNKNOWN:
        yield not_yet(snake(name))
    elif location is None:
        yield unclear(f"{snake(name)} is not set.")
    elif not _is_allowed(str(location), options):
        shown = resource.shown(location, name)
        where = f"{snake(name)} {shown}" if name.endswith("ocation") else f"{snake(name)} is in {shown}, which"
        yield broken(f"{where} is not {_of(options)}.")


def _is_allowed(location: str, options: Options) -> bool:
    allowed = options.get("regions") or ()
    return not allowed or location in allowed


def _of(options: Options) -> str:
    return f"one of the allowed regions: {', '.join(map(str, options.get('regions') or ()))}"


def _location_of_job(text: str) -> str:
    return PipelineJobName.parse(text).location if "/pipelineJobs/" in text else TuningJobName.parse(text).location
