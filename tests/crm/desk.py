"""A made-up desk of any size: published tables for a CRM, and what moves in them."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl

from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import contract
from orchestration.crm.tables import _digest

OFFER = "crm_platform"
DAY = date(2026, 1, 12)


def org_number(i: int) -> str:
    """A made-up organisation number that is valid: MOD-11."""
    for base in range(80_000_000 + i * 7, 80_000_000 + i * 7 + 7):
        digits = [int(d) for d in str(base)]
        weights = (3, 2, 7, 6, 5, 4, 3, 2)
        rest = sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
        control = (11 - rest) % 11
        if control < 10:
            return f"{base}{control}"
    raise AssertionError("seven numbers in a row have no control digit")


def update(i: int, **given) -> dict:
    """A row of crm_account_updates with an open window."""
    row = {
        "update_key": f"acc-{i:05d}:{OFFER}",
        "account_id": f"acc-{i:05d}",
        "offer": OFFER,
        "org_number": org_number(i),
        "domain": f"selskap{i}.example",
        "name": f"Oppdiktet {i} AS",
        "probability": 0.1 + (i % 50) / 100,
        "band": "high",
        "lift": 3.5,
        "why_now_nb": f"Person {i} kom inn som salgsdirektør i desember 2025.",
        "why_now_en": f"Person {i} came in as sales director in December 2025.",
        "play": "new_leader_primary",
        "talk_to_role": "Salgsdirektør",
        "talk_to_name": f"Person {i}",
        "opening_question_nb": "Hva skal gjøres annerledes?",
        "opening_question_en": "What will be done differently?",
        "do_not_say_nb": "Ikke spør hvorfor forgjengeren sluttet.",
        "do_not_say_en": "Do not ask why the predecessor left.",
        "window_state": "open",
        "window_from": date(2026, 1, 1),
        "act_before": date(2026, 3, 1),
        "evidence_url": f"https://evidence.example/{i}.html",
        "is_listed": True,
        "updated_at": datetime(2026, 1, 12),
        "is_deleted": False,
    } | given
    return row | {"row_hash": _digest(repr(sorted(row.items())))}


CLOSED = {
    "window_state": "closed",
    "is_listed": False,
    **dict.fromkeys(
        (
            "play",
            "why_now_nb",
            "why_now_en",
            "talk_to_role",
            "talk_to_name",
            "opening_question_nb",
            "opening_question_en",
            "do_not_say_nb",
            "do_not_say_en",
            "window_from",
            "evidence_url",
        )
    ),
}


def task(i: int, **given) -> dict:
    """A row of crm_tasks; closed when `closed_reason` is given."""
    row = dict.fromkeys(schema(contract("crm/crm_tasks"))) | {
        "task_key": _digest(f"task {i}"),
        "account_id": f"acc-{i:05d}",
        "offer": OFFER,
        "play": "new_leader_primary",
        "subject_nb": "Salgsdirektør: ta kontakt før 2026-03-01",
        "subject_en": "Sales director: talk to them before 2026-03-01",
        "body_nb": f"Hvem: Salgsdirektør, Person {i}\nHvorfor nå: ny i stillingen.",
        "body_en": f"Who: Sales director, Person {i}\nWhy now: new in the post.",
        "talk_to_role": "Salgsdirektør",
        "talk_to_name": f"Person {i}",
        "why_now_nb": "Ny i stillingen.",
        "why_now_en": "New in the post.",
        "evidence_url": f"https://evidence.example/{i}.html",
        "opened_on": DAY,
        "expires_on": date(2026, 3, 1),
        "status": "open",
        "updated_at": datetime(2026, 1, 12),
    }
    row |= given
    if "closed_reason" in given:
        row |= {"status": "closed", "closed_on": DAY, "body_nb": None, "body_en": None}
    return row | {"row_hash": _digest(repr(sorted(row.items(), key=str)))}


def put(home: Path, updates: Sequence[dict], tasks: Sequence[dict] = ()) -> None:
    """Publish the tables, and the accounts they are of."""
    folder = home / "published" / "current"
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("crm_account_updates", updates), ("crm_tasks", tasks)):
        _frame(f"crm/{name}", rows).write_parquet(folder / f"{name}.parquet")
    accounts = [
        {
            "account_id": row["account_id"],
            "name": row["name"],
            "country": "NO",
            "org_number": row["org_number"],
            "domains": [row["domain"]],
            "crm_ids": [],
        }
        for row in updates
    ]
    (home / "accounts").mkdir(exist_ok=True)
    file = home / "accounts" / "accounts.parquet"
    _frame("accounts", accounts).write_parquet(file)


def _frame(path: str, rows: Sequence[dict]) -> pl.DataFrame:
    wanted = schema(contract(path))
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in wanted}, schema=wanted
    )
