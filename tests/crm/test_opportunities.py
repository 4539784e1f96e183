"""Outcomes of a CRM from files: read strictly, set aside by name."""

from datetime import datetime

import polars as pl
import pytest

from orchestration.crm.fault import CrmError
from orchestration.crm.opportunities import files, land, read_opportunities

HEADER = "account_id,opened_at,stage,created_at"


def read(tmp_path, *lines, header=HEADER, name="a.csv"):
    file = tmp_path / name
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_opportunities([file], {"a", "b"}, "crm_platform", {"crm_platform"})


def test_a_qualified_opportunity_is_read_with_its_line(tmp_path):
    found = read(tmp_path, "a,2026-01-05,Qualified,2026-01-06T10:00:00+01:00")
    (row,) = found.rows.rows(named=True)
    assert row["is_qualified"]
    assert row["created_at"] == datetime(2026, 1, 6, 9)
    assert row["evidence_ref"] == "a.csv:2"
    assert found.refused == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("z,2026-01-05,qualified,2026-01-06", "'z' is not on the watch list"),
        ("a,2026-01-05,maybe,2026-01-06", "stage 'maybe' is not one of"),
        ("a,5.1.2026,qualified,2026-01-06", "opened_at '5.1.2026' is not a day"),
        ("a,2026-01-05,qualified,", "created_at '' is not a day"),
        ("a,2026-01-07,qualified,2026-01-06", "opened_at lies after created_at"),
        ("a,2026-01-07,qualified", "has 3 cells where the header has 4"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_reason(tmp_path, line, why):
    found = read(tmp_path, line, "b,2026-01-05,won,2026-01-06")
    assert found.rows["account_id"].to_list() == ["b"]
    (refused,) = found.refused
    assert refused.line == 2
    assert why in refused.reason


def test_a_lead_is_kept_and_is_no_outcome(tmp_path):
    found = read(tmp_path, "a,2026-01-05,lead,2026-01-06")
    assert found.rows["is_qualified"].to_list() == [False]


def test_created_at_never_changes(tmp_path):
    header = f"{HEADER},opportunity_id"
    found = read(
        tmp_path,
        "a,2026-01-05,lead,2026-01-06,x1",
        "a,2026-01-05,won,2026-01-06,x1",
        "a,2026-01-05,won,2026-02-06,x1",
        header=header,
    )
    assert found.rows["stage"].to_list() == ["won"]
    assert "another account or created_at" in found.refused[0].reason


def test_unknown_columns_are_refused_whole(tmp_path):
    with pytest.raises(CrmError, match="the columns are"):
        read(tmp_path, "a,x", header="account_id,amount")
    with pytest.raises(CrmError, match="no such file"):
        land(tmp_path / "none.csv", tmp_path)


def test_parquet_and_csv_are_read_alike_and_landed_whole(tmp_path):
    frame = pl.DataFrame(
        {
            "account_id": ["a"],
            "opened_at": [datetime(2026, 1, 5)],
            "stage": ["won"],
            "created_at": [datetime(2026, 1, 6)],
        }
    )
    file = tmp_path / "o.parquet"
    frame.write_parquet(file)
    home = tmp_path / "home"
    assert land(file, home) == home / "outcomes" / "o.parquet"
    found = read_opportunities(files(home), {"a"}, "crm_platform", None)
    assert found.rows["opened_at"].to_list() == [datetime(2026, 1, 5)]
