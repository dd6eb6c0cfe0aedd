"""Checks that a key can encrypt the results of a job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from pulumi_gcp_tuning.catalog import Catalogue, shipped
from pulumi_gcp_tuning.errors import Finding, Severity
from pulumi_gcp_tuning.names import KmsKeyName, Location, MalformedName
from pulumi_gcp_tuning.preflight.facts import (
    Bucket,
    Fact,
    Key,
    KeyPolicies,
    Known,
    Missing,
    NotAsked,
    Policy,
    TunedParent,
)
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import Property, PropertyPath, Remedy, advise, like, words

PATH: Final = ("encryption_spec", "kms_key_name")
ROLE: Final = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
KMS: Final = "cloudkms.googleapis.com"
ONLY_REGION: Final = "us-central1"
"""The region in which bison models could be tuned with a customer's key."""

_WITHOUT: Final = advise("remove a property", "Leave {encryption_spec} out.")
_HALVES: Final = frozenset({"roles/cloudkms.cryptoKeyEncrypter", "roles/cloudkms.cryptoKeyDecrypter"})

NAME: Final = Rule(
    check="cmek",
    name="key name",
    refuses="a name that is not a key name (a key version, a URL, a missing part)",
    why="Google's discovery document gives the form of the name.",
    evidence="discovery",
)
PLACE: Final = Rule(
    check="cmek",
    name="key in the same single region",
    refuses="a key in another region, in a multi-region or in global",
    why="Google's discovery document: the key must be in the same region as the resource; its CMEK page excludes "
    "global, dual and multi-regions, so no key fits a resource in us or eu.",
    evidence="discovery",
)
MODEL: Final = Rule(
    check="cmek",
    name="model takes a key",
    refuses="a key with a model, or in a region, that cannot be tuned with customer-managed keys",
    why="Google's CMEK page and reports: results of Gemini 3.x are stored in us or eu, where no key fits; open "
    "models at global refuse a key.",
    evidence="thread",
)
EXISTS: Final = Rule(
    check="cmek",
    name="key exists",
    refuses="a key that does not exist",
    why="Cloud KMS answers 404 for it, and so does the job.",
    evidence="thread",
    facts=("key",),
)
USABLE: Final = Rule(
    check="cmek",
    name="key encrypts",
    refuses="a key of another purpose, without a primary version, or whose primary version is disabled, destroyed or "
    "scheduled for destruction; any key of a project in which the Cloud KMS API is disabled",
    why="Cloud KMS encrypts with an enabled primary version of an ENCRYPT_DECRYPT key only.",
    evidence="thread",
    facts=("key",),
)
GRANT: Final = Rule(
    check="cmek",
    name="service agent may use the key",
    refuses="nothing: it warns if no grant of encrypt and decrypt on the key to Vertex AI's service agent is found",
    why=f"Google's CMEK page requires {ROLE} for the agent. The policies of key, ring and project are read; a grant "
    "on a folder, to a group or in a custom role is not found, so this is only a warning.",
    evidence="thread",
    severity="warn",
    facts=("policies of key, ring and project", "project"),
)
BUCKET_KEY: Final = Rule(
    check="cmek",
    name="key where the bucket is",
    refuses="a dataset's key in another location than its bucket",
    why="Cloud Storage's page on customer-managed keys: the key is in the location of the bucket, also where that is a "
    "multi-region.",
    evidence="thread",
    facts=("bucket",),
)
STORAGE_GRANT: Final = Rule(
    check="cmek",
    name="Cloud Storage may use the key",
    refuses="nothing: it warns if no grant of encrypt and decrypt on the key to Cloud Storage's service agent is found",
    why=f"Cloud Storage's page on customer-managed keys requires {ROLE} for the agent of the bucket's project. A grant "
    "on a folder, to a group or in a custom role is not found, so this is only a warning.",
    evidence="thread",
    severity="warn",
    facts=("policies of key, ring and project", "bucket"),
)
PIPELINE: Final = Rule(
    check="cmek",
    name="bison models with a key",
    refuses="a key for pipeline tuning unless the accelerator is GPU and both pipeline and upload region are us-central1",
    why="Seed 002.",
    evidence="seed",
)
SAME_KEY: Final = Rule(
    check="cmek",
    name="continuous tuning with the same key",
    refuses="continuous tuning with a different key than the parent model's, or with none if the parent has one",
    why="Google's page on continuous tuning.",
    evidence="thread",
    facts=("parent model",),
)
RULES: Final = (NAME, PLACE, MODEL, EXISTS, USABLE, GRANT, BUCKET_KEY, STORAGE_GRANT, PIPELINE, SAME_KEY)


