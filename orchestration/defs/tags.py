"""Tags of assets: what to filter by in the UI and in selections (`tag:step=read`).

Every asset has `step`; those of one source have `source`; those with a contract have
its version and whether a column may name a person.
"""

from functools import cache

import dagster as dg

from orchestration.contracts.odcs import Contract, contract, contract_paths

# What a group does, in the words of docs/architecture.md.
_STEPS = {
    "accounts": "watch",
    "landing": "visit",
    "parsed": "read",
    "observed": "gate",
    "catalogue": "model",
    "staging": "model",
    "history": "model",
    "signals": "model",
    "features": "model",
    "outcomes": "model",
    "scores": "score",
    "bi": "publish",
    "crm": "send",
    "rights": "keep",
}
_OF_ONE_SOURCE = ("raw", "parsed")
# Tables whose contract is not where their key says.
_ELSEWHERE = {
    "accounts/places": "places",
    "accounts/opt_outs": "opt_outs",
    "accounts/sources": "sources",
    "outcomes/crm": "crm_outcomes",
    "outcomes/feedback": "crm_feedback",
}


def contract_of(key: dg.AssetKey) -> Contract | None:
    """The contract of the table an asset is, by path or by name; None without one."""
    told = "/".join(key.path)
    path = _paths().get(_ELSEWHERE.get(told, told))
    return contract(path) if path else None


@cache
def _paths() -> dict[str, str]:
    """Paths of contracts, by path and by the last name of it."""
    paths = contract_paths()
    return {p.rsplit("/", 1)[-1]: p for p in paths} | {p: p for p in paths}


def tags_of(spec: dg.AssetSpec) -> dict[str, str]:
    """The tags of an asset.

    Raises:
        KeyError: when its group is not one of the steps above.
    """
    tags = {"step": _STEPS[str(spec.group_name)]}
    if spec.key.path[0] in _OF_ONE_SOURCE:
        tags["source"] = spec.key.path[1]
    promise = contract_of(spec.key)
    if promise is not None:
        tags["contract"] = promise.version
        tags["personal_data"] = "yes" if promise.personal else "no"
    return tags
