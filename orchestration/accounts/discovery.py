"""`accounts discover`: fill in what is missing, and propose where accounts show it.

Three rounds of visits: the register by what is given, the sites by their domains, and
the register again by what the sites say. They are ordinary crawls, landed under
`discovery/` in the home folder, so that every finding can be traced to a visit. The
result is two files for a person to review; nothing else remembers it.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from orchestration.accounts.given import Given, GivenFile, given_text, read_given
from orchestration.accounts.identity import (
    MOST_CANDIDATES,
    Candidate,
    Known,
    candidates,
    decided,
)
from orchestration.accounts.opt_outs import OptOuts, read_opt_outs
from orchestration.accounts.places import (
    BAR,
    NAME,
    Finding,
    merged,
    places_text,
    read_places,
)
from orchestration.accounts.watch_list import AccountsRefused
from orchestration.contracts.frames import schema
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract
from orchestration.crawl import crawl
from orchestration.settings import DBT_DIR
from scrapers.envelope import Envelope
from scrapers.extract.company_names import same_company
from scrapers.extract.refusal import ParseRefused
from scrapers.extract.site_facts import SiteFacts, SiteLink, site_facts
from scrapers.landing import PayloadMissing, read_payload, read_visits
from scrapers.lookups.register_search.read import RegisterUnit, register_units
from scrapers.source import load_parser, recognised, source_names

REGISTER, SITES = "register_search", "company_pages"
MOST_PAGES = 14
# How sure it is that a link leads to the account's own board or feed, by where the
# link stands; elsewhere a page may speak of others.
_LINKED_FROM = {
    "careers": 0.95,
    "home": 0.9,
    "about": 0.85,
    "contact": 0.85,
    "job": 0.85,
}
_LINKED_ELSEWHERE = 0.5
_DECLARED_FEED, _PERHAPS_NEWS, _COMMENTS_FEED = 0.9, 0.6, 0.3
# Reads any feed there is.
_ANY_FEED = "press_feeds"
_SHOWS_RECORDS, _SHOWS_NONE = 0.95, 0.85
_RECORDS_OF = {"leadership": "people", "careers": "job_ads", "news": None}
_MOST_PAGES_OF_KIND = 3
_MOST_SUB_UNITS = 50
_ASKED_AGAIN = "~"
SURELY_SAME = 0.95
Say = Callable[[str], None]


@dataclass(frozen=True)
class Discovered:
    """What came of a discovery: the files, and numbers for a person."""

    accounts_file: Path
    places_file: Path
    accounts: int
    filled_org_numbers: int
    filled_domains: int
    asked: tuple[str, ...]
    new_findings: int
    visits: int
    faults: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            **vars(self),
            "accounts_file": str(self.accounts_file),
            "places_file": str(self.places_file),
        }


@dataclass
class _Search:
    """What the rounds have found so far."""

    home: Path
    day: date
    proxy: str | None
    say: Say
    before: Mapping[str, Given]
    reviewed: Mapping[str, Sequence[Finding]]
    visits: int = 0
    units: dict[str, dict[str, RegisterUnit]] = field(default_factory=dict)
    parents: dict[str, list[RegisterUnit]] = field(default_factory=dict)
    sub_units: dict[str, list[RegisterUnit]] = field(default_factory=dict)
    # What the sites say of themselves; the keys are ordered, and each told once.
    names: dict[str, dict[str, None]] = field(default_factory=dict)
    numbers: dict[str, dict[str, None]] = field(default_factory=dict)
    pages: dict[str, list[Finding]] = field(default_factory=dict)
    linked: dict[str, dict[tuple[str, str, str], Finding]] = field(default_factory=dict)


def discover(
    file: Path,
    out: Path,
    home: Path,
    stamp: str,
    day: date,
    proxy: str | None,
    say: Say,
    max_pages: int = MOST_PAGES,
) -> Discovered:
    """Discover the accounts of a file, and write the files to review.

    Args:
        file: what is given, however little.
        out: the accounts file to write; what stands in it already is kept.
        home: the home folder; visits land in `discovery/<stamp>/` below it.
        stamp: names this run; unlike that of any earlier one.
        day: the day of the visits.
        proxy: address of the replay proxy, or None for the real web.
        say: told what is going on, a line at a time.
        max_pages: addresses asked of one account's sites.

    Raises:
        AccountsRefused: with one sentence, when a file cannot be used.
        CrawlFailed: when a round of visits did not finish.
    """
    given = _standing(read_given(file), out)
    places_file = out.with_name(NAME)
    ids = {row.account_id for row in given.rows}
    standing = _standing_findings(places_file, ids)
    opt_outs = read_opt_outs(out.with_name("opt_out.csv"), file)
    reviewed = _by_account(standing)
    rows = [_as_reviewed(row, reviewed) for row in given.rows]
    before = {row.account_id: row for row in rows}
    asked_for = [row for row in rows if not opt_outs.covers(row.account_id)]
    search = _Search(home / "discovery" / stamp, day, proxy, say, before, reviewed)

    _ask_register(search, "register", [_account(row, opt_outs) for row in asked_for])
    rows = [_identified(row, search) for row in rows]
    sites = [
        _account(row, opt_outs)
        for row in rows
        if row.domains and not opt_outs.covers(row.account_id)
    ]
    _visit_sites(search, sites, max_pages)
    again = [
        question
        for row in rows
        if not opt_outs.covers(row.account_id)
        for question in _questions_again(row, search)
    ]
    _ask_register(search, "register-again", again)
    rows = [_identified(row, search) for row in rows]
    rows = [_with_parent(row, rows, search) for row in rows]
    rows = [_named(row, search) for row in rows]

    findings = [f for row in rows for f in _findings(row, search)]
    review = merged(standing, findings)
    out.parent.mkdir(parents=True, exist_ok=True)
    _write(out, given_text(given.columns, rows))
    _write(places_file, places_text(review))
    return Discovered(
        accounts_file=out,
        places_file=places_file,
        accounts=len(rows),
        filled_org_numbers=sum(
            bool(r.org_number) and not before[r.account_id].org_number for r in rows
        ),
        filled_domains=sum(
            bool(r.domains) and not before[r.account_id].domains for r in rows
        ),
        asked=tuple(_open_questions(rows, review)),
        new_findings=len(review) - len(standing),
        visits=search.visits,
        faults=given.faults,
    )


def _write(file: Path, text: str) -> None:
    temporary = file.with_name(f".{file.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)


def _standing(given: GivenFile, out: Path) -> GivenFile:
    """The given accounts, with those of the file written before as they stand there."""
    if not out.exists():
        return given
    written = read_given(out)
    stands = {row.account_id for row in written.rows}
    fresh = [row for row in given.rows if row.account_id not in stands]
    return GivenFile(
        tuple(dict.fromkeys((*written.columns, *given.columns))),
        (*written.rows, *fresh),
        (*given.faults, *written.faults),
    )


def _standing_findings(file: Path, ids: set[str]) -> list[Finding]:
    if not file.exists():
        return []
    places = read_places(file, ids, source_names())
    if places.refused:
        first = places.refused[0]
        raise AccountsRefused(
            f"{file}: line {first.line}: {first.reason}; mend it first, so that "
            "nothing a person wrote is lost"
        )
    return list(places.findings)


def _by_account(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    out: dict[str, list[Finding]] = {}
    for finding in findings:
        out.setdefault(finding.account_id, []).append(finding)
    return out


def _as_reviewed(row: Given, reviewed: Mapping[str, Sequence[Finding]]) -> Given:
    """The account with what a person kept of the findings."""
    for finding in reviewed.get(row.account_id, ()):
        if finding.status == "kept" and finding.kind == "org_number":
            row = row.filled(org_number=finding.address)
        elif finding.status == "kept" and finding.kind == "domain":
            row = row.filled(domain=finding.address)
    return row


def _rejected(row: Given, kind: str, search: _Search) -> set[str]:
    return {
        spelt
        for f in search.reviewed.get(row.account_id, ())
        if f.kind == kind and f.status == "rejected"
        for spelt in (f.address, f.found_as)
    }


# The rounds of visits


def _account(row: Given, opt_outs: OptOuts) -> dict[str, Any]:
    """The account as the spiders take it."""
    return {
        "account_id": row.account_id,
        "name": row.name,
        "country": row.country or None,
        "org_number": row.org_number or None,
        "domains": [d for d in row.domains if not opt_outs.covers_domain(d)],
    }


def _crawl(
    search: _Search,
    folder: str,
    source: str,
    accounts: Sequence[Mapping[str, Any]],
    max_pages: int | None = None,
) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Crawl, and give the answered visits with their payloads."""
    if not accounts:
        return
    home = search.home / folder
    promise = schema(contract("accounts"))
    columns = {name: [a.get(name) for a in accounts] for name in promise.names()}
    columns["crm_ids"] = [[] for _ in accounts]
    frame = pl.DataFrame(columns, schema=promise)
    write_atomically(frame, home / "accounts" / "accounts.parquet")
    search.say(f"{source}: asking about {len(accounts)} accounts")
    crawl(source, home, [search.day], search.proxy, max_pages=max_pages)
    visits = read_visits(home, source)
    search.visits += visits.height
    for visit in visits.filter(pl.col("outcome") == "ok").iter_rows(named=True):
        if visit["account_id"] is None:
            continue
        try:
            yield visit, read_payload(home, source, visit)
        except PayloadMissing:
            # An empty answer leaves nothing in the archive.
            continue


