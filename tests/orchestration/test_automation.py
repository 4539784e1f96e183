"""Downstream is asked for when upstream is new, and not otherwise."""

from collections import deque
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from orchestration.defs.automation import FOLLOWS, follows

FIRST = dg.AssetKey(["parsed", "company_pages"])
PEOPLE = dg.AssetKey(["observed", "people"])
LAST = dg.AssetKey(["crm", "outbox"])

# Counts of the run, which are published without history, signals or scores.
ASIDE = {dg.AssetKey(["source_runs"]), dg.AssetKey(["source_run_outcomes"])}


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    from orchestration.definitions import defs

    return defs()


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


@pytest.fixture(scope="module")
def chain(graph) -> list[dg.AssetKey]:
    """A shortest way from a source's records to the outbox, by the graph's edges."""
    came_from, waiting = {PEOPLE: FIRST}, deque([PEOPLE])
    while LAST not in came_from:
        key = waiting.popleft()
        for child in sorted(graph.get(key).child_keys, key=str):
            if child not in came_from and child not in ASIDE:
                came_from[child] = key
                waiting.append(child)
    way = [LAST]
    while way[-1] != FIRST:
        way.append(came_from[way[-1]])
    return way[::-1]


def test_what_follows_and_what_begins(graph):
    for key in graph.materializable_asset_keys:
        condition = graph.get(key).automation_condition
        assert (condition == FOLLOWS) == follows(key), key
    begins = {k.path[0] for k in graph.materializable_asset_keys if not follows(k)}
    assert begins == {"accounts", "raw", "retention", "outcomes", "crm"}
    # A plan follows; sending it is for the schedule and for people.
    assert follows(LAST)
    assert not follows(dg.AssetKey(["crm", "csv_file"]))


def test_downstream_is_asked_for_when_upstream_is_new(definitions, chain):
    assert len(chain) > 6
    selection = dg.AssetSelection.assets(*chain)
    today = datetime.now(UTC).date()
    with dg.DagsterInstance.ephemeral() as instance:

        def ask(cursor=None) -> tuple[set[dg.AssetKey], object]:
            result = dg.evaluate_automation_conditions(
                definitions, instance, selection, cursor=cursor
            )
            asked = {key for key in chain if result.get_num_requested(key)}
            return asked, result.cursor

        def materialise(key: dg.AssetKey, day=None) -> None:
            instance.report_runless_asset_event(
                dg.AssetMaterialization(
                    key, partition=None if day is None else day.isoformat()
                )
            )

        asked, cursor = ask()
        assert asked == set(), "nothing has happened yet"

        # The newest day of a source: the next step is asked for, and what follows it
        # in the same run. The source itself is not.
        materialise(FIRST, today)
        asked, cursor = ask(cursor)
        assert asked == set(chain) - {FIRST}

        asked, cursor = ask(cursor)
        assert asked == set(), "asked for once"

        # In the middle: what is below it, and nothing above it.
        for key in chain[1:]:
            materialise(key)
        _, cursor = ask(cursor)
        middle = len(chain) // 2
        materialise(chain[middle])
        asked, cursor = ask(cursor)
        assert asked == set(chain[middle + 1 :])

        # An upstream that is visited does not wait for days that never were.
        materialise(dg.AssetKey(["raw", "company_pages"]), today - timedelta(days=3))
        asked, cursor = ask(cursor)
        assert asked == set()


def test_the_sensor_is_there_and_is_turned_on_by_a_person(definitions):
    sensor = definitions.resolve_sensor_def("downstream_follows")
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED
