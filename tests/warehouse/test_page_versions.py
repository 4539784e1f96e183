"""What counts as a new version of a page, over stories of pages; all made up.

One warehouse, one account a story (the site stories have several pages). A reading is a
list of texts; ``None`` is a visit that failed.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from scrapers.extract.blocks import TextBlock
from scrapers.extract.page_changes import meanings
from tests.warehouse.home_of_rows import Home, dbt_build, end_of, sha, table, weeks

FIRST = date(2026, 1, 5)
BUILT = (
    "--select", "+page_history", "source_changes",
    "stg_observed__registry_entities", "stg_observed__registry_roles",
    "hist_registry", "hist_registry_roles", "hist_people_lists",
    "hist_template_changes",
    "stg_observed__people", "stg_lyttepost__accounts",
    "--exclude-resource-type", "unit_test", "--indirect-selection", "cautious",
)  # fmt: skip
A = (
    "Vi lager pumper til skip og leverer dem til verft i hele Norden.",
    "Fabrikken ligger ved fjorden og har førti ansatte i tre skift.",
    "Alle pumper prøves i egen hall før de sendes til kunden.",
    "Reservedeler holdes på lager i minst tjue år etter levering.",
)
NEWS = "Fra nyttår åpner vi også et verksted i Bergen med ti nye stillinger."
WALL = ("Bekreft at du ikke er en robot.", "Slå på skript for å gå videre.")
ENGLISH = (
    "We build marine pumps and deliver throughout northern yards.",
    "Forty people work three shifts at our factory beside the fjord.",
    "Every unit is tested before shipment towards customers.",
)
LINES = (
    "Sommerkampanje på slanger hele uken",
    "Møt oss på messen i Stavanger",
    "Les historien om det første verftet",
    "Spør oss om leasing av utstyr",
    "Nytt kurs for maskinister starter snart",
    "Se filmen fra fabrikken vår",
    "Gratis frakt ved bestilling på nett",
    "Meld deg på nyhetsbrevet i dag",
)


Reading = Sequence[str] | None


def _edited(*changes: tuple[int, str]) -> tuple[str, ...]:
    texts = list(A)
    for index, text in changes:
        texts[index] = text
    return tuple(texts)


LONGER = A[1].replace("førti", "sekstifem").replace("tre skift", "fire lag")
LONGER_STILL = LONGER.replace("sekstifem", "sytti faste og ti innleide")
WITHOUT = A[:3]
PARTED = ("Reservedeler holdes på lager", "i minst tjue år etter levering.")
# Readings week by week, and the weeks (from 0) in which a version of each class begins.
STORIES: dict[str, tuple[list[Reading], dict[str, list[int]]]] = {
    "quiet": ([A] * 8, {}),
    "paragraph-added": ([A] * 4 + [(*A, NEWS)] * 4, {"content": [4]}),
    "paragraph-gone": ([A] * 4 + [WITHOUT] * 4, {"content": [4]}),
    "edited": ([A] * 4 + [_edited((1, LONGER))] * 4, {"content": [4]}),
    "edited-twice-in-a-row": (
        [A] * 3 + [_edited((1, LONGER))] + [_edited((1, LONGER_STILL))] * 4,
        {"content": [3, 4]},
    ),
    "one-word": ([A] * 4 + [_edited((1, A[1].replace("skift", "lange skift")))] * 4, {}),  # noqa: E501
    "seen-once": ([A] * 4 + [(*A, NEWS)] + [A] * 4, {}),
    "failed-between": ([A] * 4 + [None, None] + [A] * 3, {}),
    "wall-once": ([A] * 4 + [WALL] + [A] * 4, {}),
    "wall-twice": ([A] * 4 + [WALL] * 2 + [A] * 4, {}),
    "wall-then-changed": (
        [A] * 4 + [WALL] * 2 + [(*A, NEWS)] * 4, {"content": [6]},
    ),
    "wall-first": ([WALL] + [A] * 6, {"first": [1]}),
    "other-language-twice": ([A] * 4 + [ENGLISH] * 2 + [A] * 4, {}),
    "written-anew-for-good": ([A] * 4 + [ENGLISH] * 6, {"content": [4]}),
    "rotating-line": (
        [(*A[:2], LINES[n], *A[2:]) for n in range(8)], {},
    ),
    "rotating-line-and-news": (
        [(*A[:2], LINES[n], *A[2:], *([NEWS] if n >= 4 else [])) for n in range(8)],
        {"content": [4]},
    ),
    "variant-block": (
        [A, A, (*A, NEWS), A, A, (*A, NEWS), A, (*A, NEWS), A, A], {},
    ),
    "rolled-back": (
        [A] * 3 + [_edited((1, LONGER))] * 3 + [A] * 4,
        {"content": [3], "restored": [6]},
    ),
    "back-after-a-month": (
        [A] * 3 + [WITHOUT] * 5 + [A] * 3, {"content": [3], "restored": [8]},
    ),
    "dates-move": (
        [(*A, f"Oppdatert {n + 1}. mars 2026 kl. 1{n}.30") for n in range(8)], {},
    ),
    "parted-paragraph": (
        [A] * 4
        + [(*A[:3], *PARTED)]
        * 4,
        {},
    ),
    "menu-says-it-too": (
        [A[:3]] * 4 + [("nav:" + A[1], *A[:3])] * 4, {},
    ),
    "another-order": ([A] * 4 + [A[::-1]] * 4, {}),
}  # fmt: skip


def _block(text: str) -> TextBlock:
    """A block of the matter, or of the menu when it says so."""
    told = text.removeprefix("nav:")
    return TextBlock("main" if told == text else "nav", told)


def _page(texts: Sequence[str], nav: str = "Hjem") -> dict:
    blocks = [TextBlock("nav", nav), *map(_block, texts)]
    told = meanings(blocks)
    return {
        "title": "t",
        "language": "nb",
        "main_text": "\n".join(texts),
        "text_digest": sha(*texts),
        "blocks": [
            {
                "role": block.role,
                "text": block.text,
                "terms": [],
                "meaning": meaning,
                "is_matter": is_matter,
            }
            for block, (meaning, is_matter) in zip(blocks, told, strict=True)
        ],
        "nav_labels": [],
        "links": [],
    }


def _tell(
    home: Home, account: str, path: str, readings: Mapping[date, Reading]
) -> None:
    for day, texts in readings.items():
        if texts is None:
            home.failed(account, end_of(day), path)
            continue
        home.visit(
            account,
            f"https://{account}.example{path}",
            end_of(day),
            {"pages": [_page(texts)]},
            scope="content",
        )


def _own(account: str, number: int) -> str:
    return f"Side {number} hos {account}: {' '.join(LINES[number % 8].split()[::-1])}."


def _sites(home: Home) -> None:
    """Stories over several pages: a template, a moved page, a vendor, a code."""
    days = weeks(FIRST, 8)
    notice = "Vi har fått nye åpningstider på kundesenteret i alle avdelinger."
    home.account("template")
    for number in range(6):
        own = [_own("template", number), *A[: number % 3 + 1]]
        _tell(
            home, "template", f"/side-{number}/",
            {day: (*own, *([notice] if n >= 4 else [])) for n, day in enumerate(days)},
        )  # fmt: skip
    home.account("frame")
    for number in range(6):
        own = (_own("frame", number), *A[: number % 3 + 1])
        menus = [
            ("Pumper", "Kontakt", "Om oss") if n < 2
            else ("Pumper", "Kontakt", "Om oss", "Presse") if n < 5
            else ("Løsninger", "Snakk med oss", "Hvem vi er")
            for n in range(len(days))
        ]  # fmt: skip
        _tell(
            home, "frame", f"/side-{number}/",
            {
                day: (*(f"nav:{label}" for label in menu), *own)
                for day, menu in zip(days, menus, strict=True)
            },
        )  # fmt: skip
    home.account("moved")
    _tell(home, "moved", "/", dict.fromkeys(days, ("Velkommen til oss på nett.",)))
    _tell(home, "moved", "/om/", {d: A if n < 4 else None for n, d in enumerate(days)})
    _tell(home, "moved", "/om-oss/", dict.fromkeys(days[4:], A))
    _tell(home, "moved", "/ny/", dict.fromkeys(days[4:], ENGLISH))
    for number in range(6):
        account = f"code-{number}"
        home.account(account, org_number=f"81000000{number}")
        for n, day in enumerate(days):
            entity = {
                "org_number": f"81000000{number}", "name": account,
                "industry_code": "62.100" if n >= 4 else "62.010",
                "industry_codes": [], "remarks": [], "is_in_liquidation": False,
                "is_bankrupt": number == 1 and n >= 6, "is_deleted": False,
            }  # fmt: skip
            home.visit(
                account, f"https://reg.example/{number}", end_of(day),
                {"registry_entities": [entity]}, source="brreg_registry",
                scope="entity",
            )  # fmt: skip
    vendor = "Bestill time direkte i den nye kundeportalen fra leverandøren."
    for number in range(12):
        account = f"vendor-{number}"
        home.account(account)
        own = (_own(account, number), *A[: number % 3 + 1])
        _tell(
            home, account, "/",
            {day: (*own, *([vendor] if n >= 5 else [])) for n, day in enumerate(days)},
        )  # fmt: skip


def _random_pages(home: Home) -> None:
    """Pages that change, fail, are walled and rotate at random."""
    rng = random.Random(7)
    for number in range(12):
        account = f"random-{number}"
        home.account(account)
        texts, gone = list(A), 0
        readings: dict[date, Reading] = {}
        for day in weeks(FIRST, 40, every=rng.choice([1, 3, 7])):
            if rng.random() < 0.12:
                texts.append(" ".join(rng.sample(LINES, 2)))
            if rng.random() < 0.08 and len(texts) > 2:
                texts.pop(rng.randrange(len(texts)))
            gone = gone - 1 if gone else rng.choice([0] * 20 + [1, 2, 5])
            shown = [*texts, rng.choice(LINES)] if rng.random() < 0.3 else texts
            roll = rng.random()
            readings[day] = (
                None if roll < 0.08 else rng.choice([WALL, ENGLISH]) if gone else shown
            )
        _tell(home, account, "/", readings)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Whole, cut at a moment, and shuffled."""
    home = Home()
    for name, (readings, _) in STORIES.items():
        home.account(name)
        _tell(home, name, "/", dict(zip(weeks(FIRST, 20), readings, strict=False)))
    _sites(home)
    _random_pages(home)
    root = tmp_path_factory.mktemp("page_versions")
    home.write(root / "whole")
    home.write(root / "cut", until=CUT_AT)
    home.write(root / "shuffled", file_of="shuffled")
    for name in ("whole", "cut", "shuffled"):
        dbt_build(root / name, *BUILT)
    return root / "whole", root / "cut", root / "shuffled"


