"""What KMS says of a key, asked once per run and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.errors import NotFound, TuningError
from pulumi_gcp_tuning.names import KmsKeyName, MalformedName
from pulumi_gcp_tuning.preflight.cmek import KeyFact

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.lifecycle import Call


def fetch_key_fact(call: Call, key_name: str | None) -> KeyFact | None:
    """The fact that the CMEK check judges; None where there is no key to ask about. Never raises.

    A key that is not there is asked about again next time: this very run may create it.
    """
    if key_name is None:
        return None
    try:
        name = str(KmsKeyName.parse(key_name))
        return KeyFact(key=call.google.cached("crypto_key", name, lambda: call.google.kms.get_crypto_key(name)))
    except MalformedName:
        return None
    except NotFound:
        return KeyFact()
    except TuningError as error:
        return KeyFact(unreadable=str(error).splitlines()[0])
