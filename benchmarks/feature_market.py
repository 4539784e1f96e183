"""A made-up market at the level of features, without pages (SCIENCE 5.1, 5.2).

Accounts pass through dormant, emerging, organising, procuring and served; causes make
need likelier, states make signals likelier, and ten signals mean nothing. Figures from
it are of the estimator alone: nothing is crawled or read, so they say nothing about
what extraction costs. Deterministic: a seed is a market.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.scoring.coefficients import Vector
from orchestration.scoring.estimator import Prior
from orchestration.scoring.hierarchy import Spread
from orchestration.scoring.learning import (
    SECTOR_SPREAD,
    STEP,
    Design,
    Population,
    interactions,
    sector_columns,
)

# A Monday on which rows are learned from.
FIRST_DAY = 1 + STEP * 26_000
BURN_IN = 60

# name: rate a week, effect on need, half-life (weeks), recall, false a week, x's.
CAUSES = {
    "leader_primary": (0.0056, 7.0, 8.0, 0.90, 0.0008, 12.0),
    "leader_other": (0.015, 1.5, 8.0, 0.90, 0.0015, 12.0),
    "reorganisation": (0.0025, 4.0, 12.0, 0.80, 0.0008, 16.0),
    "merger": (0.001, 3.5, 20.0, 0.95, 0.0002, 26.0),
    "unrest": (0.003, 2.0, 8.0, 0.70, 0.0015, 12.0),
    "freeze": (0.003, 0.25, 13.0, 0.80, 0.0008, 13.0),
}
# name: rates a week by state, half-life of x in weeks.
EVENTS = {
    "initiative": ((0.004, 0.02, 0.04, 0.02, 0.004), 13.0),
    "partnership": ((0.004, 0.006, 0.015, 0.01, 0.006), 13.0),
    "prior_information": ((0.0003, 0.002, 0.035, 0.01, 0.0003), 8.0),
}
# name: mean a week at activity 1, multiples by state, shape of the dispersion.
COUNTS = {
    "job_tempo": (0.5, (1, 1.15, 1.5, 1.2, 1), 3.0),
    "edit_tempo": (1.0, (1, 1.3, 1.6, 1.4, 1), 2.0),
    "press_tempo": (0.4, (1, 1.2, 1.4, 1.2, 1), 2.0),
}
SHIFTS = {
    "language": (0, 0.5, 0.8, 0.5, 0),
    "theme": (0, 0.6, 0.9, 0.6, 0),
    "job_mix": (0, 0.3, 0.7, 0.5, 0),
}
NUISANCES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.09, 0.12, 0.15, 0.02)
THEME_JOBS = (1, 2.5, 8, 5, 1)

# Experts' weights (SCIENCE 3.2); nothing is believed of a nuisance.
WEIGHTS = {
    "leader_primary": 1.2,
    "leader_other": 0.3,
    "reorganisation": 0.7,
    "merger": 0.7,
    "unrest": 0.3,
    "freeze": -0.7,
    "initiative": 0.7,
    "partnership": 0.3,
    "prior_information": 2.0,
    "theme_jobs": 0.7,
    "job_tempo": 0.3,
    "edit_tempo": 0.15,
    "press_tempo": 0.15,
    "language": 0.5,
    "theme": 0.5,
    "job_mix": 0.15,
    "award": -2.0,
    "own_tender_recent": -2.0,
    "size": 0.2,
    **{f"nuisance_{i}": 0.0 for i in range(len(NUISANCES))},
    "leader_primary x unrest": 0.3,
    "leader_primary x theme_jobs": 0.3,
    "language x theme_jobs": 0.15,
}
PAIRS = (
    ("leader_primary", "unrest"),
    ("leader_primary", "theme_jobs"),
    ("language", "theme_jobs"),
)


@dataclass(frozen=True)
class Market:
    """What was seen every fourth Monday, and the tenders that came."""

    population: Population
    notices: dict[int, list[int]]
    last_day: int
    weekly: "Weekly | None" = None


@dataclass(frozen=True)
class Weekly:
    """What was to be seen each week, weeks x accounts, and what an oracle knows."""

    size: Vector
    sector_effect: Vector
    activity: Vector
    seen: dict[str, Vector]


def market(
    seed: int, n: int, weeks: int, null: bool = False, watched: bool = False
) -> Market:
    """Simulate; rows begin after the burn-in.

    Args:
        seed: of the market.
        n: accounts.
        weeks: how long, burn-in included.
        null: whether nothing has any effect and no state shows.
        watched: whether to keep what was seen every week, for the oracle.
    """
    g = np.random.default_rng(seed)
    size = g.normal(size=n)
    activity = np.exp(0.6 * size)
    sector = g.integers(0, 12, n)
    sector_effect = g.normal(0, 0.3, 12)[sector]
    state = np.zeros(n, dtype=np.int64)
    cause = {name: np.zeros(n) for name in CAUSES}
    signals = [*CAUSES, *EVENTS, "award"]
    signals += [f"nuisance_{i}" for i in range(len(NUISANCES))]
    x = {name: np.zeros(n) for name in signals}
    jobs = np.zeros(n)
    shown = {name: np.zeros(n) for name in [*COUNTS, *SHIFTS]}
    noise = {name: g.normal(size=n) for name in SHIFTS}
    award = np.zeros(n)
    tender_open = np.zeros(n, dtype=bool)
    notices: dict[int, list[int]] = {}
    kept: list[Vector] = []
    days: list[int] = []
    were_open: list[NDArray[np.bool_]] = []
    lam = 2 ** (-1 / 8)
    norm = np.sqrt(1 - lam**2)
    flat = np.zeros(n, dtype=np.int64)
    weekly: dict[str, list[Vector]] = {}

    def seen(name: str, values: Vector) -> None:
        if watched:
            weekly.setdefault(name, []).append(np.asarray(values, dtype=np.float64))

    for week in range(weeks):
        day = FIRST_DAY + 7 * (week - BURN_IN)
        seen_state = flat if null else state
        m = np.ones(n)
        for name, (rate, effect, half, recall, false, half_x) in CAUSES.items():
            happened = g.random(n) < rate
            cause[name] = cause[name] * 2 ** (-1 / half) + happened
            if not null:
                m *= 1 + (effect - 1) * np.minimum(cause[name], 1)
            caught = (happened & (g.random(n) < recall)) | (g.random(n) < false)
            x[name] = x[name] * 2 ** (-1 / half_x) + caught
            seen(name, caught)
        if not null:
            both = np.minimum(cause["leader_primary"], 1) * np.minimum(
                cause["unrest"], 1
            )
            m *= 1 + 0.8 * both
        for name, (rates, half_x) in EVENTS.items():
            fired = g.random(n) < np.array(rates)[seen_state]
            x[name] = x[name] * 2 ** (-1 / half_x) + fired
            seen(name, fired)
        rate = 0.02 * np.sqrt(activity) * np.array(THEME_JOBS)[seen_state]
        posted = g.poisson(rate)
        jobs = jobs * 2 ** (-1 / 8) + posted
        seen("theme_jobs", posted)
        for name, (mean, multiples, shape) in COUNTS.items():
            usual = mean * activity
            now = usual * np.array(multiples)[seen_state]
            count = g.poisson(now * g.gamma(shape, 1 / shape, n))
            seen(name, count)
            z = (count - usual) / np.sqrt(usual + usual**2 / shape)
            shown[name] = lam * shown[name] + norm * z
        for name, means in SHIFTS.items():
            noise[name] = 0.8 * noise[name] + 0.6 * g.normal(size=n)
            z = np.array(means, dtype=float)[seen_state] + noise[name]
            seen(name, z)
            shown[name] = lam * shown[name] + (1 - lam) * z * 2
        for i, often in enumerate(NUISANCES):
            name = f"nuisance_{i}"
            fired = g.poisson(often * activity**0.7)
            x[name] = x[name] * 2 ** (-1 / 8) + fired
        award *= 2 ** (-1 / 26)
        draw = g.random(n)
        began = 0.0018 * np.exp(0.4 * size + sector_effect) * np.maximum(m, 0.05)
        following = state.copy()
        following[(state == 0) & (draw < began)] = 1
        following[(state == 1) & (draw < 0.10)] = 2
        following[(state == 1) & (draw >= 0.10) & (draw < 0.13)] = 0
        following[(state == 2) & (draw < 0.125)] = 3
        following[(state == 2) & (draw >= 0.125) & (draw < 0.145)] = 0
        following[(state == 3) & (draw < 0.125)] = 4
        following[(state == 4) & (draw < 1 / 26)] = 0
        # What is on show this Monday is from before the week's tenders.
        if week >= BURN_IN and (week - BURN_IN) % 4 == 0:
            columns = [
                np.minimum(x[k], 2.0) if k != "award" else np.minimum(award, 2.0)
                for k in signals
            ]
            columns.append(np.sqrt(np.minimum(jobs, 6)))
            columns += [np.clip(shown[k], 0, 5) for k in [*COUNTS, *SHIFTS]]
            columns.append(size)
            kept.append(np.column_stack(columns))
            days.append(day)
            were_open.append(tender_open.copy())
        for i in np.flatnonzero((state == 2) & (following == 3)):
            notices.setdefault(int(i), []).append(day + 1 + int(g.integers(0, 6)))
        seen("tender", (state == 2) & (following == 3))
        seen("award", (state == 3) & (following == 4))
        award += (state == 3) & (following == 4)
        tender_open = following == 3
        state = following
    names = (*signals, "theme_jobs", *COUNTS, *SHIFTS, "size")
    table = np.vstack(kept)
    crossed, crossed_names = interactions(table, names, PAIRS)
    sectors, sector_names = sector_columns([f"{s:02}" for s in sector])
    population = Population(
        names=(*names, *crossed_names, *sector_names),
        account=np.tile(np.arange(n), len(days)),
        day=np.repeat(np.array(days, dtype=np.int64), n),
        x=np.hstack([table, crossed, np.tile(sectors, (len(days), 1))]),
        observed_since=np.full(n * len(days), FIRST_DAY - 7 * BURN_IN),
        open_tender=np.concatenate(were_open),
    )
    kept_weekly = (
        Weekly(
            size,
            sector_effect,
            activity,
            {name: np.vstack(values) for name, values in weekly.items()},
        )
        if watched
        else None
    )
    return Market(
        population, notices, FIRST_DAY + 7 * (weeks - BURN_IN), weekly=kept_weekly
    )


def experts(
    names: tuple[str, ...], intercept: float
) -> tuple[Prior, list[str | None], dict[str, Spread]]:
    """The experts' prior over a market's columns, and the groups its sectors form."""
    weight = np.array([WEIGHTS.get(name, 0.0) for name in names])
    groups: list[str | None] = [
        "sector" if name.startswith("sector ") else None for name in names
    ]
    prior = Prior(
        names,
        weight,
        np.full(len(names), 0.3),
        np.sign(weight).astype(np.int64),
        intercept,
    )
    return prior, groups, {"sector": SECTOR_SPREAD}


def with_events(rows: Design, n_events: int, seed: int) -> Design:
    """Accounts drawn until they had that many outcomes; all if they never have."""
    generator = np.random.default_rng(seed)
    accounts = generator.permutation(np.unique(rows.account))
    low, high = 1, len(accounts)
    while low < high:
        middle = (low + high) // 2
        few = rows.chosen(np.isin(rows.account, accounts[:middle]))
        low, high = (low, middle) if few.n_events >= n_events else (middle + 1, high)
    return rows.chosen(np.isin(rows.account, accounts[:low]))
