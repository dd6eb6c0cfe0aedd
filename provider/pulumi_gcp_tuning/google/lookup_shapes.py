"""The shapes of what Storage, KMS, IAM and the services around a project answer.

A shape demands only the fields that Google always sends: one at its default value is left out of an answer.
"""

from __future__ import annotations

from typing import Any, Final, NotRequired

from typing_extensions import TypedDict

from pulumi_gcp_tuning.google.shape import Shape


class _Encryption(TypedDict):
    defaultKmsKeyName: NotRequired[str]


class _Placement(TypedDict):
    dataLocations: NotRequired[list[str]]


class _Billing(TypedDict):
    requesterPays: NotRequired[bool]


class _Bucket(TypedDict):
    name: str
    location: NotRequired[str]
    locationType: NotRequired[str]
    projectNumber: NotRequired[str | int]
    encryption: NotRequired[_Encryption]
    customPlacementConfig: NotRequired[_Placement]
    billing: NotRequired[_Billing]


class _Object(TypedDict):
    name: str
    bucket: str
    generation: str
    metageneration: str
    metadata: NotRequired[dict[str, str]]
    crc32c: NotRequired[str]
    size: NotRequired[str]
    kmsKeyName: NotRequired[str]


class _Objects(TypedDict):
    nextPageToken: NotRequired[str]
    items: NotRequired[list[_Object]]


class _Granted(TypedDict):
    permissions: NotRequired[list[str]]


BUCKET: Final = Shape("a bucket", _Bucket)
OBJECT: Final = Shape("an object", _Object)
OBJECTS: Final = Shape("a list of objects", _Objects)
GRANTED: Final = Shape("a list of permissions", _Granted)


class _Binding(TypedDict):
    role: str
    members: NotRequired[list[str]]
    condition: NotRequired[dict[str, Any]]


class _Policy(TypedDict):
    bindings: NotRequired[list[_Binding]]


class _KeyVersion(TypedDict):
    name: NotRequired[str]
    state: NotRequired[str]
    protectionLevel: NotRequired[str]


class _Key(TypedDict):
    name: str
    purpose: NotRequired[str]
    primary: NotRequired[_KeyVersion]


class _ServiceAccount(TypedDict):
    email: str
    disabled: NotRequired[bool]


POLICY: Final = Shape("a policy", _Policy)
KEY: Final = Shape("a key", _Key)
SERVICE_ACCOUNT: Final = Shape("a service account", _ServiceAccount)


class _Project(TypedDict):
    name: str
    projectId: NotRequired[str]


class _Service(TypedDict):
    name: str
    state: NotRequired[str]


class _Services(TypedDict):
    services: list[_Service]


class _BillingInfo(TypedDict):
    name: str
    billingEnabled: NotRequired[bool]
    billingAccountName: NotRequired[str]


class _Values(TypedDict):
    allowedValues: NotRequired[list[str]]
    deniedValues: NotRequired[list[str]]


class _Rule(TypedDict):
    values: NotRequired[_Values]
    allowAll: NotRequired[bool]
    denyAll: NotRequired[bool]
    condition: NotRequired[dict[str, Any]]


class _Rules(TypedDict):
    rules: NotRequired[list[_Rule]]


class _OrgPolicy(TypedDict):
    name: str
    spec: NotRequired[_Rules]


class _Limit(TypedDict):
    value: NotRequired[str | int]


class _DimensionsInfo(TypedDict):
    details: NotRequired[_Limit]
    dimensions: NotRequired[dict[str, str]]
    applicableLocations: NotRequired[list[str]]


class _QuotaInfo(TypedDict):
    quotaId: NotRequired[str]
    metric: NotRequired[str]
    quotaDisplayName: NotRequired[str]
    metricDisplayName: NotRequired[str]
    serviceRequestQuotaUri: NotRequired[str]
    dimensions: NotRequired[list[str]]
    dimensionsInfos: NotRequired[list[_DimensionsInfo]]


class _QuotaInfos(TypedDict):
    nextPageToken: NotRequired[str]
    quotaInfos: NotRequired[list[_QuotaInfo]]


PROJECT: Final = Shape("a project", _Project)
SERVICES: Final = Shape("a list of APIs", _Services)
BILLING_INFO: Final = Shape("the billing of a project", _BillingInfo)
ORG_POLICY: Final = Shape("an organization policy", _OrgPolicy)
QUOTA_INFOS: Final = Shape("a list of quotas", _QuotaInfos)