def _ask_register(
    search: _Search, folder: str, accounts: Sequence[Mapping[str, Any]]
) -> None:
    norwegian = [a for a in accounts if (a["country"] or "NO") == "NO"]
    for visit, body in _crawl(search, folder, REGISTER, norwegian):
        account_id = visit["account_id"].partition(_ASKED_AGAIN)[0]
        units = register_units(body)
        if visit["scope"] == "parent":
            search.parents.setdefault(account_id, []).extend(units)
        elif visit["scope"] == "sub_units":
            search.sub_units.setdefault(account_id, []).extend(units)
        else:
            known = search.units.setdefault(account_id, {})
            for unit in units:
                # An entity's own answer tells former names too; a search does not.
                if visit["scope"] == "entity" or unit.org_number not in known:
                    known[unit.org_number] = unit


def _visit_sites(
    search: _Search, accounts: Sequence[Mapping[str, Any]], max_pages: int
) -> None:
    parser = load_parser(SITES)
    with_domains = [a for a in accounts if a["domains"]]
    for visit, body in _crawl(search, "sites", SITES, with_domains, max_pages):
        account_id, scope = visit["account_id"], visit["scope"]
        if scope == "sitemap":
            found = _page(visit, "sitemap", _SHOWS_RECORDS, "the site's own list")
            search.pages.setdefault(account_id, []).append(found)
            continue
        if scope == "robots":
            continue
        facts = site_facts(body, visit["content_type"], visit["url"])
        if scope in ("home", "about"):
            search.names.setdefault(account_id, {}).update(dict.fromkeys(facts.names))
        numbers = dict.fromkeys(facts.org_numbers)
        search.numbers.setdefault(account_id, {}).update(numbers)
        _keep_linked(search, visit, facts)
        if scope in _RECORDS_OF:
            kind = _RECORDS_OF[scope]
            n_records = _n_records(parser, visit, body, kind)
            score = _SHOWS_RECORDS if n_records else _SHOWS_NONE
            note = f"shows {n_records} {kind}" if n_records else "by its address"
            found = _page(visit, scope, score, note)
            search.pages.setdefault(account_id, []).append(found)