CUT_AT = end_of(weeks(FIRST, 6)[-1])


@pytest.mark.parametrize("name", STORIES)
def test_versions_begin_where_the_story_says(
    built: tuple[Path, Path, Path], name: str
) -> None:
    _, told = STORIES[name]
    days = {end_of(day): week for week, day in enumerate(weeks(FIRST, 20))}
    pages = table(built[0], "hist_pages").filter(
        (pl.col("account_id") == name) & (pl.col("version") > 1)
    )
    found: dict[str, list[int]] = {}
    for row in pages.sort("version").iter_rows(named=True):
        found.setdefault(row["change_class"], []).append(days[row["valid_from"]])
    assert found == told


def test_a_version_is_known_when_a_second_visit_saw_it(
    built: tuple[Path, Path, Path],
) -> None:
    pages = table(built[0], "hist_pages").filter(pl.col("version") > 1)
    waited = (pages["known_at"] - pages["valid_from"]).dt.total_hours()
    assert waited.min() >= 24
    added = pages.filter(pl.col("account_id") == "paragraph-added")
    assert added["known_at"].to_list() == [end_of(weeks(FIRST, 6)[5])]
    walled = pages.filter(pl.col("account_id") == "written-anew-for-good")
    # Another page in its place is believed after three visits over fourteen days.
    assert walled["known_at"].to_list() == [end_of(weeks(FIRST, 7)[6])]


