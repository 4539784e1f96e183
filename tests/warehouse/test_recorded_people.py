"""People history against the truth of a recorded web, when it is there.

The recorded company's cards are read here by the simplest selector, so that what is
judged is the history and not the parser. Nothing of it is kept in the repository.
"""

import bisect
import gzip
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.warehouse.conftest import HISTORY, NO_UNIT_TESTS
from tests.warehouse.home_of_rows import ROOT, Home, dbt_build, end_of, table

SHARED = ROOT / "../shared"
WEB = SHARED / "data/recorded_web/sourcegraph"
SCORER = SHARED / "tools/score_people.py"
FIRST, LAST = date(2021, 11, 1), date(2024, 5, 31)

pytestmark = pytest.mark.skipif(
    not (WEB.exists() and SCORER.exists()), reason="the recorded web is not here"
)


def _cards(body: str) -> list[tuple[str, str | None]]:
    tree = LexborHTMLParser(gzip.decompress((WEB / body).read_bytes()))
    people = []
    for card in tree.css("li.card"):
        name, title = card.css_first("h3"), card.css_first("p")
        if name:
            people.append(
                (name.text().strip(), title.text().strip() if title else None)
            )
    return people


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse over weekly visits of the recorded team page."""
    rows = map(json.loads, (WEB / "pages.jsonl").read_text().splitlines())
    states = sorted(
        (r["valid_from"], r["body"]) for r in rows if r["url"].endswith("/team/")
    )
    starts = [start for start, _ in states]
    home, day = Home(), FIRST
    home.account("recorded")
    while day <= LAST:
        now = bisect.bisect_right(starts, f"{day}T23:59:59Z") - 1
        home.people("recorded", end_of(day), _cards(states[now][1]))
        day += timedelta(days=7)
    folder = home.write(tmp_path_factory.mktemp("recorded"))
    dbt_build(folder, *HISTORY, *NO_UNIT_TESTS)
    (folder / "published").mkdir()
    table(folder, "people_history").write_parquet(
        folder / "published" / "people_history.parquet"
    )
    return folder


def test_people_history_reaches_the_goals(recorded: Path) -> None:
    """Recall at least .95, at most .02 false: the scorer's exit code."""
    done = subprocess.run(
        [
            sys.executable,
            SCORER,
            recorded / "published",
            WEB / "truth.jsonl",
            str(FIRST),
            str(LAST),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("title", "month"), [("VP of People", "2022-04"), ("VP Marketing", "2022-05")]
)
def test_departures_of_leaders_have_both_captures(
    recorded: Path, title: str, month: str
) -> None:
    events = table(recorded, "hist_people_events").rows(named=True)
    found = [
        e
        for e in events
        if e["event"] == "gone"
        and set(title.lower().split()) - {"of"} <= set(e["title"].lower().split())
        and month in (f"{e['effective_lo']:%Y-%m}", f"{e['effective_hi']:%Y-%m}")
    ]
    assert len(found) == 1
    assert found[0]["seniority"] == 3
    assert found[0]["before_visit_id"] != found[0]["after_visit_id"]