def _page(visit: Mapping[str, Any], kind: str, score: float, note: str) -> Finding:
    return Finding(
        account_id=visit["account_id"],
        kind=kind,
        source=SITES,
        address=visit["url"],
        found_by="walking the site",
        score=score,
        note=note,
        found_as=visit["url"],
    )


def _n_records(
    parser: Any, visit: Mapping[str, Any], body: bytes, kind: str | None
) -> int:
    if kind is None:
        return 0
    envelope = Envelope(
        SITES,
        visit["url"],
        visit["scope"],
        visit["content_type"],
        visit["http_status"] or 200,
    )
    try:
        return sum(kind == record.KIND for record in parser.parse(body, envelope))
    except ParseRefused:
        return 0


def _questions_again(row: Given, search: _Search) -> Iterator[dict[str, Any]]:
    """What the sites say, and what is known now, asked of the register."""
    account: dict[str, Any] = {
        "account_id": row.account_id,
        "name": "",
        "country": row.country or None,
        "org_number": None,
        "domains": [],
    }
    if row.org_number:
        if not search.before[row.account_id].org_number:
            yield {**account, "org_number": row.org_number}
        return
    names, numbers = _site_names(row, search), _site_numbers(row, search)
    for position, number in enumerate(numbers[:3]):
        again = f"{row.account_id}{_ASKED_AGAIN}{position}"
        yield {**account, "account_id": again, "org_number": number}
    if not row.name:
        for position, name in enumerate(names[:3]):
            again = f"{row.account_id}{_ASKED_AGAIN}name{position}"
            yield {**account, "account_id": again, "name": name}


