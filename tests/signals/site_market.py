"""A made-up market of company sites with known causes, read by our own reader.

Each site changes for a reason (a new service, a partner that left, a higher price ...)
and for none: fetches that fail, lists shown half, tests of variants, campaigns, other
ways of writing a price, addresses that move, cases in turn, tags that load now and
then, redesigns. Everything is drawn from a seed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.signals.worked_examples import read_html
from tests.warehouse.home_of_rows import Home, end_of

FIRST = date(2024, 1, 1)
_SERVICES = (
    "Regnskap Lønn Årsoppgjør Skatt Internkontroll Budsjett Fakturering Styrearbeid"
    " Revisjonshjelp Likviditet Eierskifte Generasjonsskifte"
).split()
_PARTNERS = "Alfa Beto Gamlo Delto Epsi Zeto Etano Tevo Joto Kappo Lamdo Munu".split()
_TRADES = [
    "Bygg og anlegg", "Industri", "Havbruk", "Kommuner", "Helse og omsorg", "Transport",
    "Varehandel", "Landbruk", "Reiseliv", "Energi",
]  # fmt: skip
_SLOGANS = [
    "Vi fører regnskapet for små bedrifter",
    "Din digitale økonomiavdeling gir tryggere valg",
    "Klare tall hver eneste morgen hele året",
    "Sammen finner vi veien til lønnsom vekst",
    "Trygg hånd om pengene mens dere skaper",
]
_CERTIFICATES = ["ISO 9001", "ISO 14001", "ISO 27001", "ISO 45001"]
_SCRIPTS = {
    "HubSpot": "https://js-eu1.hs-scripts.com/1.js",
    "Hotjar": "https://static.hotjar.com/c/hotjar-1.js",
    "Zendesk": "https://static.zdassets.com/ekr/snippet.js",
}
_PORTALS = ["minside", "kundesenter", "butikk", "portal"]
# Chance a week of each cause; about one of a kind a site and year.
_RATE = 0.02


@dataclass(frozen=True)
class Cause:
    """Something that happened to a company, told on its site from that day."""

    account_id: str
    signal_type: str
    day: date


@dataclass
class _Site:
    account: str
    rng: random.Random
    services: list[str]
    partners: list[str]
    trades: list[str]
    prices: dict[str, int]
    certificates: list[str]
    scripts: list[str]
    portals: list[str] = field(default_factory=list)
    slogan: int = 0
    moved: set[str] = field(default_factory=set)
    theme: int = 0
    style: int = 0
    campaign: str = ""
    with_vat: bool = False
    is_tested: bool = False
    is_lazy: bool = False
    seen_services: set[str] = field(default_factory=set)
    seen_trades: set[str] = field(default_factory=set)
    seen_slogans: set[int] = field(default_factory=set)
    quiet_until: date = FIRST


def market(
    seed: int, n_accounts: int, n_weeks: int
) -> tuple[Home, list[Cause], dict[str, list[date]]]:
    """A home with weekly visits, the causes, and the days of redesigns by account."""
    home, causes, redesigns = Home(), [], {}
    for number in range(n_accounts):
        account = f"side-{number:02d}"
        home.account(account, segment=f"s{number % 4}")
        rng = random.Random(f"{seed} {account}")
        site = _Site(
            account, rng, rng.sample(_SERVICES, 5), rng.sample(_PARTNERS, 6),
            rng.sample(_TRADES, 3), {}, rng.sample(_CERTIFICATES, 2),
            rng.sample(sorted(_SCRIPTS), 1), slogan=rng.randrange(5),
            is_tested=rng.random() < 0.1, is_lazy=rng.random() < 0.1,
        )  # fmt: skip
        site.prices = {name: rng.randint(5, 40) * 100 - 10 for name in site.services}
        site.seen_services |= set(site.services)
        site.seen_trades |= set(site.trades)
        site.seen_slogans.add(site.slogan)
        redesigns[account] = []
        for week in range(n_weeks):
            day = FIRST + timedelta(weeks=week)
            if week:
                causes += [Cause(account, kind, day) for kind in _live(site, day)]
                if rng.random() < 0.25 / 52:
                    redesigns[account].append(day)
                    site.theme += 1
                    site.moved |= {s for s in site.services if rng.random() < 0.2}
            _visit(home, site, day)
    return home, causes, redesigns


def _live(site: _Site, day: date) -> Iterator[str]:
    """What happens in a week: nuisances are done, causes are named."""
    rng = site.rng
    site.campaign = ""
    if rng.random() < 0.05:
        site.campaign = rng.choice(["pris", "meny"])
    if rng.random() < 0.02:
        site.with_vat = not site.with_vat
    if rng.random() < 0.02:
        site.style = (site.style + 1) % 3
    if rng.random() < 0.02:
        site.moved ^= {rng.choice(site.services)}
    if rng.random() < _RATE and len(site.services) < 8:
        new = [s for s in _SERVICES if s not in site.seen_services]
        if new:
            name = rng.choice(new)
            site.services.append(name)
            site.seen_services.add(name)
            site.prices[name] = rng.randint(5, 40) * 100 - 10
            yield "offering_added"
    if rng.random() < _RATE and len(site.services) > 4:
        site.services.remove(rng.choice(site.services))
        yield "offering_removed"
    if rng.random() < _RATE:
        name = site.services.pop(rng.randrange(3, len(site.services)))
        site.services.insert(0, name)
        yield "priority_reorder"
    if rng.random() < _RATE and len(site.partners) > 4:
        site.partners.remove(rng.choice(site.partners))
        yield "partner_removed"
    if rng.random() < _RATE:
        name = rng.choice(site.services)
        site.prices[name] = round(
            site.prices[name] * rng.choice([1.05, 1.1, 1.4, 0.9]), 0
        )
        yield "price_or_terms_change"
    if rng.random() < _RATE:
        new = [t for t in _TRADES if t not in site.seen_trades]
        if new:
            site.trades = [*site.trades[-3:], rng.choice(new)]
            site.seen_trades.add(site.trades[-1])
            yield "customer_segment_shift"
    if rng.random() < _RATE:
        new = [n for n in range(5) if n not in site.seen_slogans]
        if new:
            site.slogan = rng.choice(new)
            site.seen_slogans.add(site.slogan)
            yield "positioning_change"
    if rng.random() < _RATE:
        new = [c for c in _CERTIFICATES if c not in site.certificates]
        if new:
            site.certificates.append(rng.choice(new))
            yield "certification_gained_or_lost"
    if rng.random() < _RATE:
        new = [p for p in _PORTALS if p not in site.portals]
        site.portals.append(new[0]) if new else None
        if new:
            yield "new_subdomain_or_portal"
    if rng.random() < _RATE:
        name = rng.choice(sorted(_SCRIPTS))
        if name not in site.scripts:
            site.scripts.append(name)
            yield "technology_adopted"
        elif len(site.scripts) > 1:
            site.scripts.remove(name)
            yield "technology_dropped"


def _visit(home: Home, site: _Site, day: date) -> None:
    for path, scope, body in _pages(site, day):
        url = f"https://{site.account}.example{path}"
        if site.rng.random() < 0.07:
            home.visit(
                site.account, url, end_of(day), scope=scope, outcome="http_error",
                status=500,
            )  # fmt: skip
            continue
        home.visit(
            site.account, url, end_of(day), read_html(body, url, scope), scope=scope
        )


def _slug(site: _Site, name: str) -> str:
    plain = name.lower()
    for letter, other in (("ø", "o"), ("å", "a"), ("æ", "ae")):
        plain = plain.replace(letter, other)
    return f"{plain}-for-deg" if name in site.moved else plain


def _page(site: _Site, main: str) -> str:
    """A page but the front page: the same from week to week when nothing happens."""
    kind = ("main", "article", "section")[site.theme % 3]
    return (
        f'<html lang="nb"><body><{kind} class="innhold">{main}</{kind}></body></html>'
    )


def _home(site: _Site, main: str, head: str, day: date) -> str:
    entries = "".join(
        f'<li><a href="/tjenester/{_slug(site, name)}">{name}</a></li>'
        for name in site.services
    )
    if site.campaign == "meny":
        entries = '<li><a href="/tjenester/host">Høstkampanje</a></li>' + entries
    menu = (
        f'<ul><li><a href="/tjenester">Tjenester</a><ul>{entries}</ul></li>'
        '<li><a href="/priser">Priser</a></li><li><a href="/partnere">Partnere</a></li>'
        '<li><a href="/referanser">Referanser</a></li></ul>'
    )
    held = " og ".join(site.certificates)
    hosts = [*site.portals, *(["staging"] if site.rng.random() < 0.05 else [])]
    portals = "".join(
        f'<a href="https://{name}.{site.account}.example/">{name}</a>' for name in hosts
    )
    foot = f"<p>Sertifisert etter {held}.</p><p>Oppdatert {day:%d.%m.%Y}</p>{portals}"
    body = (
        f'<header class="topp"><div class="logo">F</div><nav class="meny">{menu}</nav>'
        f'</header><main class="innhold">{main}</main>'
        f'<footer class="bunn">{foot}</footer>',
        f'<div class="ramme"><div class="rad"><div class="navbar">{menu}</div></div>'
        f'<div class="felt" role="main">{main}</div>'
        f'<div class="footer">{foot}</div></div>',
        f'<section class="hode"><nav class="hoved">{menu}</nav></section>'
        f'<article class="side">{main}</article>'
        f'<footer class="sidefot"><div class="kolonne">{foot}</div></footer>',
    )[site.theme % 3]
    return f'<html lang="nb"><head>{head}</head><body>{body}</body></html>'


def _pages(site: _Site, day: date) -> Iterator[tuple[str, str, str]]:
    rng = site.rng
    scripts = [s for s in site.scripts if not site.is_lazy or rng.random() < 0.7]
    head = "".join(f'<script src="{_SCRIPTS[name]}"></script>' for name in scripts)
    slogan = _SLOGANS[site.slogan]
    if site.is_tested and rng.random() < 0.5:
        slogan = "Velkommen til huset der tallene bor trygt"
    lead = "<p>Vi hjelper bedrifter i hele landet med tall og orden.</p>"
    yield "/", "home", _home(site, f"<h1>{slogan}</h1>{lead}", head, day)
    cards = "".join(
        f'<div><h3><a href="/tjenester/{_slug(site, name)}">{name}</a></h3></div>'
        for name in site.services
    )
    yield (
        "/tjenester",
        "services",
        _page(site, f"<h1>Tjenester</h1>{lead}{cards}"),
    )
    for name in site.services:
        text = (
            f"<h1>{name}</h1><p>Folkene våre tar seg av {name.lower()} fra første "
            f"dag til "
            f"siste for deg.</p><p>Spør gjerne om {name.lower()} når som helst på "
            f"døgnet.</p>"
        )
        path = f"/tjenester/{_slug(site, name)}"
        yield path, "services", _page(site, text)
    yield "/priser", "prices", _page(site, _price_list(site, lead))
    shown = site.partners
    if rng.random() < 0.04:
        shown = [name for name in shown if rng.random() < 0.5]
    logos = "".join(
        f'<a href="https://{name.lower()}.example"><img src="x.png" alt="{name} '
        f'logo"></a>'
        for name in shown
    )
    yield (
        "/partnere",
        "partners",
        _page(site, f"<h1>Partnere</h1>{lead}{logos}"),
    )
    # Cases take turns within the same trades.
    trades = rng.sample(site.trades, len(site.trades) - (rng.random() < 0.1))
    cases = "".join(
        f"<h2>{trade}</h2><p>En sak om {trade.lower()}.</p>" for trade in sorted(trades)
    )
    yield (
        "/referanser",
        "customers",
        _page(site, f"<h1>Referanser</h1>{lead}{cases}"),
    )


def _price_list(site: _Site, lead: str) -> str:
    rows = ""
    for name in site.services:
        amount = site.prices[name] * (1.25 if site.with_vat else 1.0)
        if site.campaign == "pris":
            amount *= 0.8
        whole = f"{amount:.2f}".removesuffix(".00").replace(".", ",")
        thousands, _, rest = whole.partition(",")
        spaced = f"{int(thousands):,}".replace(",", " ") + (f",{rest}" if rest else "")
        dotted = f"{int(thousands):,}".replace(",", ".") + (f",{rest}" if rest else "")
        written = (
            f"kr {spaced} per måned",
            f"{dotted} NOK pr. mnd",
            f"{spaced} kr/måned",
        )
        rows += f"<h2>{name}</h2><p>{written[site.style]}</p>"
    vat = "inkl. mva" if site.with_vat else "eks. mva"
    return f"<h1>Priser</h1>{lead}<p>Alle priser er {vat}.</p>{rows}"
