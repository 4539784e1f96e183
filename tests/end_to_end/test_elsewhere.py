"""Crawled in shards, kept in an object store, built in another home: the same tables.

A small recorded web, made up: one home observes it in one piece, on this disk. Three
others crawl a shard each into an S3-compatible store on loopback and are thrown away;
an empty one then builds all tables from what the store holds.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import fsspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from orchestration.defs.accounts.assets import accounts
from orchestration.defs.landing import assets as landing
from orchestration.defs.partitions import shard_key
from orchestration.doctor import examine
from orchestration.replay.process import serving
from scrapers.landing import read_visits
from scrapers.shards import every_shard
from scrapers.source import load_source
from tests.end_to_end.conftest import lyttepost, published
from tests.object_store import bucket

pytestmark = pytest.mark.slow(90)

SOURCE = "company_pages"
DAYS = ("2025-03-03", "2025-03-10", "2025-03-17")
# In each of three shards there is one.
COMPANIES = ("bre", "dal", "elv", "mo", "nes", "vik")
# Measured, or made with the key of a home: another one has other pseudonyms.
OTHERWISE = {
    "people_history": ("person_key",),
    "role_slot_history": ("person_key",),
    "source_runs": ("requests", "archive_bytes", "crawl_seconds", "parse_seconds"),
    "account_score_history": ("is_written_down", "written_at"),
}


def _person(name: str, title: str) -> str:
    return (
        f'<div class="person"><h3 class="name">{name}</h3>'
        f'<p class="title">{title}</p></div>'
    )


def _pages(company: str, week: int) -> dict[str, str]:
    """A site that tells of another leader from the second week on."""
    leader = "Kari Fossum" if week and company in ("bre", "vik") else "Ola Lunde"
    people = _person(f"{leader}", "Daglig leder") + _person("Siri Moe", "Salgssjef")
    links = '<a href="/ledelsen">Ledelsen</a><a href="/om-oss">Om oss</a>'
    text = f"<p>{company.title()} AS leverer bruer til hele landet, uke {week}.</p>"
    return {
        "/": f"<h1>{company.title()} AS</h1>{links}{text}",
        "/ledelsen": f"<h1>Ledelsen</h1><div class='people'>{people}</div>",
        "/om-oss": "<h1>Om oss</h1><p>Vi har bygget bruer siden 1962.</p>",
    }


@pytest.fixture(scope="module")
def web(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("web")
    (folder / "bodies").mkdir()
    rows, shown = [], {}
    for week, day in enumerate(DAYS):
        for company in COMPANIES:
            for path, inner in _pages(company, week).items():
                url = f"https://{company}.example{path}"
                body = f"<html lang='nb'><body><main>{inner}</main></body></html>"
                if shown.get(url) == body:
                    continue
                shown[url] = body
                name = f"bodies/{len(rows)}.gz"
                (folder / name).write_bytes(gzip.compress(body.encode()))
                rows.append(
                    {
                        "url": url,
                        "valid_from": f"{day}T06:00:00Z",
                        "status": 200,
                        "content_type": "text/html; charset=utf-8",
                        "body": name,
                    }
                )
    (folder / "pages.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    lines = ["account_id,name,country,domains"]
    lines += [f"{c},{c.title()} AS,NO,{c}.example" for c in COMPANIES]
    (folder / "accounts.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """A folder of a bucket."""
    with bucket() as address:
        yield f"{address}/lyttepost"


def _crawl_elsewhere(web: Path, root: Path) -> None:
    """The watch list in one home, and each shard in a home of its own."""
    listed = root / "list" / "landing" / "_accounts"
    listed.mkdir(parents=True)
    shutil.copy(web / "accounts.csv", listed)
    raw = landing.raw_asset(load_source(SOURCE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LYTTEPOST_HOME", str(root / "list"))
        assert dg.materialize([accounts]).success
        with serving([sys.executable, "-m", "orchestration.replay", str(web)]) as proxy:
            patch.setenv("LYTTEPOST_REPLAY", proxy.proxy)
            # Whichever is there first.
            for shard in reversed(every_shard(3)):
                patch.setenv("LYTTEPOST_HOME", str(root / shard.name))
                for day in DAYS:
                    key = shard_key(date.fromisoformat(day), shard)
                    assert dg.materialize([raw], partition_key=key).success


@pytest.fixture(scope="module")
def homes(web, store, tmp_path_factory) -> tuple[Path, Path]:
    """The home of one piece, and the one that was built from the store."""
    root = tmp_path_factory.mktemp("homes")
    lyttepost(
        "replay",
        *(web, "--accounts", web / "accounts.csv", "--home", root / "one"),
        *("--from", DAYS[0], "--to", DAYS[-1]),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LYTTEPOST_STORE", store)
        patch.setenv("LYTTEPOST_SHARDS", "3")
        _crawl_elsewhere(web, root / "crawled")
        shutil.rmtree(root / "crawled")
        lyttepost("publish", "--home", root / "built")
    return root / "one", root / "built"


def test_published_tables_are_the_same(homes):
    one, built = map(published, homes)
    assert one.keys() == built.keys()
    assert one["people_history"].height >= 12
    for name in sorted(one):
        dropped = OTHERWISE.get(name, ())
        was, anew = (t[name].drop(dropped, strict=False) for t in (one, built))
        assert_frame_equal(was, anew, check_exact=True, check_row_order=not dropped)


def test_visits_and_records_are_the_same_and_the_archive_is_in_the_store(homes, store):
    built = homes[1]
    places = ("warc_file", "warc_offset")
    visits = [read_visits(home, SOURCE) for home in homes]
    assert visits[0].drop(places).equals(visits[1].drop(places))
    assert visits[0].height > 50
    names = visits[1]["warc_file"].drop_nulls().unique()
    assert {n for name in names for n in ("01of03", "02of03", "03of03") if n in name}
    for kind in ("people", "pages", "payloads"):
        was, anew = (
            pl.read_parquet(home / "observed" / kind / "source=*" / "day=*.parquet")
            for home in homes
        )
        assert was.equals(anew), kind
    assert not list(built.rglob("*.warc.gz"))
    files, folder = fsspec.core.url_to_fs(store, use_listings_cache=False)
    there = [str(f).removeprefix(folder + "/") for f in files.find(folder)]
    assert len([f for f in there if f.endswith(".warc.gz")]) == len(names)
    assert not [f for f in there if "shard=" in f], "joined, and gone"
    assert [f for f in there if f.startswith(f"parsed/{SOURCE}/day={DAYS[0]}/")]


def test_the_doctor_verifies_what_is_in_the_store(homes, store, monkeypatch):
    monkeypatch.setenv("LYTTEPOST_STORE", store)
    said = {f.subject: f for f in examine(homes[1], verify=True)}
    assert "payloads read back with their digest" in said[f"archive/{SOURCE}"].sentence
    assert not said["store"].is_fault
