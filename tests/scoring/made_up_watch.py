"""A made-up watch of a year and a half: features that foretell, and what came of them.

Frames in the shape of the contracts. Two types matter, one is noise; nothing is real.
"""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from orchestration.contracts.frames import empty_frame, schema
from orchestration.contracts.odcs import contract
from orchestration.scoring.weights import load_weights
from tests.scoring.made_up import OFFER, OFFERS

FIRST = date(2024, 1, 1)
WEEKS = 84
STRONG, WEAK, NOISE = "market_dialogue", "hiring_surge", "relocation"


def catalogue() -> pl.DataFrame:
    """The catalogue, as far as scoring asks; every type of the scorecard."""
    names = list(load_weights().signal_types)
    return pl.DataFrame(
        {
            "id": names,
            "affects": ["need,priority" if n == WEAK else "readiness" for n in names],
            "is_measure": [n == WEAK for n in names],
            "half_life_days": [56] * len(names),
            "sources": ["company_pages"] * len(names),
            "exclusivity": ["low"] * len(names),
            "min_history_days": [28 if n == WEAK else 0 for n in names],
            "awareness": ["explicit" if n == STRONG else "unaware" for n in names],
        }
    )


def tables(
    n: int = 160, seed: int = 3, every: int = 2, weeks: int = WEEKS, effect: float = 1.0
) -> dict[str, pl.DataFrame]:
    """Tables as the warehouse has them; a visit every `every` weeks."""
    g = np.random.default_rng(seed)
    days = [FIRST + timedelta(weeks=w) for w in range(0, weeks, every)]
    accounts = [f"a{i:03d}" for i in range(n)]
    features, coverage, outcomes = [], [], []
    x = np.zeros((n, 3))
    blocked_until = [FIRST] * n
    for day in days:
        fires = g.random((n, 3)) < np.array([0.03, 0.08, 0.08])
        x = np.minimum(x * 2.0 ** (-every / 10) + fires, 2.0)
        rate = 0.004 * every * np.exp(effect * (1.8 * x[:, 0] + 0.9 * x[:, 1]))
        for i, account in enumerate(accounts):
            for k, kind in enumerate((STRONG, WEAK, NOISE)):
                features.append((account, day, kind, float(x[i, k])))
            seen = datetime.combine(day, datetime.min.time()) + timedelta(hours=6)
            coverage.append((account, day, seen))
            if day >= blocked_until[i] and g.random() < rate[i]:
                when = seen + timedelta(days=int(g.integers(1, 7 * every)))
                outcomes.append((account, when))
                blocked_until[i] = day + timedelta(days=400)
    begun = datetime(2023, 6, 1)
    return {
        "account_features": pl.DataFrame(
            {
                "account_id": [f[0] for f in features],
                "offer": OFFER,
                "as_of": [f[1] for f in features],
                "signal_type": [f[2] for f in features],
                "x": [f[3] for f in features],
                "x_raw": [f[3] for f in features],
                "n_signals": 0,
                "signal_ids": [[] for _ in features],
                "latest_known_at": [
                    datetime.combine(f[1], datetime.min.time()) for f in features
                ],
            },
            schema=schema(contract("account_features")),
        ),
        "hist_coverage_daily": pl.DataFrame(
            {
                "account_id": [c[0] for c in coverage],
                "source": "company_pages",
                "as_of": [c[1] for c in coverage],
                "state": "fresh",
                "observed_since": [begun for _ in coverage],
                "last_evidence_at": [c[2] for c in coverage],
                "visits": 9,
                "evidence_visits": 9,
            }
        ),
        "offers": OFFERS,
        "signals": empty_frame(contract("signals")),
        "signal_types": catalogue(),
        "outcomes": pl.DataFrame(
            {
                "account_id": [o[0] for o in outcomes],
                "offer": OFFER,
                "target": "tender",
                "event_id": [f"e{i}" for i in range(len(outcomes))],
                "occurred_at": [o[1] for o in outcomes],
                "known_at": [o[1] + timedelta(days=2) for o in outcomes],
                "is_own": True,
                "is_first": True,
                "evidence_ref": "v",
            },
            schema=schema(contract("outcomes")),
        ),
        "accounts": pl.DataFrame(
            {
                "account_id": accounts,
                "name": accounts,
                "segment": [("handel", "industri")[i % 2] for i in range(n)],
                "owner": [("Kari", "Per")[i % 2] for i in range(n)],
            }
        ),
    }
