"""Downstream follows upstream: which assets are asked for when what they read is new.

Whoever turns the sensor on gets a run for whatever lies below an asset that was
materialised alone. What begins a day is no part of it: crawls are asked for by the
schedule, the watch list by its file, and nothing is sent to a CRM by itself.
"""

import dagster as dg

# Sources that were never asked have days that are missing, and are no reason to wait:
# the partitions of a day go back to 2015.
FOLLOWS = (
    dg.AutomationCondition.eager()
    .without(~dg.AutomationCondition.any_deps_missing())
    .with_label("follows_upstream")
)
_BEGINS = frozenset({"accounts", "raw", "retention"})
# Read from files that people put there.
_GIVEN = (("outcomes", "crm"), ("outcomes", "feedback"))
_SENDS = ("crm", "outbox")


def follows(key: dg.AssetKey) -> bool:
    """Whether an asset is asked for when what it reads is new."""
    if key.path[0] == "crm":
        return tuple(key.path) == _SENDS
    return key.path[0] not in _BEGINS and tuple(key.path) not in _GIVEN


FOLLOW_UPSTREAM = dg.AutomationConditionSensorDefinition(
    name="downstream_follows",
    target=dg.AssetSelection.all(),
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description=(
        "Asks for what reads an asset that was materialised alone, down to the "
        "published tables and the CRM outbox. Crawls and sending are left to the "
        "schedule and to people."
    ),
)


@dg.definitions
def defs() -> dg.Definitions:
    """The sensor that asks for what follows; it is off until somebody turns it on."""
    return dg.Definitions(sensors=[FOLLOW_UPSTREAM])
