"""What was read of each source, from the observed records and the visits of a home.

Which column of a record is what the truth calls it is said here and nowhere else.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.market_report.entities import Showing, Shown, Sighting, Thing

Record = dict[str, Any]

_GOOD = ("ok", "not_modified")
_NUMBER_IN_ADDRESS = re.compile(
    r"/(?:presse/|pressemelding/|message(?:\?messageId=|/))(\d+)"
)
_SCOPES = {
    ("company_pages", "job_ads"): "careers",
    ("company_pages", "people"): "leadership",
    ("company_pages", "menu"): "home",
    ("company_pages", "technologies"): "home",
    ("brreg_registry", "registry_values"): "entity",
    ("brreg_registry", "registry_entities"): "entity",
    ("brreg_registry", "registry_roles"): "roles",
    ("brreg_registry", "sub_units"): "sub_units",
    ("brreg_announcements", "announcements"): "list",
    ("brreg_accounts", "annual_accounts"): "accounts",
    ("companies_house_registry", "registry_values"): "entity",
    ("companies_house_registry", "registry_entities"): "entity",
    ("companies_house_registry", "registry_roles"): "roles",
    ("companies_house_registry", "announcements"): "filings",
    ("nav_jobs", "job_ads"): "feed_page",
    ("doffin_notices", "notices"): "search",
    ("ted_notices", "notices"): "search",
    ("newsweb_announcements", "announcements"): "list",
    ("workday_jobs", "job_ads"): "board",
}
"""The scope whose answers show the things of a kind; else every scope but robots."""
_WORDS = ("description", "text", "terms")
"""Columns that nothing here compares; a list seen weekly would repeat their texts."""
_ACROSS = ("nav_jobs", "doffin_notices", "ted_notices", "public_money_lists")
"""Sources that are asked for everybody at once."""


def shown(rows: Iterable[Mapping[str, Any]]) -> Iterator[Shown]:
    """The rows of the truth of what is shown."""
    for row in rows:
        thing = Thing(row["source"], row["kind"], row["account_id"], row["key"])
        yield Shown(
            thing,
            _day(row["from"]),
            _day(row["to"]),
            frozenset(map(date.fromisoformat, row["hidden_on"])),
            row["fields"],
            bool(row.get("stays")),
            _day(row.get("purged_on")),
            row.get("job"),
        )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def visits_of(home: Path) -> pl.DataFrame:
    """Every visit of a home, with its day."""
    files = sorted((home / "landing").glob("*/day=*/visits.parquet"))
    columns = [
        "source",
        "account_id",
        "scope",
        "url",
        "fetched_at",
        "outcome",
        "http_status",
        "payload_digest",
    ]
    frames = [pl.read_parquet(file, columns=columns) for file in files]
    return pl.concat(frames).with_columns(pl.col("fetched_at").dt.date().alias("day"))


def answered(
    visits: pl.DataFrame, things: Sequence[Thing]
) -> dict[Showing, list[date]]:
    """Days on which each list was answered whole: no part of it failed.

    A page that is not there (404) is no failure of the list.
    """
    of: dict[tuple[str, str | None], dict[str, dict[date, bool]]]
    of = defaultdict(lambda: defaultdict(dict))
    for source, account, scope, day, outcome, status in visits.select(
        "source", "account_id", "scope", "day", "outcome", "http_status"
    ).iter_rows():
        if scope in ("robots", "reservation", "token") or status == 404:
            continue
        days = of[source, account][scope]
        days[day] = days.get(day, True) and outcome in _GOOD
    found = {}
    for source, kind, account in sorted({t[:3] for t in things}):
        who = None if source in _ACROSS else account
        scope = _SCOPES.get((source, kind))
        asked: dict[date, bool] = {}
        for one_scope, days in of.get((source, who), {}).items():
            if scope in (None, one_scope):
                for day, is_good in days.items():
                    asked[day] = asked.get(day, True) and is_good
        if asked:
            good = [day for day, is_good in asked.items() if is_good]
            found[Showing(source, kind, account)] = sorted(good)
    return found


def sightings(
    home: Path, visits: pl.DataFrame, account_of: Mapping[str, str]
) -> Iterator[Sighting]:
    """Every thing of every good answer; ``account_of`` is by organisation number."""
    good = visits.filter(pl.col("outcome").is_in(list(_GOOD)))
    for folder, readers in _READERS.items():
        for place in sorted((home / "observed" / folder).glob("source=*")):
            joined = _seen_on_days(place, good)
            for row in joined.iter_rows(named=True):
                for reader in readers:
                    for kind, account, key, fields in reader(row, account_of):
                        thing = Thing(row["source"], kind, account, key)
                        yield Sighting(thing, row["day"], fields)


def _seen_on_days(place: Path, good: pl.DataFrame) -> pl.DataFrame:
    """The records of a source, once for each good answer that held them."""
    files = sorted(place.glob("*.parquet"))
    if not files:
        return pl.DataFrame()
    records = pl.concat(
        [
            pl.read_parquet(file, hive_partitioning=False).drop(_WORDS, strict=False)
            for file in files
        ]
    )
    days = good.select("source", "account_id", "scope", "url", "day", "payload_digest")
    return days.join(records, on=["source", "url", "payload_digest"])


Read = Iterator[tuple[str, str, str, Mapping[str, Any]]]


def _text(value: Any) -> str | None:
    """A date or a moment as the truth writes it."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def _job_ads(row: Record, account_of: Mapping[str, str]) -> Read:
    source, title = row["source"], row["title"]
    place = row["place"].split(",")[0] if row["place"] else None
    if source == "nav_jobs":
        account = account_of.get(row["employer_org_number"] or "")
        # The list names every ad of everybody, and no number of its employer.
        if account is not None and row["ad_status"] == "active":
            number = row["employer_org_number"]
            fields = {"title": title, "employer_org_number": number}
            yield "job_ads", account, row["ad_id"], fields
    elif source == "company_pages":
        if row["scope"] == "careers" and title:
            yield "job_ads", row["account_id"], title.lower(), {"place": place}
    else:
        posted = row["posted_at"]
        fields = {
            "title": title,
            # Some boards name a number of places in their lists.
            "place": None if place and place[0].isdigit() else place,
            "posted_on": posted.date().isoformat() if posted else None,
        }
        yield "job_ads", row["account_id"], row["ad_id"], fields