# What the visits say


def _site_names(row: Given, search: _Search) -> tuple[str, ...]:
    """Names the site calls itself; those that look like its domain come first."""
    told = search.names.get(row.account_id, {})
    labels = [domain.removeprefix("www.").rpartition(".")[0] for domain in row.domains]
    likely = {
        name: max((same_company(name, label).score for label in labels), default=0.0)
        for name in told
    }
    return tuple(sorted(told, key=lambda name: -likely[name]))


def _site_numbers(row: Given, search: _Search) -> tuple[str, ...]:
    return tuple(search.numbers.get(row.account_id, ()))


def _candidates(row: Given, search: _Search) -> list[Candidate]:
    # A domain taken from a unit says nothing more of that unit.
    was = search.before[row.account_id]
    known = Known(
        was.name, was.domains, _site_names(row, search), _site_numbers(row, search)
    )
    turned_down = _rejected(row, "org_number", search)
    return [
        candidate
        for candidate in candidates(
            known, search.units.get(row.account_id, {}).values()
        )
        if candidate.unit.org_number not in turned_down
    ]


def _unit(row: Given, search: _Search) -> RegisterUnit | None:
    return search.units.get(row.account_id, {}).get(row.org_number)


def _identified(row: Given, search: _Search) -> Given:
    """The account with its number and home page, where they are sure enough."""
    if not row.org_number:
        best = decided(_candidates(row, search), BAR)
        if best is not None:
            row = row.filled(org_number=best.unit.org_number)
    unit = _unit(row, search)
    home = unit.home_domain if unit is not None else None
    if home and home not in _rejected(row, "domain", search):
        row = row.filled(domain=home)
    return row


def _named(row: Given, search: _Search) -> Given:
    unit = _unit(row, search)
    names = _site_names(row, search)
    if unit is not None:
        # The register shouts; the site spells it as the company does.
        spelt = [n for n in names if same_company(n, unit.name).score >= SURELY_SAME]
        return row.filled(name=(*spelt, unit.name)[0])
    return row.filled(name=(*names, *row.domains, row.org_number)[0])


def _with_parent(row: Given, rows: Sequence[Given], search: _Search) -> Given:
    """The account with its parent, when that is on the list too."""
    by_number = {r.org_number: r.account_id for r in rows if r.org_number}
    for parent in search.parents.get(row.account_id, ()):
        if parent.org_number in by_number:
            return row.filled(parent_account_id=by_number[parent.org_number])
    return row


def _findings(row: Given, search: _Search) -> Iterator[Finding]:
    yield from _identity(row, search.before[row.account_id], search)
    for parent in search.parents.get(row.account_id, ()):
        yield _told(row, "parent", parent.org_number, parent.name)
    for unit in search.sub_units.get(row.account_id, ())[:_MOST_SUB_UNITS]:
        where = ", ".join(t for t in (unit.name, unit.place) if t)
        yield _told(row, "sub_unit", unit.org_number, where)
    by_kind: dict[str, list[Finding]] = {}
    for page in search.pages.get(row.account_id, ()):
        by_kind.setdefault(page.kind, []).append(page)
    for pages in by_kind.values():
        pages.sort(key=lambda f: (len(f.address), f.address))
        # Neither an article below the news nor a list's page two is a list.
        lists = [page for page in pages if not _is_below_any(page, pages)]
        yield from lists[:_MOST_PAGES_OF_KIND]
    yield from search.linked.get(row.account_id, {}).values()


def _is_below_any(page: Finding, pages: Sequence[Finding]) -> bool:
    stems = {p.address.rstrip("/") for p in pages if p is not page}
    return any(
        page.address.startswith((f"{stem}/", f"{stem}?")) and page.address != f"{stem}/"
        for stem in stems
    )


def _told(
    row: Given, kind: str, address: str, note: str, score: float = 1.0
) -> Finding:
    return Finding(
        account_id=row.account_id,
        kind=kind,
        source="",
        address=address,
        found_by="Enhetsregisteret",
        score=score,
        note=note,
        found_as=address,
    )


