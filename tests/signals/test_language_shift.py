"""Language shift: numbers against numpy; no shift where nobody changed words."""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.signals.market_of_rows import (
    FIRST,
    Home,
    dbt_build,
    end_of,
    table,
    text,
    weeks,
)

SELECT = ("--exclude-resource-type", "unit_test")
N_WEEKS = 20
N_ACCOUNTS = 6
TURN = 10
_WORDS = [f"ord{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(120)]


def _market() -> tuple[Home, dict[tuple[str, int], list[list[str]]]]:
    """Each week a new page of text; firma00 takes up "kundereise" from week 10."""
    rng = random.Random(11)
    home = Home()
    texts: dict[tuple[str, int], list[list[str]]] = {}
    for i in range(N_ACCOUNTS):
        account = f"firma{i:02d}"
        home.account(account, segment="en")
        pages: list[list[str]] = []
        for week, day in enumerate(weeks(FIRST, N_WEEKS)):
            n_new = 12 if week == 0 else 1
            for _ in range(n_new):
                words = rng.choices(_WORDS, k=120)
                if i == 0 and week >= TURN:
                    words[:4] = ["kundereise"] * 4
                pages.append(words)
            texts[account, week] = [list(p) for p in pages[-n_new:]]
            for n, words in enumerate(pages):
                text(home, account, end_of(day), [" ".join(words)], f"/nytt/{n}/")
    return home, texts


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[tuple[str, int], list[list[str]]]]:
    home = tmp_path_factory.mktemp("language")
    rows, texts = _market()
    rows.write(home)
    dbt_build(home, *SELECT)
    return home, texts


def _counts(texts: dict, account: str, first: int, last: int) -> Counter:
    found: Counter = Counter()
    for week in range(first, last + 1):
        for page in texts[account, week]:
            found.update(page)
    return found


def test_numbers_equal_numpy(built: tuple[Path, dict]) -> None:
    """SCIENCE 2.2 by hand on the last landmark, for every term scored."""
    home, texts = built
    last = N_WEEKS - 1
    as_of = FIRST + timedelta(weeks=last)
    scored = table(home, "language_terms").filter(
        (pl.col("as_of") == as_of) & (pl.col("channel") == "web")
    )
    assert scored.height > 20
    accounts = [f"firma{i:02d}" for i in range(N_ACCOUNTS)]
    market: Counter = Counter()
    for account in accounts:
        market += _counts(texts, account, 0, last)
    window = {a: _counts(texts, a, last - 7, last) for a in accounts}
    before = {a: _counts(texts, a, 0, last - 8) for a in accounts}
    for row in scored.iter_rows(named=True):
        account, term = row["account_id"], row["term"]
        alpha = 500 * market[term] / market.total() + 0.01
        a = 500 + 0.01 * len(market)
        others: Counter = Counter()
        for other in accounts:
            if other != account:
                others += window[other]

        def z(c: Counter, b: Counter, term=term, alpha=alpha, a=a) -> float:
            yc, yb = c[term] + alpha, b[term] + alpha
            d = np.log(yc / (c.total() + a - yc)) - np.log(yb / (b.total() + a - yb))
            return float(d / np.sqrt(1 / yc + 1 / yb))

        assert row["z_own"] == pytest.approx(
            z(window[account], before[account]), abs=1e-9
        )
        assert row["z_others"] == pytest.approx(z(window[account], others), abs=1e-9)


def test_one_signal_for_the_firm_that_changed(built: tuple[Path, dict]) -> None:
    home, _ = built
    claims = table(home, "signals").filter(pl.col("family") == "language")
    assert claims["account_id"].to_list() == ["firma00"]
    claim = claims.row(0, named=True)
    assert claim["subject"] == "kundereise"
    assert "kundereise" in claim["quote_after"]
    assert len(claim["quote_after"].split()) <= 25
    assert claim["before_ref"] != claim["after_ref"]
    assert claim["known_at"] >= end_of(FIRST + timedelta(weeks=TURN))


def test_too_little_text_is_null_not_zero(built: tuple[Path, dict]) -> None:
    home, _ = built
    x = table(home, "account_features").filter(
        pl.col("signal_type") == "website_language_shift"
    )
    first = x.filter(pl.col("as_of") == FIRST)
    assert first["x"].null_count() == first.height
    last = x.filter(pl.col("as_of") == pl.col("as_of").max())
    assert last["x"].null_count() == 0
    changed = last.filter(pl.col("account_id") == "firma00")["x"][0]
    assert changed > 2 * last.filter(pl.col("account_id") != "firma00")["x"].max()
