"""Dates and times as sources write them, to naive UTC.

Only reading of one date string belongs here. What cannot be read is None: the caller
decides whether that is worth a refusal.
"""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_OSLO = ZoneInfo("Europe/Oslo")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januar januari jan tammikuuta",
            "february februar februari feb helmikuuta",
            "march mars marts mar maaliskuuta",
            "april apr huhtikuuta",
            "may mai maj toukokuuta",
            "june juni jun kesäkuuta",
            "july juli jul heinäkuuta",
            "august augusti aug elokuuta",
            "september sept sep syyskuuta",
            "october oktober okt oct lokakuuta",
            "november nov marraskuuta",
            "december desember des dec joulukuuta",
        ),
        start=1,
    )
    for name in names.split()
}
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|:e|st|nd|rd|th)?\s+(?:of\s+)?([^\W\d_]{3,12})\.?,?\s+(\d{4})"
)
_MONTH_FIRST = re.compile(
    r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})"
)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})(?!\d)")
_ISO_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_ISO_TIME = re.compile(
    r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?\s*"
    r"(Z|UTC|[+-]\d{2}:?\d{2})?$"
)


def iso_day(text: object) -> date | None:
    """Date of an ISO 8601 date or timestamp string."""
    if not isinstance(text, str):
        return None
    found = _ISO_DAY.match(text.strip())
    return _day(*map(int, found.groups())) if found else None


def iso_instant(text: object, zone: ZoneInfo = _OSLO) -> datetime | None:
    """Naive UTC of an ISO 8601 timestamp; one without an offset is local in ``zone``.

    A bare date is midnight UTC of that date, so that the date stays what it says.
    """
    if not isinstance(text, str):
        return None
    text = text.strip()
    found = _ISO_TIME.match(text)
    if not found:
        day = iso_day(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
        return datetime(day.year, day.month, day.day) if day else None
    stamp, clock, fraction, offset = found.groups()
    micro = (fraction or "0")[:6].ljust(6, "0")
    clock = clock if clock.count(":") == 2 else f"{clock}:00"
    offset = {"Z": "+0000", "UTC": "+0000"}.get(offset or "", offset or "")
    try:
        if offset:
            moment = datetime.strptime(
                f"{stamp}T{clock}.{micro}{offset.replace(':', '')}",
                "%Y-%m-%dT%H:%M:%S.%f%z",
            )
        else:
            moment = datetime.strptime(
                f"{stamp}T{clock}.{micro}", "%Y-%m-%dT%H:%M:%S.%f"
            ).replace(tzinfo=zone)
        return moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def month_number(name: str) -> int:
    """Number of a month by its name in one of the six languages; 0 for other words."""
    return _MONTHS.get(name.lower().rstrip("."), 0)


def written_day(text: str | None) -> date | None:
    """First date written out in a text: ISO, ``24. november 2026``, ``24.11.2026``.

    Numeric dates are read day first.
    """
    text = (text or "").lower()
    if found := _ISO_DAY.search(text):
        return _day(*map(int, found.groups()))
    if found := _DAY_FIRST.search(text):
        day, name, year = found.groups()
        return _day(int(year), _MONTHS.get(name, 0), int(day))
    if found := _MONTH_FIRST.search(text):
        name, day, year = found.groups()
        return _day(int(year), _MONTHS.get(name, 0), int(day))
    if found := _NUMERIC.search(text):
        day, month, year = found.groups()
        whole = int(year) if len(year) == 4 else 2000 + int(year)
        return _day(whole, int(month), int(day))
    return None


def written_instant(text: object) -> datetime | None:
    """Naive UTC of a timestamp or of a date written out (then its midnight)."""
    if not isinstance(text, str):
        return None
    moment = iso_instant(text)
    if moment is not None:
        return moment
    day = written_day(text)
    return datetime(day.year, day.month, day.day) if day else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