def check_key_place(key_name: str | None, location: str | None, *, path: PropertyPath = PATH) -> list[Finding]:
    """The name is a key name, and the key is in the region of the data that it encrypts."""
    if key_name is None:
        return []
    try:
        key = KmsKeyName.parse(key_name)
    except MalformedName as error:
        problem = f"{key_name!r} is not the name of a KMS key: {error.reason}."
        return [NAME.finding(path, problem, like(error.example))]
    takes_keys = location is not None and Location(location).kind == "region"
    if location is None or (key.location == location and takes_keys):
        return []
    kind = Location(key.location).kind
    where = key.location if kind == "region" else f"{key.location} ({'a ' if kind != 'global' else ''}{kind})"
    problem = f"The key is in {where}, but the resource that it encrypts is in {location}."
    if not takes_keys:
        way_out = "No customer-managed key works in {place}: leave the key out, or use a single region."
        remedy = advise("remove a property", way_out, place=location)
    else:
        way_out = "Use a key in {place}: Google accepts only a key in the same single region."
        remedy = advise("set a property", way_out, place=location)
    return [PLACE.finding(path, problem, remedy)]


def check_model_takes_key(
    key_name: str | None,
    base_model: str | None,
    location: str | None,
    as_of: date,
    *,
    catalogue: Catalogue | None = None,
) -> list[Finding]:
    """The base model can be tuned with a customer's key, in this region."""
    known = catalogue or shipped()
    row = known.find_model(base_model) if base_model else None
    if key_name is None or row is None:
        return []
    path = ("encryption_spec",)
    severity: Severity = "error" if row.sure_of("cmek") else "warn"
    if location == "global":
        problem = "A job at global cannot use a customer-managed key."
        regions = [r for r in row.regions if r != "global" and row.takes_key_in(r)]
        way_out = "Set {location} to one of {regions}, or leave {encryption_spec} out."
        remedy = advise("set a property", way_out, regions=", ".join(regions[:6]))
        return [MODEL.finding(path, problem, remedy if regions else _WITHOUT)]
    if row.cmek and (location is None or row.takes_key_in(location)):
        return []
    if row.cmek and location is not None:
        if row.cmek_regions is None or location not in known.regions:
            return []  # the model supports keys in all its regions; another check tests the region
        problem = f"{row.id} cannot be tuned with a customer-managed key in {location}."
        places = ", ".join(row.cmek_regions or row.regions)
        remedy = advise("set a property", "Tune it in {places}, or leave {encryption_spec} out.", places=places)
        return [MODEL.finding(path, problem, remedy, severity=severity)]
    problem = f"{row.id} cannot be tuned with a customer-managed key"
    problem += ": its results are stored in us or eu." if row.result_locations else "."
    others = known.tunable_models(as_of, region=location, cmek=True)
    elsewhere = [] if others else known.tunable_models(as_of, cmek=True)
    instead = words(": no model with CMEK can be tuned on {day}.", day=as_of)
    if others:
        instead = words(", or tune {models}.", models=" or ".join(others))
    elif elsewhere:
        first = known.models[elsewhere[0]]
        regions = [region for region in first.regions if first.takes_key_in(region)]
        instead = words(", or tune {model} in {regions}.", model=first.id, regions=" or ".join(regions[:6]))
    remedy = advise("remove a property", "Leave {encryption_spec} out{instead}", instead=instead)
    return [MODEL.finding(path, problem, remedy, severity=severity)]