def test_one_notice_on_every_page_is_of_the_template(
    built: tuple[Path, Path, Path],
) -> None:
    pages = table(built[0], "hist_pages").filter(
        (pl.col("account_id") == "template") & (pl.col("version") > 1)
    )
    assert pages["change_class"].to_list() == ["template"] * 6


def test_a_page_at_a_new_address_is_the_old_one(
    built: tuple[Path, Path, Path],
) -> None:
    pages = table(built[0], "hist_pages").filter(pl.col("account_id") == "moved")
    moved = dict(pages.select("url", "moved_from_url").iter_rows())
    site = "https://moved.example"
    assert moved[f"{site}/om-oss/"] == f"{site}/om/"
    assert moved[f"{site}/ny/"] is None
    assert moved[f"{site}/om/"] is None


def test_a_new_frame_is_one_event_of_the_site(built: tuple[Path, Path, Path]) -> None:
    days = weeks(FIRST, 8)
    frames = table(built[0], "hist_template_changes")
    columns = ("account_id", "day", "is_redesign", "frozen_until")
    assert set(frames.select(columns).iter_rows()) == {
        ("frame", days[2], False, None),
        ("frame", days[5], True, days[7]),
    }
    told = table(built[0], "source_changes").filter(pl.col("kind") == "site_template")
    assert told["account_ids"].to_list() == [["frame"]] * 2
    pages = table(built[0], "hist_pages").filter(pl.col("account_id") == "frame")
    assert pages["change_class"].unique().to_list() == ["first"]


