"""Texts of an account, gone on with day by day: what is new, and what has gone since.

Built in four steps and at once. Before the last step the texts that stand are marked,
and keep the mark: what goes is told without writing its text again.
"""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from orchestration.warehouse import connect
from tests.warehouse.home_of_rows import Home, dbt_build, end_of, sha, table, weeks

DAYS = weeks(date(2026, 1, 5), 18)
MODELS = (
    "--select", "+attention_documents", "+language_term_days",
    "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test",
)  # fmt: skip
MARK = "as it stood"
PUMPS, YARDS = "We build pumps for ships", "Our yards lie along the coast"
WINCHES, CRANES = "Winches are what we know best", "Cranes lift what pumps cannot"
# These say a word that others of their day say: on the same page, and on another.
MANY, HULLS = "We are many", "We paint hulls"
# New to the account, and a word of both stays where one of them goes.
ASHORE, NORTH = "Welders wanted ashore", "Welders sail north"
ENGLISH, LATER_ENGLISH = "Read this page in English", "Another page in English"
# Text: pages it stands on, the first week and the week of its absence.
SHOWN = {
    PUMPS: {"/": (0, 4), "/om/": (0, 9)},
    YARDS: {"/": (0, 5), "/om/": (10, 18)},
    MANY: {"/": (0, 18)},
    HULLS: {"/om/": (0, 12)},
    WINCHES: {"/om/": (6, 9), "/": (8, 18)},
    CRANES: {"/": (15, 18)},
    ASHORE: {"/om/": (11, 15)},
    NORTH: {"/": (11, 18)},
    ENGLISH: {"/en/": (6, 14)},
    LATER_ENGLISH: {"/en/": (12, 18)},
}
RELEASES = {1: "Ny kontrakt", 6: "NY KONTRAKT!", 15: "Nytt verft"}
STEPS = (5, 9, 13)


def _page(path: str, week: int) -> dict:
    texts = ["Always here", *(
        text for text, pages in SHOWN.items()
        if path in pages and pages[path][0] <= week < pages[path][1]
    )]  # fmt: skip
    return {
        "title": "t",
        "language": "en" if path == "/en/" else "nb",
        "main_text": "\n".join(texts),
        "text_digest": sha("text", *texts),
        "blocks": [
            {"role": "main", "text": t, "terms": t.lower().split()} for t in texts
        ],
        "nav_labels": [],
        "links": [],
    }


def _home() -> Home:
    home = Home()
    home.account("b1", name="Coast AS")
    for week, day in enumerate(DAYS):
        for path in ("/", "/om/", *(["/en/"] if week >= 6 else [])):
            home.visit(
                "b1", f"https://b1.example{path}", end_of(day),
                {"pages": [_page(path, week)]}, scope="home",
            )  # fmt: skip
        told = [
            {
                "announcement_id": f"r{n}", "category": "press", "title": title,
                "terms": title.lower().split(), "published_at": end_of(DAYS[n]),
                "party_role": "publisher", "is_detail": False, "event_claims": [],
                "claimed_parties": [],
            }
            for n, title in RELEASES.items() if n <= week
        ]  # fmt: skip
        home.visit(
            "b1", "https://b1.example/feed", end_of(day), {"announcements": told},
            source="press_feeds", scope="feed",
        )  # fmt: skip
    return home


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The home that grew, and the one built at once."""
    root, home = tmp_path_factory.mktemp("texts"), _home()
    for step in STEPS:
        home.write(root / "grown", until=end_of(DAYS[step]))
        dbt_build(root / "grown", *MODELS)
    with connect(root / "grown", read_only=False) as connection:
        for name in ("language_documents", "attention_documents"):
            connection.execute(f"update {name} set text = ?", [MARK])
        connection.execute("update language_term_days set n = -n where term = 'ships'")
    home.write(root / "grown")
    dbt_build(root / "grown", *MODELS)
    home.write(root / "anew")
    dbt_build(root / "anew", *MODELS)
    return root / "grown", root / "anew"


@pytest.mark.parametrize("name", ["language_documents", "attention_documents"])
def test_texts_that_grew_are_those_built_at_once(
    homes: tuple[Path, Path], name: str
) -> None:
    grown, anew = (table(home, name).sort("channel", "document_key") for home in homes)
    assert_frame_equal(grown.drop("text"), anew.drop("text"))
    is_new = pl.col("day") > DAYS[STEPS[-1]]
    assert anew.filter(is_new).height > 0
    expected = anew.with_columns(
        text=pl.when(is_new).then("text").otherwise(pl.lit(MARK))
    )
    assert grown["text"].to_list() == expected["text"].to_list()


def test_words_that_grew_are_those_counted_at_once(homes: tuple[Path, Path]) -> None:
    keys = ["channel", "day", "gone_day", "is_old", "term"]
    grown, anew = (table(home, "language_term_days").sort(keys) for home in homes)
    ships = pl.col("term") == "ships"
    # Counted when it went, and not again.
    assert grown.filter(ships)["n"].to_list() == [-1]
    assert_frame_equal(
        grown.with_columns(pl.col("n").abs()), anew, check_row_order=True
    )


def test_a_word_is_said_by_those_that_stay(homes: tuple[Path, Path]) -> None:
    _, anew = homes
    words = table(anew, "language_term_days")
    we = words.filter(term="we", day=DAYS[0]).sort("gone_day")
    home, about = "https://b1.example/", "https://b1.example/om/"
    # Of old text nobody asks where it stands.
    assert we.select("gone_day", "n", "document_groups").rows() == [
        (DAYS[11], 1, None),
        (DAYS[14], 1, None),
        (date(9999, 12, 31), 1, None),
    ]
    welders = words.filter(term="welders", day=DAYS[11]).sort("gone_day")
    assert welders.select("gone_day", "n", "document_groups").rows() == [
        (DAYS[17], 1, [about]),
        (date(9999, 12, 31), 1, [home]),
    ]


def test_what_the_texts_tell(homes: tuple[Path, Path]) -> None:
    _, anew = homes
    told = table(anew, "language_documents").select("text", "day", "is_old", "gone_day")
    open_end = date(9999, 12, 31)
    proved = timedelta(weeks=2)
    expected = {
        # Gone when the last page that showed it first has lost it.
        PUMPS: (DAYS[0], True, DAYS[9] + proved),
        # The first stretch: that it came back elsewhere changes nothing.
        YARDS: (DAYS[0], True, DAYS[5] + proved),
        MANY: (DAYS[0], True, open_end),
        HULLS: (DAYS[0], True, DAYS[12] + proved),
        WINCHES: (DAYS[6], True, DAYS[9] + proved),
        # Nine weeks and more after the language was first read there.
        CRANES: (DAYS[15], False, open_end),
        ASHORE: (DAYS[11], False, DAYS[15] + proved),
        NORTH: (DAYS[11], False, open_end),
        ENGLISH: (DAYS[6], True, DAYS[14] + proved),
        LATER_ENGLISH: (DAYS[12], True, open_end),
        "Always here": (DAYS[0], True, open_end),
    }
    assert {row[0]: row[1:] for row in told.rows()} == expected


def test_a_title_that_is_told_again_is_no_new_release(homes: tuple[Path, Path]) -> None:
    _, anew = homes
    press = table(anew, "attention_documents").filter(channel="press").sort("day")
    assert press["text"].to_list() == ["Ny kontrakt", "Nytt verft"]