def check_key(key_name: str | None, key: Fact[Key | None], *, path: PropertyPath = PATH) -> list[Finding]:
    """The key exists, encrypts, and its primary version is enabled."""
    if key_name is None or isinstance(key, NotAsked):
        return []
    if isinstance(key, Missing) and key.disabled == KMS:
        project = KmsKeyName.parse(key_name).project
        way_out = "Run `gcloud services enable {api} --project {id}`, or leave the key out."
        problem = f"The Cloud KMS API is disabled in project {project}, so its keys cannot be used."
        return [USABLE.finding(path, problem, advise("enable an API", way_out, api=KMS, id=project))]
    if isinstance(key, Missing):
        return [EXISTS.not_judged(path, key)]
    if key.value is None:
        remedy = advise(
            "create it first",
            "Create it first, or pass the id of the CryptoKey resource so that Pulumi creates it.",
        )
        return [EXISTS.finding(path, f"The key {key_name} does not exist.", remedy)]
    findings: list[Finding] = []
    purpose, state = key.value.purpose, key.value.primary_state
    encrypts = purpose in (None, "ENCRYPT_DECRYPT")
    if not encrypts:
        remedy = advise("set a property", "Use a key with purpose ENCRYPT_DECRYPT.")
        findings.append(USABLE.finding(path, f"The key's purpose is {purpose}.", remedy))
    if state is None and encrypts:
        remedy = advise("change it at Google", "Make one of its versions the primary version.")
        findings.append(USABLE.finding(path, "The key has no primary version.", remedy))
    elif state not in (None, "ENABLED"):
        findings.append(USABLE.finding(path, f"The key's primary version is {state}.", _usable(key.value)))
    return findings


def check_bucket_key(
    key_name: str | None,
    bucket: Fact[Bucket | None],
    declared_place: str | None = None,
    *,
    path: PropertyPath = ("kms_key_name",),
) -> list[Finding]:
    """A dataset's key is in the location of its bucket, or where the program declares a bucket that is not there yet."""
    if key_name is None:
        return []
    found = bucket.value if isinstance(bucket, Known) else None
    place = found.location if found is not None else declared_place
    if place is None:
        return [BUCKET_KEY.not_judged(path, bucket)] if isinstance(bucket, Missing) else []
    key = KmsKeyName.parse(key_name)
    if key.location == place:
        return []
    shown = f"bucket {found.name}" if found is not None else "bucket that the program declares"
    problem = f"The key is in {key.location}, but the {shown} is in {place}."
    remedy = advise("set a property", "Use a key in {place}, or a bucket in {other}.", place=place, other=key.location)
    return [BUCKET_KEY.finding(path, problem, remedy, severity="error" if found is not None else "warn")]


def check_key_grant(
    key_name: str | None,
    agents: tuple[str, ...] | None,
    policies: KeyPolicies,
    *,
    path: PropertyPath = PATH,
    rule: Rule = GRANT,
) -> list[Finding]:
    """A grant of encrypt and decrypt to each service agent (by email) is found on the key, its ring or its project."""
    if key_name is None or not agents:
        return []
    places = {"key": policies.key, "ring": policies.ring, "project": policies.project}
    read = {place: fact.value for place, fact in places.items() if isinstance(fact, Known)}
    without = [agent for agent in agents if not is_granted(agent, list(read.values()))]
    if not without:
        return []
    missing = [fact for fact in places.values() if isinstance(fact, Missing)]
    if missing:
        return [rule.not_judged(path, missing[0])]
    if "key" not in read:
        return []
    seen = " and ".join(read) if len(read) < 3 else "key, ring and project"
    problem = f"No grant of {ROLE} to {' or '.join(without)} was found (read: the policy of {seen})."
    remedy = advise(
        "grant a permission",
        "Grant it on the key, for example with gcp.kms.CryptoKeyIAMMember(role='{role}', "
        "member='serviceAccount:{agent}'); this check does not find grants on a folder, to a group or in a custom "
        "role.",
        role=ROLE,
        agent=without[0],
    )
    return [rule.finding(path, problem, remedy)]


