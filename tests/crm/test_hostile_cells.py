"""Text of the web in a CSV that a spreadsheet opens: it stays text."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.crm.destinations.csv_file import neutralised

STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def _is_formula(cell: str) -> bool:
    return cell.lstrip().startswith(STARTS) or cell.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\r", "\n", "Leder;", "Leder; ", "a\n"]
)
def test_no_cell_begins_as_a_formula(start: str, before: str) -> None:
    value = neutralised(f"{before}{start}1+cmd|' /C calc'!A0")
    text = io.StringIO(newline="")
    csv.writer(text).writerow(["a", value, "b"])
    (row,) = csv.reader(io.StringIO(text.getvalue(), newline=""))
    assert not [cell for cell in row if _is_formula(cell)], row
    # As a spreadsheet of another country splits it: a quote is but another character.
    for cell in re.split(r"[;\t\r\n]", text.getvalue()):
        assert not cell.lstrip().startswith(STARTS), cell


@given(st.text(alphabet="=+-@;\t\r\n a'\"＝", max_size=12))
def test_whatever_the_text_is(value: str) -> None:
    for part in neutralised(value).replace("\t", ";").replace("\n", ";").split(";"):
        assert not part.lstrip().startswith(STARTS)


def test_ordinary_text_is_left_as_it_is() -> None:
    for value in ("Kari Nordmann", "Leder; Oslo", "10 - 20", "a=b", "", "E-post @ Ås"):
        assert neutralised(value) == value
