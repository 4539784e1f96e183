"""Awards of a list of public money: one announcement per row that is kept.

Which column is what is said by the list's file; nothing is guessed from headings.
"""

import hashlib
import logging
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from scrapers.envelope import Envelope
from scrapers.extract.amounts import amount_of
from scrapers.extract.dates import written_day
from scrapers.extract.language import language_of
from scrapers.extract.organisation_numbers import organisation_number
from scrapers.extract.refusal import ParseRefused
from scrapers.extract.tables import Cell, Row, csv_rows, json_rows, xlsx_rows
from scrapers.extract.terms import terms_of
from scrapers.records import Announcement
from scrapers.sources.public_money_lists.lists import MoneyList, money_lists

PARSER_VERSION = "1"

_LOG = logging.getLogger(__name__)
# So many rows of which none is kept have their values written anew.
_MANY = 100
_SERIAL = re.compile(r"^\d{5}(?:\.0+)?$")
_FIRST_SERIAL = date(1899, 12, 30)


def parse(body: bytes, envelope: Envelope) -> Iterator[Announcement]:
    """Awards of the list that the scope names, each once, in the order of the list.

    Raises:
        ParseRefused: there is no such list, or the payload is not as its file says.
    """
    one = money_lists().get(envelope.scope)
    if one is None:
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not one of"
            f" {', '.join(money_lists())}."
        )
    yield from awards(body, envelope, one)


def awards(body: bytes, envelope: Envelope, one: MoneyList) -> Iterator[Announcement]:
    """Awards of one list.

    Raises:
        ParseRefused: a column that the list's file names is not there, or no row has a
            readable date.
    """
    rows = list(_rows(body, envelope, one))
    _refuse_missing(rows, one, envelope.url)
    kept = [row for row in rows if _is_kept(row, one)]
    if len(rows) >= _MANY and not kept:
        raise ParseRefused(
            f"None of {len(rows)} rows of the list {one.name} ({envelope.url}) has a"
            f" value that is kept in {', '.join(one.keep)}."
        )
    dated = [(row, _day(row.get(one.columns["date"]))) for row in kept]
    days = [day for _, day in dated if day is not None]
    if kept and not days:
        raise ParseRefused(
            f"No row of the list {one.name} ({envelope.url}) has a readable date."
        )
    undated = len(dated) - len(days)
    if undated:
        _LOG.warning("%s: %d rows have no readable date", one.name, undated)
    first = _first_day(days, one)
    seen: set[str] = set()
    for row, day in dated:
        if day is None or day < first:
            continue
        award = _award(row, day, one, envelope.url)
        if award is not None and award.announcement_id not in seen:
            seen.add(award.announcement_id)
            yield award


def _rows(body: bytes, envelope: Envelope, one: MoneyList) -> Iterator[Row]:
    if one.format == "csv":
        return csv_rows(
            body,
            envelope.url,
            encoding=one.encoding,
            delimiter=one.delimiter,
            header_row=one.header_row,
        )
    if one.format == "xlsx":
        return xlsx_rows(body, envelope.url, sheet=one.sheet, header_row=one.header_row)
    return json_rows(body, envelope.content_type, envelope.url, one.items)


def _refuse_missing(rows: list[Row], one: MoneyList, url: str) -> None:
    """A renamed column must stop the list, not empty it."""
    named = {*one.columns.values(), *one.id_columns, *one.keep}
    there = {name for row in rows[:1000] for name in row}
    missing = sorted(named - there)
    if rows and missing:
        raise ParseRefused(
            f"The list {one.name} ({url}) has no column {', '.join(missing)}."
        )


def _is_kept(row: Row, one: MoneyList) -> bool:
    return all(_text(row.get(name)) in kept for name, kept in one.keep.items())


def _first_day(days: list[date], one: MoneyList) -> date:
    if not one.window_days or not days:
        return date.min
    return max(days) - timedelta(days=one.window_days)


def _award(row: Row, day: date, one: MoneyList, url: str) -> Announcement | None:
    def cell(column: str) -> Cell:
        name = one.columns.get(column)
        return row.get(name) if name is not None else None

    name = _text(cell("name"))
    number = organisation_number(_digits(cell("org_number")))
    if name is None and number is None:
        return None
    programme = _text(cell("programme"))
    amount = amount_of(cell("amount"), decimal_comma=one.decimal_comma)
    role = _role(_text(cell("role")), one)
    title = _text(cell("title")) or f"{one.giver}: {programme or one.title}"
    key = "|".join([one.name, *(_text(row.get(c)) or "" for c in one.id_columns)])
    return Announcement(
        announcement_id=f"{one.name}:{hashlib.sha256(key.encode()).hexdigest()[:24]}",
        category="public_money",
        event_type="public_grant_awarded",
        source_type=" · ".join(part for part in (programme, role) if part) or None,
        title=title,
        text=None,
        terms=terms_of(title, language_of(title)),
        language=language_of(title),
        published_at=datetime(day.year, day.month, day.day),
        effective_on=day,
        party_role="recipient",
        party_org_number=number,
        party_name=name,
        amount=amount * one.amount_factor if amount is not None else None,
        currency=one.currency if amount is not None else None,
        corrects_id=None,
        announcement_url=url,
        is_detail=False,
    )


def _role(text: str | None, one: MoneyList) -> str | None:
    if text is None:
        return None
    if text not in one.roles:
        _LOG.warning("%s: the role %r is not known", one.name, text)
        return None
    return one.roles[text]


def _text(cell: Cell) -> str | None:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def _digits(cell: Cell) -> str | None:
    """An organisation number as text; a spreadsheet's number lost its zeroes."""
    if isinstance(cell, float):
        return f"{int(cell):09d}" if cell.is_integer() and cell > 0 else None
    text = _text(cell)
    return text.removesuffix(".0") if text else None


def _day(cell: Cell) -> date | None:
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float):
        # A spreadsheet's serial number of a day.
        is_serial = 20_000 < cell < 80_000
        return _FIRST_SERIAL + timedelta(days=int(cell)) if is_serial else None
    if cell is not None and _SERIAL.match(cell):
        return _day(float(cell))
    return written_day(cell)