def check_pipeline_key(
    key_name: str | None, accelerator_type: str | None, pipeline_region: str | None, upload_region: str | None
) -> list[Finding]:
    """Seed 002: a bison model can be tuned with a key only on GPU, with both locations us-central1.

    ``accelerator_type`` None is Google's default, GPU; ``upload_region`` None is the pipeline's region.
    """
    if key_name is None:
        return []
    findings: list[Finding] = []
    if accelerator_type is not None and accelerator_type.upper() != "GPU":
        problem = f"Pipeline tuning on {accelerator_type} cannot use a customer-managed key."
        remedy = advise("set a property", "Set {accelerator_type} to GPU, or leave the key out.")
        findings.append(PIPELINE.finding(("accelerator_type",), problem, remedy))
    for name, region in (("location", pipeline_region), ("tuned_model_location", upload_region)):
        if region is not None and region != ONLY_REGION:
            problem = f"Pipeline tuning can use a customer-managed key only in {ONLY_REGION}; this is {region}."
            place, way_out = Property((name,)), "Set {place} to {region}, or leave the key out."
            remedy = advise("set a property", way_out, place=place, region=ONLY_REGION)
            findings.append(PIPELINE.finding(place.path, problem, remedy))
    return findings


def check_same_key(
    key_name: str | None, parent: Fact[TunedParent | None], *, key_known: bool = True, path: PropertyPath = PATH
) -> list[Finding]:
    """Continuous tuning uses its parent model's key. ``key_known`` False: the key is known only at apply."""
    if not key_known:
        return []
    if isinstance(parent, Missing):
        return [SAME_KEY.not_judged(path, parent)]
    if not isinstance(parent, Known) or parent.value is None:
        return []
    theirs = parent.value.key
    if (theirs or None) == (key_name or None) or (theirs and key_name and _same_key(theirs, key_name)):
        return []
    if theirs is None:
        problem = f"{parent.value.name} was tuned without a customer-managed key."
        remedy = _WITHOUT
    else:
        problem = f"{parent.value.name} was tuned with {theirs}" + (f", not {key_name}." if key_name else ".")
        way_out = "Set {path} to {key}: continuous tuning uses the parent's key."
        remedy = advise("set a property", way_out, path=Property(PATH), key=theirs)
    return [SAME_KEY.finding(path, problem, remedy)]


def _same_key(one: str, other: str) -> bool:
    return one.split("/")[2:] == other.split("/")[2:]


def is_granted(agent: str, policies: Sequence[Policy]) -> bool:
    """Whether the policies, taken together, grant the service agent encrypt and decrypt."""
    member = f"serviceAccount:{agent}"
    held = frozenset(role for policy in policies for role in policy.roles_of(member))
    return ROLE in held or held >= _HALVES


def _usable(key: Key) -> Remedy:
    verb = "Restore and enable" if key.primary_state == "DESTROY_SCHEDULED" else "Enable"
    version = key.primary_version or "1"
    if key.primary_state == "DESTROYED":
        way_out = "A destroyed version does not come back: make a new primary version, or use another key."
        return advise("change it at Google", way_out)
    if key.primary_state in ("PENDING_GENERATION", "PENDING_IMPORT"):
        return advise("wait", "Wait until version {version} of the key is there, or use another key.", version=version)
    if key.primary_state not in ("DISABLED", "DESTROY_SCHEDULED"):
        return advise("change it at Google", "Make a new primary version that is ENABLED, or use another key.")
    way_out = "{verb} version {version} of the key, or use another key."
    return advise("change it at Google", way_out, verb=verb, version=version)