def _people(row: Record, account_of: Mapping[str, str]) -> Read:
    if row["scope"] == "leadership":
        yield "people", row["account_id"], row["name"], {"title": row["title"]}


def _structure(row: Record, account_of: Mapping[str, str]) -> Read:
    if row["part"] == "menu" and row["scope"] == "home":
        yield "menu", row["account_id"], row["target"], {"label": row["label"]}


def _technologies(row: Record, account_of: Mapping[str, str]) -> Read:
    is_mark = row["evidence"] in ("header", "cookie", "script", "markup")
    if is_mark and row["is_used"] and row["scope"] == "home":
        yield "technologies", row["account_id"], row["name"], {}


def _notices(row: Record, account_of: Mapping[str, str]) -> Read:
    account = account_of.get(row["party_org_number"] or "")
    if account is None:
        return
    deadline = row["deadline_at"] if row["notice_type"] == "competition" else None
    fields = {
        "notice_type": row["notice_type"],
        "title": row["title"],
        "cpv": row["cpv"][0] if row["cpv"] else None,
        "procedure_id": row["procedure_id"],
        "published_on": row["published_at"].date().isoformat(),
        "deadline_on": deadline.date().isoformat() if deadline else None,
        "value": row["value"],
        # A search hit does not say that it corrects another notice.
        "is_correction": bool(row["corrects_notice"]) if row["is_detail"] else None,
    }
    yield "notices", account, f"{row['notice_id']} {row['party_role']}", fields


def _announcements(row: Record, account_of: Mapping[str, str]) -> Read:
    source, party = row["source"], row["party_org_number"]
    account = row["account_id"]
    fields: dict[str, Any] = {
        "title": row["title"],
        "published_at": _text(row["published_at"]),
        "amount": row["amount"],
        "source_type": row["source_type"],
        "effective_on": _text(row["effective_on"]),
    }
    if source == "brreg_announcements":
        account = account_of.get(party or "")
        if row["is_detail"]:
            # The announcement's own heading is another one than the list's words.
            del fields["title"]
        key = f"{row['announcement_id']} {row['party_role']}"
    elif source == "public_money_lists":
        account = account_of.get(party or "")
        name = row["announcement_id"].partition(":")[0]
        key = f"{name} {row['effective_on']} {row['amount'] or 0:.2f}"
        programme = (row["source_type"] or "").partition(" · ")[0]
        fields = {"programme": programme or None}
    elif source == "companies_house_registry":
        key = row["announcement_id"]
    elif source == "company_pages":
        return
    else:
        found = _NUMBER_IN_ADDRESS.search(row["announcement_url"] or "")
        key = found[1] if found else row["announcement_id"]
    if account is not None:
        yield "announcements", account, key, fields


def _annual_accounts(row: Record, account_of: Mapping[str, str]) -> Read:
    names = ("revenue", "operating_result", "result", "total_assets")
    fields = {name: row[name] for name in names}
    yield "annual_accounts", row["account_id"], str(row["period_from"].year), fields


def _registry_entities(row: Record, account_of: Mapping[str, str]) -> Read:
    source, account = row["source"], row["account_id"]
    if source == "brreg_registry" and row["scope"] != "entity":
        parent = row["parent_org_number"]
        yield "sub_units", account, row["org_number"], {"parent_org_number": parent}
        return
    values = ["name", "business_address", "industry_code"]
    if source == "companies_house_registry":
        street = (row["business_address"] or "").split(",")[0]
        yield "registry_values", account, f"name={row['name']}", {}
        yield "registry_values", account, f"street={street}", {}
    else:
        for name in values:
            yield "registry_values", account, f"{name}={row[name]}", {}
    names = ("legal_form", "employees", "homepage", "municipality", "share_capital")
    fields = {name: row[name] for name in names}
    fields["founded_on"] = _text(row["founded_on"])
    yield "registry_entities", account, row["org_number"], fields


def _registry_roles(row: Record, account_of: Mapping[str, str]) -> Read:
    if row["source"] == "brreg_registry":
        key = f"{row['role_code']} {row['holder_name']}"
    else:
        dates = [_text(row["appointed_on"]), _text(row["resigned_on"])]
        key = " ".join([row["holder_name"], *(day for day in dates if day)])
    yield "registry_roles", row["account_id"], key, {}


_READERS: dict[str, tuple[Callable[[Record, Mapping[str, str]], Read], ...]] = {
    "job_ads": (_job_ads,),
    "people": (_people,),
    "site_structure": (_structure,),
    "technologies": (_technologies,),
    "notices": (_notices,),
    "announcements": (_announcements,),
    "annual_accounts": (_annual_accounts,),
    "registry_entities": (_registry_entities,),
    "registry_roles": (_registry_roles,),
}


def accounts_by_number(companies: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The account of each organisation number, its first sub-unit's number included."""
    found = {}
    for row in companies:
        found[row["org_number"]] = found[row["unit_number"]] = row["account_id"]
    return found