def _identity(row: Given, was: Given, search: _Search) -> Iterator[Finding]:
    unit = _unit(row, search)
    if not was.org_number:
        for candidate in _candidates(row, search)[:MOST_CANDIDATES]:
            is_chosen = candidate.unit.org_number == row.org_number
            if row.org_number and not is_chosen:
                continue
            # Two that are alike are both asked about, however well they fit.
            score = candidate.score if is_chosen else min(candidate.score, BAR - 0.01)
            yield _told(
                row,
                "org_number",
                candidate.unit.org_number,
                candidate.sentence(),
                round(score, 3),
            )
    elif unit is not None and was.name:
        likeness = max(
            same_company(was.name, name).score
            for name in (unit.name, *unit.former_names)
        )
        if likeness < 0.5:
            yield _told(
                row,
                "org_number",
                unit.org_number,
                f"check: the file calls it {was.name}, the register {unit.name}",
                round(likeness, 3),
            )
    if was.domains:
        return
    if row.domains:
        note = f"its home page in the register of {unit.name if unit else row.name}"
        yield _told(row, "domain", row.domains[0], note, 0.9)
    elif unit is not None and unit.email_domain:
        note = "its e-mail in the register; is this its site?"
        yield _told(row, "domain", unit.email_domain, note, 0.5)


def _keep_linked(search: _Search, visit: Mapping[str, Any], facts: SiteFacts) -> None:
    """Feeds and boards that a page leads to; each once, at its best."""
    best = search.linked.setdefault(visit["account_id"], {})
    for finding in (*_feeds(visit, facts.feeds), *_boards(visit, facts.links)):
        key = (finding.kind, finding.source, finding.address)
        if key not in best or (finding.score or 0) > (best[key].score or 0):
            best[key] = finding


def _feeds(visit: Mapping[str, Any], feeds: Iterable[SiteLink]) -> Iterator[Finding]:
    for feed in feeds:
        is_comments = "comment" in f"{feed.url} {feed.label}".lower()
        score = _COMMENTS_FEED if is_comments else _DECLARED_FEED
        by_source = recognised(feed.url)
        for source, address in by_source:
            yield _found("feed", source, address, visit, score, feed.label)
        if not by_source:
            # Declared, but by its address perhaps one of jobs, products or comments.
            score = min(score, _PERHAPS_NEWS)
            note = f"{feed.label} (the page declares it; is it news?)"
            yield _found("feed", _ANY_FEED, feed.url, visit, score, note.strip())


def _boards(visit: Mapping[str, Any], links: Iterable[SiteLink]) -> Iterator[Finding]:
    score = _LINKED_FROM.get(visit["scope"], _LINKED_ELSEWHERE)
    systems = _job_systems()
    for link in links:
        for source, address in recognised(link.url):
            kind = "job_board" if source.endswith("_jobs") else "feed"
            yield _found(kind, source, address, visit, score, link.label)
        host = (urlsplit(link.url).hostname or "").lower()
        for suffix, system in systems.items():
            if host == suffix or host.endswith(f".{suffix}"):
                note = (
                    f"{system} has no documented feed: its ads are reached through "
                    "nav_jobs and JSON-LD"
                )
                address = f"https://{host}/"
                yield _found("job_board", "", address, visit, score, note)


def _found(
    kind: str,
    source: str,
    address: str,
    visit: Mapping[str, Any],
    score: float,
    note: str,
) -> Finding:
    return Finding(
        account_id=visit["account_id"],
        kind=kind,
        source=source,
        address=address,
        found_by=f"linked from {visit['url']}",
        score=score,
        note=note,
        found_as=address,
    )


@cache
def _job_systems() -> dict[str, str]:
    """Systems for recruiting that have no documented feed, by host."""
    with (DBT_DIR / "seeds" / "job_systems.csv").open(encoding="utf-8") as lines:
        return {row["host"]: row["job_system"] for row in csv.DictReader(lines)}


def _open_questions(rows: Sequence[Given], review: Sequence[Finding]) -> Iterator[str]:
    """One sentence per account that a person must decide about."""
    by_account = _by_account(f for f in review if f.status == "proposed")
    for row in rows:
        proposed = by_account.get(row.account_id, [])
        numbers = [f for f in proposed if f.kind == "org_number"]
        if not row.org_number and numbers:
            yield (
                f"{row.account_id} ({row.name}): {len(numbers)} candidates for its "
                f"organisation number, the best {numbers[0].address} "
                f"({numbers[0].score}: {numbers[0].note})"
            )
        elif not row.org_number and (row.country or "NO") == "NO":
            yield f"{row.account_id} ({row.name}): nothing in the register fits"
        elif not row.domains:
            yield f"{row.account_id} ({row.name}): no domain is known"
