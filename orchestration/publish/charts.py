"""Where the marks of a chart stand: pure geometry, drawn by `templates/charts.html`.

A chart is a drawing of a table that stands on the same page; nothing is told by it
alone. Coordinates are those of the drawing's own box, origin top left.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

Point = tuple[float, float]

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
_MOST_LANES = 8


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where it stands and what it says."""

    at: float
    value: float | date


@dataclass(frozen=True)
class Box:
    """The plot's area inside its drawing."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Reliability:
    """What was said against what came: a point a bin, its band, and the diagonal."""

    box: Box
    top: float  # the share at the end of both axes
    ticks_x: tuple[Tick, ...]
    ticks_y: tuple[Tick, ...]
    band: str  # points of a polygon; empty with fewer than two bands
    line: str  # points of a polyline
    marks: tuple[dict[str, float], ...]


@dataclass(frozen=True)
class History:
    """A probability over time with its interval."""

    box: Box
    top: float
    ticks_x: tuple[Tick, ...]
    ticks_y: tuple[Tick, ...]
    band: str
    line: str
    base: float  # y of the base rate
    last: Point


@dataclass(frozen=True)
class Lane:
    """One family on the strip: its events as x positions."""

    name: str
    y: float
    marks: tuple[float, ...]


@dataclass(frozen=True)
class Strip:
    """Events by family over time, with today and the window."""

    box: Box
    ticks_x: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    today: float
    window: tuple[float, float] | None  # x and width


@dataclass(frozen=True)
class Columns:
    """Counts by week: x, y, width and height of each column."""

    box: Box
    ticks_x: tuple[Tick, ...]
    ticks_y: tuple[Tick, ...]
    bars: tuple[tuple[float, float, float, float], ...]


def reliability(bins: Sequence[dict[str, float | None]]) -> Reliability:
    """Geometry of a reliability curve.

    Args:
        bins: `predicted`, `observed`, `lower`, `upper` (null without a band) and
            `n_rows`, at least one.
    """
    box = Box(480, 400, 62, 14, 14, 56)
    rows = sorted(bins, key=lambda b: b["predicted"] or 0.0)
    top = nice_top(
        max(max(b["predicted"] or 0, b["observed"] or 0, b["upper"] or 0) for b in rows)
    )
    x, y = _scales(box, 0.0, top, 0.0, top)
    banded = [b for b in rows if b["lower"] is not None and b["upper"] is not None]
    band = ""
    if len(banded) > 1:
        band = _points(
            [(x(b["predicted"] or 0), y(b["upper"] or 0)) for b in banded]
            + [(x(b["predicted"] or 0), y(b["lower"] or 0)) for b in reversed(banded)]
        )
    most = max(b["n_rows"] or 0 for b in rows) or 1
    marks = tuple(
        {
            "x": _round(x(b["predicted"] or 0)),
            "y": _round(y(b["observed"] or 0)),
            "lo": _round(y(b["lower"] if b["lower"] is not None else b["observed"])),  # type: ignore[arg-type]
            "hi": _round(y(b["upper"] if b["upper"] is not None else b["observed"])),  # type: ignore[arg-type]
            "r": _round(3.5 + 4.5 * math.sqrt((b["n_rows"] or 0) / most)),
        }
        for b in rows
    )
    ticks = _share_ticks(top)
    return Reliability(
        box,
        top,
        tuple(Tick(_round(x(v)), v) for v in ticks),
        tuple(Tick(_round(y(v)), v) for v in ticks),
        band,
        _points([(m["x"], m["y"]) for m in marks]),
        marks,
    )


def history(
    days: Sequence[date],
    values: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
    base: float,
) -> History:
    """Geometry of a score over time; the days ascend and are at least two."""
    box = Box(480, 210, 52, 12, 12, 34)
    # The interval of an expert's model reaches to 1; the line would lie flat under it.
    top = nice_top(max(max(values) * 1.35, base * 2))
    first, last = days[0].toordinal(), days[-1].toordinal()
    x, y = _scales(box, first, last, 0.0, top)
    xs = [x(day.toordinal()) for day in days]
    ceiling = [min(high, top) for high in highs]
    band = _points(
        [(px, y(v)) for px, v in zip(xs, ceiling, strict=True)]
        + [
            (px, y(min(v, top)))
            for px, v in zip(reversed(xs), reversed(lows), strict=True)
        ]
    )
    line = [(px, y(v)) for px, v in zip(xs, values, strict=True)]
    return History(
        box,
        top,
        _month_ticks(days[0], days[-1], x),
        tuple(Tick(_round(y(v)), v) for v in _share_ticks(top)),
        band,
        _points(line),
        _round(y(base)),
        (_round(line[-1][0]), _round(line[-1][1])),
    )


def strip(
    events: Sequence[tuple[str, date]],
    today: date,
    since: date,
    window: tuple[date, date] | None,
) -> Strip:
    """Geometry of a timeline.

    Args:
        events: family and day of each, at least one.
        today: the day the page is for.
        since: where the line begins at the latest.
        window: first and last day of the account's window.
    """
    counted: dict[str, list[date]] = {}
    for family, day in events:
        counted.setdefault(family, []).append(day)
    families = sorted(counted, key=lambda f: (-len(counted[f]), f))[:_MOST_LANES]
    first = min([since, *(day for _, day in events)])
    last = max(today, window[1] if window else today)
    box = Box(480, 26 * len(families) + 40, 104, 12, 8, 32)
    x, _ = _scales(box, first.toordinal(), last.toordinal(), 0, 1)
    lanes = tuple(
        Lane(
            family,
            _round(box.top + 26 * place + 13),
            tuple(_round(x(day.toordinal())) for day in sorted(counted[family])),
        )
        for place, family in enumerate(families)
    )
    shown = None
    if window:
        start, end = x(window[0].toordinal()), x(window[1].toordinal())
        shown = (_round(start), _round(max(end - start, 2)))
    return Strip(
        box,
        _month_ticks(first, last, x),
        lanes,
        _round(x(today.toordinal())),
        shown,
    )


def columns(weeks: Sequence[date], counts: Sequence[int]) -> Columns:
    """Geometry of counts by week; the weeks ascend."""
    box = Box(480, 200, 44, 12, 12, 34)
    top = _nice_count(max([*counts, 1]))
    last = weeks[-1].toordinal() + 7
    x, y = _scales(box, weeks[0].toordinal(), last, 0, top)
    bars = tuple(
        (
            _round(x(week.toordinal()) + 1),
            _round(y(count)),
            _round(max(x(week.toordinal() + 7) - x(week.toordinal()) - 2, 1)),
            _round(y(0) - y(count)),
        )
        for week, count in zip(weeks, counts, strict=True)
    )
    return Columns(
        box,
        _month_ticks(weeks[0], weeks[-1], x),
        tuple(Tick(_round(y(v)), v) for v in (0, top // 2, top)),
        bars,
    )


def root_scale(share: float) -> float:
    """A share on a square-root line, in per cent of its length.

    The root leaves room at the low end, where base rates are.
    """
    return 100 * math.sqrt(share)


def log_scale(value: float, low: float, high: float) -> float:
    """A ratio on a logarithmic line, in per cent of it, cut off at `low` and `high`."""
    kept = min(max(value, low), high)
    return 100 * math.log(kept / low) / math.log(high / low)


def nice_top(value: float) -> float:
    """The first round share that is not below the value."""
    return next((s for s in _STEPS if s >= value - 1e-12), 1.0)


def _nice_count(value: int) -> int:
    size = 10 ** max(len(str(value)) - 1, 0)
    for factor in (1, 2, 4, 5, 10):
        if factor * size >= value:
            return max(factor * size, 2)
    return 10 * size


def _share_ticks(top: float) -> list[float]:
    parts = 4 if top in (0.02, 0.2, 1.0) else 5
    return [top * i / parts for i in range(parts + 1)]


def _month_ticks(
    first: date, last: date, x: Callable[[float], float]
) -> tuple[Tick, ...]:
    """The first of some months: at most seven of them."""
    months = []
    year, month = first.year, first.month
    while date(year, month, 1) <= last:
        if date(year, month, 1) >= first:
            months.append(date(year, month, 1))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    every = max(1, math.ceil(len(months) / 7))
    return tuple(Tick(_round(x(m.toordinal())), m) for m in months[::every])


def _scales(
    box: Box, x0: float, x1: float, y0: float, y1: float
) -> tuple[Callable[[float], float], Callable[[float], float]]:
    wide = box.width - box.left - box.right
    high = box.height - box.top - box.bottom

    def x(value: float) -> float:
        return box.left + wide * (value - x0) / ((x1 - x0) or 1)

    def y(value: float) -> float:
        return box.top + high * (1 - (value - y0) / ((y1 - y0) or 1))

    return x, y


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{_round(x):g},{_round(y):g}" for x, y in points)


def _round(value: float) -> float:
    return round(value, 1)
