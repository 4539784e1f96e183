"""Tables out of payloads: CSV, JSON and XLSX, as rows of named cells.

What a column means is not decided here. A cell is text, a number, a date or nothing.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from scrapers.extract.encoding import decode
from scrapers.extract.html import CONTROL, clean
from scrapers.extract.json_body import read_json
from scrapers.extract.refusal import ParseRefused

Cell = str | float | date | None
Row = dict[str, Cell]

_MAX_ROWS = 500_000
_MAX_UNPACKED = 400_000_000
_MAX_RATIO = 200


def csv_rows(
    body: bytes, url: str, *, encoding: str, delimiter: str, header_row: int
) -> Iterator[Row]:
    """Rows of delimited text; ``header_row`` is the line of the headings, from one.

    UTF-8 is read as such whatever was promised: publishers change it without notice.

    Raises:
        ParseRefused: it has no such line, or a line that no reader understands.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            text = decode(body)
    reader = csv.reader(
        io.StringIO(CONTROL.sub("", text), newline=""), delimiter=delimiter
    )
    try:
        yield from _named(reader, url, header_row)
    except csv.Error as no:
        raise ParseRefused(f"The table {url} is not readable as CSV: {no}.") from no


def json_rows(
    body: bytes, content_type: str | None, url: str, items: Sequence[str]
) -> Iterator[Row]:
    """Objects of the array that the path ``items`` leads to.

    Raises:
        ParseRefused: it is not JSON, or there is no array.
    """
    value = read_json(body, content_type, url)
    for step in items:
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, list):
        path = ".".join(items) or "its root"
        raise ParseRefused(f"The JSON of {url} has no array at {path}.")
    for item in value[:_MAX_ROWS]:
        if isinstance(item, dict):
            yield {str(key): _cell(cell) for key, cell in item.items()}


def xlsx_rows(body: bytes, url: str, *, sheet: str, header_row: int) -> Iterator[Row]:
    """Rows of a worksheet, the first where none is named.

    Raises:
        ParseRefused: it is no workbook, unpacks beyond reason, or has no such sheet.
    """
    _refuse_bomb(body, url)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        names = book.sheet_names
        if sheet and sheet not in names:
            raise ParseRefused(f"The workbook {url} has no sheet {sheet!r}.")
        if not names:
            raise ParseRefused(f"The workbook {url} has no sheet.")
        rows = book.get_sheet_by_name(sheet or names[0]).to_python(
            skip_empty_area=False
        )
    except (CalamineError, OSError, ValueError) as no:
        if isinstance(no, ParseRefused):
            raise
        raise ParseRefused(f"The workbook {url} cannot be read: {no}.") from no
    yield from _named(rows, url, header_row)


def _refuse_bomb(body: bytes, url: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as no:
        raise ParseRefused(f"The payload of {url} is no workbook: {no}.") from no
    limit = min(_MAX_UNPACKED, max(1_000_000, _MAX_RATIO * len(body)))
    if unpacked > limit:
        raise ParseRefused(f"The workbook {url} unpacks to {unpacked} bytes.")


def _named(rows: Iterable[Sequence[Any]], url: str, header_row: int) -> Iterator[Row]:
    headings: list[str] | None = None
    for number, row in enumerate(rows, start=1):
        if number < header_row:
            continue
        if headings is None:
            headings = [clean(str(name)) for name in row]
            if not any(headings):
                raise ParseRefused(
                    f"Line {header_row} of the table {url} holds no headings."
                )
            continue
        if number > _MAX_ROWS:
            raise ParseRefused(f"The table {url} has more than {_MAX_ROWS} rows.")
        cells = [_cell(value) for value in row]
        if any(cell is not None for cell in cells):
            yield {
                name: cell for name, cell in zip(headings, cells, strict=False) if name
            }
    if headings is None:
        raise ParseRefused(f"The table {url} has no line {header_row}.")


def _cell(value: Any) -> Cell:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        number = float(value) if abs(value) < 1e300 else None
        return number if number == number else None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return clean(value.encode("utf-8", "replace").decode("utf-8")) or None
    return None
