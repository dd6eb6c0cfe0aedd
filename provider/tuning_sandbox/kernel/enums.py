"""Numbers of Google's enums on the wire, where they differ from the order in the discovery documents."""

from __future__ import annotations

# Discovery gives names only. Nearly every enum numbers them in that order, from 0; these do not.
# Keyed by "Message.field" without the package; the tests compare every enum of Vertex with Google's own types.
_ADAPTER = {
    "ADAPTER_SIZE_UNSPECIFIED": 0,
    "ADAPTER_SIZE_ONE": 1,
    "ADAPTER_SIZE_FOUR": 2,
    "ADAPTER_SIZE_EIGHT": 3,
    "ADAPTER_SIZE_SIXTEEN": 4,
    "ADAPTER_SIZE_THIRTY_TWO": 5,
    "ADAPTER_SIZE_TWO": 6,
}
_STAGE = {
    "DEPLOYMENT_STAGE_UNSPECIFIED": 0,
    "STARTING_MODEL_SERVER": 3,
    "FINISHING_UP": 4,
    "STARTING_DEPLOYMENT": 5,
    "PREPARING_MODEL": 6,
    "CREATING_SERVING_CLUSTER": 7,
    "ADDING_NODES_TO_CLUSTER": 8,
    "GETTING_CONTAINER_IMAGE": 9,
    "DEPLOYMENT_TERMINATED": 10,
    "SUCCESSFULLY_DEPLOYED": 11,
    "FAILED_TO_DEPLOY": 12,
}
_HARM = {
    "HARM_CATEGORY_UNSPECIFIED": 0,
    "HARM_CATEGORY_HATE_SPEECH": 1,
    "HARM_CATEGORY_DANGEROUS_CONTENT": 2,
    "HARM_CATEGORY_HARASSMENT": 3,
    "HARM_CATEGORY_SEXUALLY_EXPLICIT": 4,
    "HARM_CATEGORY_CIVIC_INTEGRITY": 5,
    "HARM_CATEGORY_JAILBREAK": 6,
}
_PHISH = {
    "PHISH_BLOCK_THRESHOLD_UNSPECIFIED": 0,
    "BLOCK_LOW_AND_ABOVE": 30,
    "BLOCK_MEDIUM_AND_ABOVE": 40,
    "BLOCK_HIGH_AND_ABOVE": 50,
    "BLOCK_HIGHER_AND_ABOVE": 55,
    "BLOCK_VERY_HIGH_AND_ABOVE": 60,
    "BLOCK_ONLY_EXTREMELY_HIGH": 100,
}

NUMBERS: dict[str, dict[str, int]] = {
    "SupervisedHyperParameters.adapterSize": _ADAPTER,
    "DistillationHyperParameters.adapterSize": _ADAPTER,
    # no generated type has these two; their numbers are assumed to be those of the related enums
    "PreferenceOptimizationHyperParameters.adapterSize": _ADAPTER,
    "ReinforcementTuningHyperParameters.adapterSize": _ADAPTER,
    "VeoHyperParameters.adapterSize": {
        "ADAPTER_SIZE_UNSPECIFIED": 0,
        "ADAPTER_SIZE_EIGHT": 8,
        "ADAPTER_SIZE_SIXTEEN": 16,
        "ADAPTER_SIZE_THIRTY_TWO": 32,
    },
    "CreateEndpointOperationMetadata.deploymentStage": _STAGE,
    "DeployModelOperationMetadata.deploymentStage": _STAGE,
    "SafetyRating.category": _HARM,
    "SafetySetting.category": _HARM,
    "EnterpriseWebSearch.blockingConfidence": _PHISH,
    "ToolGoogleSearch.blockingConfidence": _PHISH,
    "FunctionCallingConfig.mode": {"MODE_UNSPECIFIED": 0, "AUTO": 1, "ANY": 2, "NONE": 3, "VALIDATED": 5},
    "GenerateContentResponsePromptFeedback.blockReason": {
        "BLOCKED_REASON_UNSPECIFIED": 0,
        "SAFETY": 1,
        "OTHER": 2,
        "BLOCKLIST": 3,
        "PROHIBITED_CONTENT": 4,
        "MODEL_ARMOR": 5,
        "JAILBREAK": 6,
    },
    "GenerateContentResponseUsageMetadata.trafficType": {
        "TRAFFIC_TYPE_UNSPECIFIED": 0,
        "ON_DEMAND": 1,
        "PROVISIONED_THROUGHPUT": 2,
        "ON_DEMAND_PRIORITY": 3,
        "ON_DEMAND_FLEX": 4,
    },
    "MachineSpec.acceleratorType": {
        "ACCELERATOR_TYPE_UNSPECIFIED": 0,
        "NVIDIA_TESLA_K80": 1,
        "NVIDIA_TESLA_P100": 2,
        "NVIDIA_TESLA_V100": 3,
        "NVIDIA_TESLA_P4": 4,
        "NVIDIA_TESLA_T4": 5,
        "TPU_V2": 6,
        "TPU_V3": 7,
        "NVIDIA_TESLA_A100": 8,
        "NVIDIA_A100_80GB": 9,
        "TPU_V4_POD": 10,
        "NVIDIA_L4": 11,
        "TPU_V5_LITEPOD": 12,
        "NVIDIA_H100_80GB": 13,
        "NVIDIA_H100_MEGA_80GB": 14,
        "NVIDIA_H200_141GB": 15,
        "NVIDIA_B200": 16,
        "NVIDIA_GB200": 17,
        "NVIDIA_RTX_PRO_6000": 18,
    },
    "ExplanationMetadataInputMetadataVisualization.colorMap": {
        "COLOR_MAP_UNSPECIFIED": 0,
        "PINK_GREEN": 1,
        "VIRIDIS": 2,
        "RED": 3,
        "GREEN": 4,
        "PINK_WHITE_GREEN": 5,
        "RED_GREEN": 6,
    },
    "AuthConfig.authType": {
        "AUTH_TYPE_UNSPECIFIED": 0,
        "NO_AUTH": 1,
        "API_KEY_AUTH": 2,
        "HTTP_BASIC_AUTH": 3,
        "GOOGLE_SERVICE_ACCOUNT_AUTH": 4,
        "OAUTH": 6,
        "OIDC_AUTH": 8,
    },
}


def number_of(owner: str, names: list[str], name: str) -> int | str | None:
    """The number of an enum name in `Message.field` (the name itself where the number is not known); None: no such name."""
    table = NUMBERS.get(owner)
    if table is not None:
        return table.get(name, name if name in names else None)
    return names.index(name) if name in names else None


def name_of(owner: str, names: list[str], number: int) -> str | None:
    """The enum name that has the number, or None."""
    table = NUMBERS.get(owner)
    if table is not None:
        return next((name for name, n in table.items() if n == number), None)
    return names[number] if 0 <= number < len(names) else None
