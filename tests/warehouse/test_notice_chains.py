"""Notices of one procedure, from several publishers, as one chain; all made up."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.home_of_rows import Home, dbt_build, table

NUMBER = "999601391"
UUIDS = {n: f"{n:08d}-0000-4000-8000-000000000000" for n in range(1, 9)}


def notice(notice_id: str, kind: str, day: datetime, **columns: object) -> dict:
    """One row with the account as buyer, read from a full notice."""
    return {
        "notice_id": notice_id,
        "notice_type": kind,
        "source_type": "x",
        "title": "Kundesystem",
        "party_role": "buyer",
        "party_org_number": NUMBER,
        "party_name": "Eksempel kommune",
        "cpv": ["48000000"],
        "follows_notices": [],
        "lot_ids": [],
        "published_at": day,
        "is_detail": True,
        **columns,
    }


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day)


CHANGED = f"{UUIDS[2]}-01"
DOFFIN = [
    # A plan with a procedure of its own.
    notice("d1", "planning", at(1, 5), notice_uuid=UUIDS[1], procedure_id="plan"),
    notice(
        *("d2", "competition", at(2, 2)),
        notice_uuid=UUIDS[2],
        procedure_id="p",
        follows_notices=[f"{UUIDS[1]}-01"],
        deadline_at=at(3, 2),
    ),
    notice(
        *("d3", "competition", at(2, 20)),
        notice_uuid=UUIDS[3],
        procedure_id="p",
        corrects_notice=CHANGED,
        deadline_at=at(3, 20),
    ),
    notice("d4", "award", at(4, 10), notice_uuid=UUIDS[4], procedure_id="p"),
    # Another procedure of the same name, cancelled by a notice known from TED alone.
    notice("d5", "competition", at(2, 3), notice_uuid=UUIDS[5], procedure_id="q"),
    notice("d7", "market_dialogue", at(5, 20), notice_uuid=UUIDS[7], procedure_id="r"),
]
TED = [
    notice("2-2026", "competition", at(2, 4), notice_uuid=UUIDS[2], procedure_id="p"),
    notice(
        *("3-2026", "competition", at(2, 22)),
        notice_uuid=UUIDS[3],
        procedure_id="p",
        corrects_notice=CHANGED,
    ),
    notice("6-2026", "cancelled", at(5, 1), notice_uuid=UUIDS[6], procedure_id="q"),
]
# This one does not pass on the id of the notice, and calls every early notice a plan.
OCDS = [
    notice("o/4", "award", at(4, 12), procedure_id="p"),
    notice("o/7", "planning", at(5, 21), procedure_id="r"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Home()
    home.account("a", org_number=NUMBER)
    for source, rows in (("doffin", DOFFIN), ("ted", TED), ("ocds", OCDS)):
        for row in rows:
            home.visit(
                None,
                f"https://{source}.example/{row['notice_id']}",
                row["published_at"] + timedelta(hours=5),
                {"notices": [row]},
                source=f"{source}_notices",
                scope="notice",
            )
    folder = home.write(tmp_path_factory.mktemp("notices") / "home")
    dbt_build(
        folder,
        *("--select", "+notice_history", "+sig_notices"),
        *("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"),
    )
    return folder


def test_one_notice_of_two_publishers_is_one_with_two_pieces_of_evidence(
    built: Path,
) -> None:
    published = table(built, "notice_history").sort("published_at", "notice_id")
    assert published.select("notice_id", "sources").rows() == [
        ("d1", ["doffin_notices"]),
        ("d2", ["doffin_notices", "ted_notices"]),
        ("d5", ["doffin_notices"]),
        ("d3", ["doffin_notices", "ted_notices"]),
        ("d4", ["doffin_notices", "ocds_notices"]),
        ("6-2026", ["ted_notices"]),
        ("d7", ["doffin_notices", "ocds_notices"]),
    ]
    two = published.filter(pl.col("notice_id") == "d2")
    assert two["urls"].to_list() == [
        ["https://doffin.example/d2", "https://ted.example/2-2026"]
    ]
    corrected = published.filter("is_correction")["notice_id"].to_list()
    assert corrected == ["d3"]


def test_plan_competition_correction_and_award_are_one_procedure(built: Path) -> None:
    rows = table(built, "hist_procedures").rows(named=True)
    procedures = {row["chain_id"]: row for row in rows}
    assert set(procedures) == {"plan", "q", "r"}
    one = procedures["plan"]
    assert (one["state"], one["closed_at"]) == ("awarded", at(4, 10))
    assert (one["planned_at"], one["opened_at"]) == (at(1, 5), at(2, 2))
    assert one["deadline_at"] == at(3, 20)
    assert (one["n_notices"], one["n_corrections"]) == (4, 1)
    other = procedures["q"]
    assert (other["state"], other["closed_at"]) == ("cancelled", at(5, 1))
    shown = table(built, "notice_history").filter(pl.col("notice_id") == "d2")
    assert shown["procedure_state"].to_list() == ["awarded"]


def test_a_step_is_one_signal_whoever_publishes_it(built: Path) -> None:
    signals = table(built, "sig_notices").sort("effective_pt", "subject")
    assert signals.select("signal_type", "subject").rows() == [
        ("tender_planning", "d1"),
        ("tender_open", "d2"),
        ("tender_open", "d5"),
        ("contract_awarded", "d4"),
        ("tender_cancelled", "6-2026"),
        ("market_dialogue", "d7"),
    ]
