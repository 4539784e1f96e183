"""Superset over its HTTP API: log in, import the dashboards, ask charts for rows."""

from dataclasses import dataclass
from typing import Any

import requests

from orchestration.publish.superset.dashboards import DATABASE, Code, uuid_of
from orchestration.publish.superset.server import SupersetFailed

_TIMEOUT = 120  # seconds
_PAGE = 100


@dataclass(frozen=True)
class Asked:
    """What one chart answered."""

    chart: str
    rows: int
    fault: str | None


def log_in(address: str, user: str, password: str) -> requests.Session:
    """A session with its token, and the one against forgery.

    Raises:
        SupersetFailed: the user or password is not taken.
    """
    session = requests.Session()
    # Loopback: a proxy of the machine is never asked.
    session.trust_env = False
    answer = session.post(
        f"{address}/api/v1/security/login",
        json={
            "username": user,
            "password": password,
            "provider": "db",
            "refresh": False,
        },
        timeout=_TIMEOUT,
    )
    token = _said(answer, "log in")["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    session.headers["Referer"] = address
    forgery = session.get(f"{address}/api/v1/security/csrf_token/", timeout=_TIMEOUT)
    session.headers["X-CSRFToken"] = _said(forgery, "get a token")["result"]
    return session


def import_bundle(session: requests.Session, address: str, bundle: bytes) -> None:
    """Import databases, datasets, charts and dashboards; what is there is overwritten.

    Raises:
        SupersetFailed: with Superset's own words.
    """
    answer = session.post(
        f"{address}/api/v1/assets/import/",
        files={"bundle": ("lyttepost.zip", bundle, "application/zip")},
        timeout=_TIMEOUT,
    )
    _said(answer, "import the dashboards")


def ask_all(session: requests.Session, address: str, code: Code) -> list[Asked]:
    """Ask every chart for its data, as its saved query has it."""
    ids = _ids(session, address, "chart")
    return [_ask(session, address, name, ids) for name in code.charts]


def missing_dashboards(
    session: requests.Session, address: str, code: Code
) -> list[str]:
    """Slugs of dashboards that Superset does not have."""
    there = _ids(session, address, "dashboard")
    return [
        d.slug for d in code.dashboards if uuid_of("dashboard", d.slug) not in there
    ]


def _ask(
    session: requests.Session, address: str, name: str, ids: dict[str, int]
) -> Asked:
    number = ids.get(uuid_of("chart", name))
    if number is None:
        return Asked(name, 0, "Superset does not have it")
    answer = session.get(
        f"{address}/api/v1/chart/{number}/data/?force=true", timeout=_TIMEOUT
    )
    if not answer.ok:
        return Asked(name, 0, _words(answer))
    results = answer.json()["result"]
    faults = [r["error"] for r in results if r.get("error")]
    rows = sum(r.get("rowcount") or 0 for r in results)
    return Asked(name, rows, "; ".join(faults) or None)


def _ids(session: requests.Session, address: str, kind: str) -> dict[str, int]:
    """Ids by uuid of all objects of a kind."""
    found: dict[str, int] = {}
    page = 0
    while True:
        answer = session.get(
            f"{address}/api/v1/{kind}/",
            params={"q": f"(columns:!(id,uuid),page:{page},page_size:{_PAGE})"},
            timeout=_TIMEOUT,
        )
        rows = _said(answer, f"list its {kind}s")["result"]
        found |= {row["uuid"]: row["id"] for row in rows}
        if len(rows) < _PAGE:
            return found
        page += 1


def _said(answer: requests.Response, what: str) -> dict[str, Any]:
    if not answer.ok:
        raise SupersetFailed(
            f"Superset would not {what} ({DATABASE}): {_words(answer)}"
        )
    said: dict[str, Any] = answer.json()
    return said


def _words(answer: requests.Response) -> str:
    return f"{answer.status_code} {' '.join(answer.text.split())[:600]}"
