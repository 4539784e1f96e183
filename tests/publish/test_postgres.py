"""PostgreSQL as a destination: what is there, who keeps what, what a kill leaves."""

import itertools
import re
import threading
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration.contracts.odcs import contract
from orchestration.publish.destinations.postgres import destination as postgres
from orchestration.publish.destinations.postgres.statements import postgres_type
from orchestration.publish.destinations.protocol import (
    DestinationFailed,
    Place,
    Version,
    version_of,
)
from orchestration.publish.keep import Keep
from orchestration.publish.published import PUBLISHED

pytestmark = pytest.mark.slow(40)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "bi.md"
_schemas = itertools.count()


@pytest.fixture
def place(postgres_server) -> Place:
    """A schema of the test's own."""
    return Place(postgres_server.address, {"schema": f"made_up_{next(_schemas)}"})


def ask(place: Place, *statements: str) -> list[tuple]:
    """Run statements, each with the test's schema for `{s}`; the last one's rows."""
    from adbc_driver_postgresql import dbapi

    with (
        dbapi.connect(place.address, autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(statement.format(s=place.options["schema"]))
        return list(cursor.fetchall()) if cursor.description else []


def shown(place: Place) -> str:
    ((name,),) = ask(place, "select version from {s}.published_version")
    return name


def test_tables_have_the_types_rows_and_words_of_the_contracts(versions, place):
    sent = postgres.publish(versions[0], place, Keep())
    assert sent.is_new
    assert postgres.faults(versions[0], place) == []
    got = ask(place, "select * from {s}.account_scores order by account_id")
    frame = pl.read_parquet(versions[0].folder / "account_scores.parquet")
    assert got == frame.sort("account_id").rows()
    for name, path in PUBLISHED.items():
        promise = contract(path)
        columns = ask(
            place,
            "select attname, format_type(atttypid, atttypmod), "
            "col_description(attrelid, attnum) from pg_attribute "
            f"where attrelid = '{{s}}.{name}'::regclass and attnum > 0 "
            "order by attnum",
        )
        assert columns == [
            (c.name, postgres_type(c.physical_type), c.description)
            for c in promise.columns
        ]
    keys = ask(
        place,
        "select count(*) from pg_index where indisprimary and indrelid "
        "in (select oid from pg_class where relnamespace::regnamespace::text "
        "like '{s}\\_2%')",
    )
    assert keys == [(len(PUBLISHED),)]
    assert not postgres.publish(versions[0], place, Keep()).is_new


def test_a_table_is_asked_as_of_a_day_by_the_same_name(versions, place):
    postgres.publish(versions[0], place, Keep())
    rows = ask(place, "select count(*) from {s}.signals_as_of(date '2025-12-01')")
    signals = pl.read_parquet(versions[0].folder / "signals.parquet")
    known = signals.filter(pl.col("known_at").dt.date() <= pl.date(2025, 12, 1))
    assert rows == [(known.height,)]


def test_after_an_erasure_nothing_of_before_stays(versions, place):
    for version in versions[:3]:
        postgres.publish(version, place, Keep(5))
    ask(
        place,
        "create schema {s}_staging",
        "create table {s}_staging.signals as select 'Kari Nordmann' as person_name",
        "create schema {s}_analysts",
    )
    schemas = (
        "select nspname from pg_namespace where nspname like '{s}\\_%' "
        "and nspname <> '{s}_analysts' order by 1"
    )
    day, digest = versions[0].name.rsplit("-", 1)
    oldest = f"{place.options['schema']}_{day.replace('-', '')}_{digest}"
    ask(place, f"create view {{s}}_analysts.v as select * from {oldest}.signals")
    kept = Keep(5, timedelta(hours=1))
    sent = postgres.publish(versions[2], place, kept, afresh=True)
    # Somebody's view stands on the oldest; it is theirs, and it is said.
    assert len(sent.forgotten) == len(sent.left) == 1
    ask(place, "drop view {s}_analysts.v")
    assert postgres.publish(versions[2], place, kept, afresh=True).left == ()
    assert len(ask(place, schemas)) == 1
    assert shown(place) == versions[2].name
    assert postgres.faults(versions[2], place) == []


def test_grants_and_views_of_analysts_outlive_every_swap(versions, place):
    postgres.publish(versions[0], place, Keep(1))
    ask(
        place,
        "create role {s}_seller login",
        "grant usage on schema {s} to {s}_seller",
        "grant select on {s}.account_timeline to {s}_seller",
        "create schema {s}_analysts",
        "create view {s}_analysts.newest as "
        "select max(known_at) as newest from {s}.account_timeline",
        "create materialized view {s}_analysts.kept as "
        "select account_id, count(*) as n from {s}.account_timeline group by 1",
    )
    newest = []
    for version in versions[1:]:
        postgres.publish(version, place, Keep(1))
        newest += ask(place, "select newest from {s}_analysts.newest")
    assert len({n for (n,) in newest}) == 3
    ask(place, "refresh materialized view {s}_analysts.kept")
    seller = ask(
        place,
        "set role {s}_seller",
        "select count(*) from {s}.account_timeline",
    )
    assert seller == [(22,)]
    with pytest.raises(Exception, match="permission denied"):
        ask(place, "set role {s}_seller", "select count(*) from {s}.signals")
    with pytest.raises(Exception, match="permission denied"):
        ask(place, "set role {s}_seller", "delete from {s}.account_timeline")


def test_the_read_only_role_of_the_docs_reads_all_tables_of_every_version(
    versions, place
):
    (told,) = re.findall(r"```postgresql\n(.*?)```", DOCS.read_text(), re.S)
    schema = place.options["schema"]
    # Roles are of the whole server: the test's own is named after its schema.
    mine = re.sub(r"\blyttepost\b", schema, told.replace("lyttepost_reader", "{s}_r"))
    mine = mine.replace("bi_publisher", "lyttepost")
    for statement in filter(str.strip, re.sub(r"--.*", "", mine).split(";")):
        ask(place, statement)
    for version in versions[:2]:
        postgres.publish(version, place, Keep(1))
        for name, rows in version.rows().items():
            query = f"select count(*) from {{s}}.{name}"
            assert ask(place, "set role {s}_r", query) == [(rows,)]
    with pytest.raises(Exception, match="must be owner"):
        ask(place, "set role {s}_r", "drop view {s}.signals")
    hidden = "select count(*) from {s}_" + postgres._label(versions[1]) + ".signals"
    with pytest.raises(Exception, match="permission denied"):
        ask(place, "set role {s}_r", hidden)


def test_old_versions_go_unless_somebody_uses_them(versions, place):
    for version in versions[:3]:
        postgres.publish(version, place, Keep(2))
    schemas = ask(
        place, "select nspname from pg_namespace where nspname like '{s}\\_2%'"
    )
    label = {f"{place.options['schema']}_{postgres._label(v)}" for v in versions[1:3]}
    assert {name for (name,) in schemas} == label
    old = f"{{s}}_{postgres._label(versions[1])}"
    ask(place, f"create view public.{{s}}_v as select * from {old}.signals")
    sent = postgres.publish(versions[3], place, Keep(1))
    assert sent.left == (postgres._label(versions[1]),)
    assert sent.forgotten == (postgres._label(versions[2]),)
    assert ask(place, "select count(*) from public.{s}_v") == [(22,)]
    # Back to a version that is still there: nothing is loaded.
    assert postgres.publish(versions[1], place, Keep(1)).is_new
    assert postgres.faults(versions[1], place) == []


def changed(monkeypatch, **columns: str | None) -> None:
    """The contract of sector_shifts, its columns renamed or with new ones behind."""
    import dataclasses

    real = contract("bi/sector_shifts")
    made = []
    for column in real.columns:
        name = columns.get(column.name, column.name)
        if name is not None:
            made.append(dataclasses.replace(column, name=name))
    made += [
        dataclasses.replace(real.columns[-1], name=new, required=False)
        for old, new in columns.items()
        if old.startswith("new") and new is not None
    ]
    fake = dataclasses.replace(real, columns=tuple(made))
    monkeypatch.setattr(
        postgres, "contract", lambda path: fake if "sector" in path else contract(path)
    )


def with_columns(version: Version, folder: Path, name: str, **columns) -> Version:
    """A copy of a version whose table has other columns too."""
    import json
    import shutil

    made = folder / f"{version.name.rsplit('-', 1)[0]}-{name * 12}"[: len(version.name)]
    shutil.copytree(version.folder, made)
    file = made / "sector_shifts.parquet"
    frame = pl.read_parquet(file)
    file.chmod(0o644)
    frame.with_columns(**columns).write_parquet(file)
    said = dict(version.manifest) | {"content_digest": name * 64}
    (made / "manifest.json").chmod(0o644)
    (made / "manifest.json").write_text(json.dumps(said))
    return version_of(made)


def test_a_new_column_goes_behind_and_disturbs_nothing(
    versions, place, tmp_path, monkeypatch
):
    postgres.publish(versions[0], place, Keep(1))
    ask(place, "create view public.{s}_w as select * from {s}.sector_shifts")
    last = contract("bi/sector_shifts").columns[-1].name
    changed(monkeypatch, new="added")
    wider = with_columns(versions[0], tmp_path, "a", added=pl.col(last))
    postgres.publish(wider, place, Keep(1))
    assert postgres.faults(wider, place) == []
    assert ask(place, "select count(added) from {s}.sector_shifts") == [(0,)]
    assert ask(
        place, "select count(added) from {s}.sector_shifts_as_of(date '2025-01-01')"
    ) == [(0,)]


def test_a_column_that_is_gone_is_refused_while_a_view_stands_on_it(
    versions, place, tmp_path, monkeypatch
):
    postgres.publish(versions[0], place, Keep(1))
    ask(
        place,
        "create role {s}_reader",
        "grant usage on schema {s} to {s}_reader",
        "grant select on {s}.sector_shifts to {s}_reader",
        "create view public.{s}_u as select * from {s}.sector_shifts",
    )
    last = contract("bi/sector_shifts").columns[-1].name
    changed(monkeypatch, **{last: "renamed"})
    other = with_columns(versions[0], tmp_path, "b", renamed=pl.col(last))
    with pytest.raises(DestinationFailed, match=r"public\.\w+_u stands on it"):
        postgres.publish(other, place, Keep(1))
    assert shown(place) == versions[0].name
    ask(place, "drop view public.{s}_u")
    postgres.publish(other, place, Keep(1))
    assert shown(place) == other.name
    assert ask(
        place, "set role {s}_reader", "select count(renamed) from {s}.sector_shifts"
    ) == [(0,)]


def test_a_function_of_a_table_without_days_goes_unless_it_is_used(versions, place):
    """As that of account_scores, which held every day until version 2."""
    postgres.publish(versions[0], place, Keep(1))
    ask(
        place,
        "create function {s}.account_scores_as_of(on_day date) returns setof "
        "{s}.account_scores language sql stable as 'select * from {s}.account_scores'",
        "create view public.{s}_f as "
        "select * from {s}.account_scores_as_of(date '2025-12-01')",
    )
    with pytest.raises(DestinationFailed, match=r"public\.\w+_f stands on"):
        postgres.publish(versions[1], place, Keep(1))
    assert shown(place) == versions[0].name
    ask(place, "drop view public.{s}_f")
    postgres.publish(versions[1], place, Keep(1))
    assert shown(place) == versions[1].name
    left = "select to_regprocedure('{s}.account_scores_as_of(date)')"
    assert ask(place, left) == [(None,)]


def test_a_reader_in_a_transaction_is_waited_for_and_sees_one_version(versions, place):
    from adbc_driver_postgresql import dbapi

    postgres.publish(versions[0], place, Keep(1))
    query = f"select max(known_at) from {place.options['schema']}.account_timeline"
    with dbapi.connect(place.address) as reader, reader.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute(query)
        first = cursor.fetchall()
        swap = threading.Thread(
            target=postgres.publish, args=(versions[1], place, Keep(1))
        )
        swap.start()
        swap.join(1.5)
        assert swap.is_alive()  # it waits for the reader, and others are let past it
        cursor.execute(query)
        assert cursor.fetchall() == first
        reader.rollback()
    swap.join(20)
    assert not swap.is_alive()
    assert shown(place) == versions[1].name


@pytest.mark.parametrize("moment", ["copy", "swap"])
def test_kill_9_of_the_server_leaves_the_former_tables(
    versions, place, postgres_server, monkeypatch, moment
):
    postgres.publish(versions[0], place, Keep(1))
    before = ask(place, "select * from {s}.account_timeline order by signal_id")
    calls = []

    def killed(real, at):
        def call(*args):
            calls.append(args)
            if len(calls) == at:
                postgres_server.kill()
            return real(*args)

        return call

    with monkeypatch.context() as patch:
        if moment == "copy":
            patch.setattr(postgres, "_copy", killed(postgres._copy, 5))
        else:
            # All statements of the swap have run, and the commit has not.
            real = postgres.together

            def held(statements):
                threading.Timer(1, postgres_server.kill).start()
                text = real(statements)
                return text.replace("; end $", "; perform pg_sleep(60); end $")

            patch.setattr(postgres, "together", held)
        with pytest.raises(DestinationFailed, match="the former version stands"):
            postgres.publish(versions[1], place, Keep(1))
    postgres_server.start()
    assert shown(place) == versions[0].name
    assert ask(place, "select * from {s}.account_timeline order by signal_id") == before
    assert postgres.faults(versions[0], place) == []
    assert postgres.publish(versions[1], place, Keep(1)).is_new
    assert postgres.faults(versions[1], place) == []


def test_two_publishers_of_one_schema_are_told_apart(versions, place):
    schema = place.options["schema"]
    with postgres._connected(place) as first:
        postgres._alone(first, schema, place)
        with pytest.raises(DestinationFailed, match="another run is publishing"):
            postgres.publish(versions[0], place, Keep(1))


def test_a_schema_that_is_no_plain_name_is_refused(versions, postgres_server):
    bad = Place(postgres_server.address, {"schema": 'x"; drop schema public'})
    with pytest.raises(DestinationFailed, match="cannot be used"):
        postgres.publish(versions[0], bad, Keep(1, timedelta(hours=1)))
