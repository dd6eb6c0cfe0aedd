"""Which permissions there are: those of Cloud Storage and Cloud KMS, by resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tuning_sandbox.kernel import GoogleError

_POLICY: Final = "getIamPolicy setIamPolicy"
_TAGS: Final = "createTagBinding deleteTagBinding listEffectiveTags listTagBindings"
_VERBS: Final = {
    "storage.bucketOperations": "cancel get list",
    "storage.buckets": (
        "create delete enableObjectRetention exemptFromIpFilter get getIpFilter getObjectInsights list relocate restore setIpFilter "
        f"update {_POLICY} {_TAGS}"
    ),
    "storage.anywhereCaches": "create disable get list pause resume update",
    "storage.folders": f"create delete get list rename {_POLICY}",
    "storage.hmacKeys": "create delete get list update",
    "storage.intelligenceConfigs": "get update",
    "storage.managedFolders": f"create delete get list {_POLICY}",
    "storage.multipartUploads": "abort create list listParts",
    "storage.objects": (
        "create createContext delete deleteContext get list move overrideUnlockedRetention restore setRetention update "
        f"updateContext {_POLICY}"
    ),
    "cloudkms.autokeyConfigs": "get update",
    "cloudkms.cryptoKeyVersions": (
        "create delete destroy get list manageRawAesCbcKeys manageRawAesCtrKeys manageRawPKCS1Keys restore trustedImportExport "
        "update useToDecapsulate useToDecrypt useToDecryptViaDelegation useToEncrypt useToEncryptViaDelegation useToSign "
        "useToVerify viewPublicKey"
    ),
    "cloudkms.cryptoKeys": f"create delete get list update {_POLICY}",
    "cloudkms.ekmConfigs": f"get update {_POLICY}",
    "cloudkms.ekmConnections": f"create get list update use verifyConnectivity {_POLICY}",
    "cloudkms.importJobs": f"create get list useToImport {_POLICY}",
    "cloudkms.keyHandles": "create get list",
    "cloudkms.keyRings": f"create get list {_POLICY} {_TAGS}",
    "cloudkms.locations": "generateRandomBytes get list optOutKeyDeletionMsa",
    "cloudkms.operations": "get",
    "cloudkms.projects": "showEffectiveAutokeyConfig",
    "cloudkms.protectedResources": "search",
}
KNOWN: Final = frozenset(f"{resource}.{verb}" for resource, verbs in _VERBS.items() for verb in verbs.split())
_SERVICES: Final = ("storage.", "cloudkms.")


def refuse_unknown(names: Iterable[str]) -> None:
    """501 for a permission of these services that the sandbox has not heard of; Google may have it since."""
    for name in names:
        if name.startswith(_SERVICES) and name not in KNOWN:
            raise GoogleError(501, "UNIMPLEMENTED", f"The sandbox does not know the permission {name}.")
