"""One asset for each destination of `publish/destinations`, found by its name."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from orchestration import settings
from orchestration.defs.patience import again_later
from orchestration.defs.pools import sending_pool
from orchestration.progress import announce
from orchestration.publish.destinations.protocol import (
    DestinationFailed,
    Place,
    destination,
    destination_names,
    version_of,
)
from orchestration.publish.keep import Keep
from orchestration.rights import outside

PUBLISHED = dg.AssetKey(["bi", "published"])


def why_not(name: str) -> str | None:
    """Why nothing is published to a destination, in one sentence; None where it is."""
    if settings.replay() is not None:
        return "a replayed web is published in the home folder only"
    if settings.destination_address(name) is None:
        return f"LYTTEPOST_{name.upper()} is not set"
    return None


def keep() -> Keep:
    """How many versions stay, and for how long, in every destination."""
    versions, at_least = settings.kept_versions()
    return Keep(versions, at_least)


# Tries and seconds before the first: 5, 10 and 20 minutes.
_AWAY = 3, 300


def current() -> Path:
    """The folder of the version that readers get."""
    return settings.home() / "published" / "current"


def place_of(name: str) -> Place:
    """Where a destination is, as the settings say."""
    return Place(
        settings.destination_address(name) or "",
        settings.destination_options(name, destination(name).OPTIONS),
    )


def destination_asset(name: str) -> dg.AssetsDefinition:
    """`bi/<destination>`: the published version there, and a check that it is."""
    to = destination(name)
    key = dg.AssetKey(["bi", name])

    @dg.multi_asset(
        name=f"bi_{name}",
        pool=sending_pool("bi", name),
        group_name="bi",
        specs=[
            dg.AssetSpec(
                key,
                deps=[PUBLISHED],
                kinds=set(to.KINDS),
                description=(
                    f"{to.DESCRIPTION} Skipped unless LYTTEPOST_{name.upper()} says "
                    "where to; never of a replayed web. A failed publish leaves the "
                    "former version in place."
                ),
                skippable=True,
            )
        ],
    )
    def _destination(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult]:
        reason = why_not(name)
        if reason is not None:
            context.log.info(f"bi/{name} is skipped: {reason}")
            return
        version, place = version_of(current()), place_of(name)
        home, afresh = settings.home(), outside.is_pending(settings.home(), name)
        try:
            sent = to.publish(version, place, keep(), afresh=afresh)
        except DestinationFailed as error:
            outside.note_refused(home, name, str(error))
            later = again_later(context, *_AWAY)
            if later is not None:
                raise later from None
            raise dg.Failure(description=str(error), allow_retries=False) from None
        outside.note_published(
            home,
            name,
            place.shown(),
            datetime.now(UTC),
            is_clean=afresh and not sent.left,
        )
        state = version.name if sent.is_new else f"{version.name} stood there already"
        announce(f"bi/{name}: {state}")
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "version": version.name,
                "is_new": sent.is_new,
                "place": place.shown(),
                "rows": sum(version.rows().values()),
                "forgotten": ", ".join(sent.forgotten) or "none",
                "still_in_use": ", ".join(sent.left) or "none",
            },
        )

    return _destination


def destination_check(name: str) -> dg.AssetChecksDefinition:
    """What is there, held against the version; skipped where the asset is."""

    @dg.asset_check(
        asset=dg.AssetKey(["bi", name]),
        name="holds_the_version",
        pool=sending_pool("bi", name),
        description="What is there is what the published version says.",
    )
    def _check() -> dg.AssetCheckResult:
        version = version_of(current())
        try:
            wrong = destination(name).faults(version, place_of(name))
        except DestinationFailed as error:
            wrong = [str(error)]
        return dg.AssetCheckResult(
            passed=not wrong,
            description="; ".join(wrong[:5]) or f"{version.name}, with all its rows",
            metadata={"differences": len(wrong)},
        )

    return _check


@dg.definitions
def defs() -> dg.Definitions:
    """One asset a destination, and one check that it holds the version."""
    names = destination_names()
    return dg.Definitions(
        assets=[destination_asset(name) for name in names],
        asset_checks=[destination_check(name) for name in names],
    )