def test_a_vendors_new_text_is_no_change_of_its_customers(
    built: tuple[Path, Path, Path],
) -> None:
    pages = table(built[0], "hist_pages").filter(
        pl.col("account_id").str.starts_with("vendor-") & (pl.col("version") > 1)
    )
    assert pages["change_class"].to_list() == ["template"] * 12
    told = table(built[0], "source_changes").filter(pl.col("kind") == "page_text")
    vendor = told.filter(pl.col("subject").str.starts_with("bestill time"))
    assert vendor["accounts_touched"].to_list() == [12]


def test_a_new_code_for_all_is_a_change_of_the_register(
    built: tuple[Path, Path, Path],
) -> None:
    told = table(built[0], "source_changes").filter(
        pl.col("source") == "brreg_registry"
    )
    day = weeks(FIRST, 5)[4]
    columns = ("kind", "subject", "day", "accounts_touched")
    assert set(told.select(columns).iter_rows()) == {
        ("registry_field", "industry_code", day, 6),
        ("registry_field_pattern", "industry_code", day, 6),
    }  # fmt: skip
    assert set(told.select("example_before", "example_after").iter_rows()) == {
        ("62.010", "62.100")
    }


def _as_of(frame: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    known = frame.filter(pl.col("known_at") <= moment)
    if "valid_to_known_at" not in known.columns:
        return known
    later = ("valid_to", "valid_to_known_at")
    return known.with_columns(
        pl.when(pl.col("valid_to_known_at") <= moment).then(pl.col(name)).alias(name)
        for name in later
    )


@pytest.mark.parametrize(
    "name",
    ["hist_pages", "hist_page_changes", "hist_template_changes", "source_changes"],
)
def test_cut_and_rebuilt_is_read_as_of(
    built: tuple[Path, Path, Path], name: str
) -> None:
    whole, cut, _ = built
    then = _as_of(table(cut, name), CUT_AT)
    assert then.height > 0
    assert_frame_equal(_as_of(table(whole, name), CUT_AT), then, check_row_order=False)


@pytest.mark.parametrize(
    "name",
    [
        "hist_pages",
        "hist_page_changes",
        "hist_template_changes",
        "page_history",
        "source_changes",
    ],
)
def test_arrival_changes_nothing(built: tuple[Path, Path, Path], name: str) -> None:
    whole, _, shuffled = built
    assert_frame_equal(table(whole, name), table(shuffled, name), check_row_order=False)


def test_what_the_newest_visit_shows_is_published_as_unconfirmed(
    built: tuple[Path, Path, Path],
) -> None:
    cut = table(built[1], "page_history")
    newest = cut.filter(~pl.col("is_confirmed"))
    assert newest.height > 0
    assert newest["valid_to"].null_count() == newest.height
    later = cut.join(newest, on=["account_id", "url"]).filter(
        pl.col("version") > pl.col("version_right")
    )
    assert later.is_empty()
