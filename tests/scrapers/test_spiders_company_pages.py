"""Which pages of a company are asked for, and as what."""

from collections import Counter
from dataclasses import replace

import pytest

from scrapers.account import Place
from scrapers.crawl_context import KnownVisit
from scrapers.source import load_source
from scrapers.sources.company_pages.spider import CompanyPagesSpider
from tests.scrapers.driving import (
    Answer,
    account,
    context,
    drive,
    known,
    pages,
    scopes,
)

HOST = "http://eksempel.example"


def walk(
    site: dict[str, str | Answer], seed: int | None = None, **other: object
) -> dict[str, str]:
    """Scopes of what is asked of a made-up site; addresses without the host."""
    spider = CompanyPagesSpider(context("company_pages", account(), **other))  # type: ignore[arg-type]
    web = pages({f"{HOST}{path}": page for path, page in site.items()})
    asked = scopes(drive(spider, web, seed))
    return {url.removeprefix(HOST): scope for url, scope in asked.items()}


def menu(*paths: str) -> str:
    return "<nav>" + "".join(f'<a href="{p}">{p[1:3]}</a>' for p in paths) + "</nav>"


FULL_SITE: dict[str, str | Answer] = {
    "/": f"""<header><a href="/">Eksempel</a>
        {menu("/om-oss", "/ledige-stillinger", "/aktuelt", "/tjenester")}</header>
        <main><a href="/aktuelt">Vi vokser i nord og søker flere folk til Bodø</a>
        <a href="https://annet.example/om-oss">Annet</a> <a href="/kampanje">Les</a>
        <a href="mailto:post@eksempel.example">Skriv</a></main>
        <footer><a href="/personvern#x">Vern</a><a href="/a.pdf">P</a></footer>""",
    "/om-oss": '<a href="/om-oss/ledelse?utm_source=meny">Ledelsen</a>',
    "/om-oss/ledelse": '<div><a href="/om-oss/ledelse/kari">Kari</a></div>',
    "/ledige-stillinger": """<h3><a href="/ledige-stillinger/selger-1">Selger</a></h3>
        <a href="/ledige-stillinger?avdeling=it">IT</a>
        <a rel="next" href="/ledige-stillinger?side=2">Neste side</a>""",
    "/ledige-stillinger?side=2": """
        <h3><a href="/ledige-stillinger/utvikler-2">Utvikler</a></h3>
        <a rel="prev" href="/ledige-stillinger">Forrige</a>
        <a rel="next" href="/ledige-stillinger?side=3">Neste</a>""",
    "/ledige-stillinger?side=3": '<a href="/stilling/3">Rådgiver</a>',
    "/aktuelt": "".join(f'<a href="/aktuelt/{n:05d}">{n}</a>' for n in range(9, 0, -1))
    + '<a href="/aktuelt?side=2">Eldre</a><a href="/aktuelt/kategori">Alle</a>',
}


def test_a_whole_site_is_walked() -> None:
    assert walk(FULL_SITE) == {
        "/": "home",
        "/sitemap.xml": "sitemap",
        "/om-oss": "about",
        "/om-oss/ledelse": "leadership",
        "/ledige-stillinger": "careers",
        "/ledige-stillinger?side=2": "careers",
        "/ledige-stillinger?side=3": "careers",
        "/ledige-stillinger/selger-1": "job",
        "/ledige-stillinger/utvikler-2": "job",
        "/stilling/3": "job",
        "/aktuelt": "news",
        **{f"/aktuelt/{n:05d}": "news" for n in range(9, 4, -1)},
        "/tjenester": "services",
    }


@pytest.mark.parametrize("budget", [40, 12, 7])
def test_the_order_of_answers_changes_nothing(budget: int) -> None:
    spec = replace(load_source("company_pages"), max_pages_per_account=budget)
    one = walk(FULL_SITE, spec=spec)
    assert len(one) == min(budget, 17)
    for seed in range(12):
        assert walk(FULL_SITE, seed, spec=spec) == one


def test_a_handbook_of_plain_links_gives_its_team_page() -> None:
    site: dict[str, str | Answer] = {
        "/": """<a href="/team/">Team</a> <a href="/strategy/">Strategy</a>
            <a href="/how-we-work">How</a>"""
    }
    assert walk(site) == {
        "/": "home",
        "/sitemap.xml": "sitemap",
        "/team/": "leadership",
        "/strategy/": "strategy",
        "/how-we-work": "content",
    }


def test_a_label_is_enough_where_the_address_says_nothing() -> None:
    site: dict[str, str | Answer] = {
        "/": """<nav><a href="/p/1">Vårt team</a><a href="/p/2">Jobb hos oss</a>
            <a href="/wer-wir-sind">Wir</a></nav>""",
        "/p/2": '<a href="/p/2/selger">Selger</a><nav><a href="/p/2/b">B</a></nav>',
    }
    asked = walk(site)
    assert asked["/p/1"] == "leadership"
    assert asked["/p/2"] == "careers"
    assert asked["/p/2/selger"] == "job"
    assert asked["/wer-wir-sind"] == "about"
    assert "/p/2/b" not in asked


def test_lists_come_before_a_large_menu_and_many_advertisements() -> None:
    many = [f"/side-{n:03d}" for n in range(200)]
    jobs = "".join(f'<a href="/jobb/{n}">{n}</a>' for n in range(200))
    site: dict[str, str | Answer] = {
        "/": menu(*many, "/jobb", "/ledelse"),
        "/jobb": jobs + '<a href="/jobb?page=2">Neste</a>',
        "/jobb?page=2": jobs,
    }
    asked = walk(site)
    assert asked["/ledelse"] == "leadership"
    assert asked["/jobb?page=2"] == "careers"
    count = Counter(asked.values())
    assert sum(count.values()) == 40
    assert count["content"] == 17
    assert count["job"] == 18


CATALOGUE: dict[str, str | Answer] = {
    "/": menu("/om-oss", *(f"/produkter/vare-{n}" for n in range(30)), "/kampanje")
    + '<a href="/priser">Se priser</a><footer><a href="/b">Bærekraft</a></footer>',
    "/om-oss": '<a href="/var-strategi">Strategi</a><a href="/kontakt">Kontakt</a>',
    "/kontakt": "<p>Storgata 1</p>",
}


def test_pages_of_every_role_are_found_and_no_catalogue_takes_all() -> None:
    asked = walk(CATALOGUE)
    assert Counter(asked.values())["products"] == 4
    roles = {path: scope for path, scope in asked.items() if scope != "products"}
    assert roles == {
        "/": "home",
        "/sitemap.xml": "sitemap",
        "/om-oss": "about",
        "/kontakt": "contact",
        "/var-strategi": "strategy",
        "/priser": "prices",
        "/b": "sustainability",
        "/kampanje": "content",
    }


def test_the_same_pages_of_a_catalogue_are_asked_on_the_next_day() -> None:
    first = walk(CATALOGUE)
    seen = tuple(
        known(f"{HOST}{path}", scope, account_id="a1")
        for path, scope in first.items()
        if scope != "sitemap"
    )
    larger = CATALOGUE | {
        "/": menu("/produkter/a-ny", "/produkter/b-ny") + str(CATALOGUE["/"])
    }
    assert walk(larger, visits=seen) == first


def test_two_spellings_of_a_page_are_asked_once() -> None:
    site: dict[str, str | Answer] = {
        "/": '<nav><a href="/team/">Team</a></nav>'
        '<a href="https://www.eksempel.example/team">Team</a>',
        "/sitemap.xml": f"<urlset><url><loc>{HOST}/team</loc></url></urlset>",
    }
    assert [path for path in walk(site) if "team" in path] == ["/team/"]


def test_the_sitemap_adds_what_the_lexicon_names() -> None:
    site: dict[str, str | Answer] = {
        "/": "<p>Hei</p>",
        "/sitemap.xml": "<sitemapindex>"
        + "".join(
            f"<sitemap><loc>https://eksempel.example/{name}</loc></sitemap>"
            for name in ("post.xml", "product.xml", "page.xml", "zzz.xml", "b.xml.gz")
        )
        + "</sitemapindex>",
        "/page.xml": f"""<urlset><url><loc>{HOST}/om-oss/ledelse</loc></url>
            <url><loc><![CDATA[{HOST}/karriere]]></loc></url>
            <url><loc>https://annet.example/team</loc></url>
            <url><loc>{HOST}/aktuelt/sak-1</loc></url>
            <url><loc>{HOST}/noe-annet</loc></url></urlset>""",
    }
    assert walk(site) == {
        "/": "home",
        "/sitemap.xml": "sitemap",
        "/page.xml": "sitemap",
        "/post.xml": "sitemap",
        "/om-oss/ledelse": "leadership",
        "/karriere": "careers",
    }


def test_pages_known_from_earlier_days_are_visited_again() -> None:
    def of(path: str, scope: str, outcome: str = "ok") -> KnownVisit:
        return known(f"{HOST}{path}", scope, account_id="a1", outcome=outcome)

    visits = (
        of("/gammel-ledelse", "leadership"),
        of("/gammelt-innhold", "content", "not_modified"),
        of("/om", "about", "timeout"),
        of("/jobb/1", "job"),
        of("/jobb/2", "job", "http_error"),
        of("/nyheter", "news"),
        of("/nyheter/sak-1", "news"),
        of("/robots.txt", "robots"),
        known("http://andre.example/team", "leadership", account_id="a1"),
        known(f"{HOST}/x", "leadership", account_id="en annen"),
    )
    assert walk({"/": "<p>Hei</p>"}, visits=visits) == {
        "/": "home",
        "/sitemap.xml": "sitemap",
        "/gammel-ledelse": "leadership",
        "/gammelt-innhold": "content",
        "/om": "about",
        "/jobb/1": "job",
        "/nyheter": "news",
    }


def test_a_known_spelling_is_kept() -> None:
    visits = (known(f"{HOST}/team", "leadership", account_id="a1"),)
    asked = walk({"/": '<a href="/team/">Team</a>'}, visits=visits)
    assert [path for path in asked if "team" in path] == ["/team"]


def test_known_pages_are_visited_though_the_home_page_does_not_answer() -> None:
    visits = (known(f"{HOST}/team", "leadership", account_id="a1"),)
    assert "/team" in walk({"/": Answer(status=0)}, visits=visits)


@pytest.mark.parametrize("status", [0, 503])
def test_outside_a_replay_a_bare_domain_is_tried_by_https_first(status: int) -> None:
    site: dict[str, str | Answer] = {
        "https://eksempel.example/": Answer(status=status),
        f"{HOST}/": '<a href="/team">Team</a>',
    }
    live = context("company_pages", account(), is_replay=False)
    asked = scopes(drive(CompanyPagesSpider(live), pages(site)))
    assert asked["https://eksempel.example/"] == "home"
    # An answer of 503 is an answer: http is tried when https cannot connect.
    assert (f"{HOST}/team" in asked) is (status == 0)


def test_in_a_replay_a_secure_redirect_is_still_asked_by_http() -> None:
    site = {
        f"{HOST}/": Answer(
            '<a href="/team">Team</a>', url="https://www.eksempel.example/"
        )
    }
    spider = CompanyPagesSpider(context("company_pages", account()))
    assert "http://www.eksempel.example/team" in scopes(drive(spider, pages(site)))


def test_accounts_are_walked_apart() -> None:
    one = account()
    two = account("a2", domains=("eksempel.example", "to.example"))
    none = account("a3", domains=())
    site: dict[str, str | Answer] = {f"{HOST}/": '<a href="/team">Team</a>'}
    spider = CompanyPagesSpider(context("company_pages", one, two, none))
    asked = Counter(
        (r.meta["account_id"], r.url) for r in drive(spider, pages(site), 3)
    )
    assert max(asked.values()) == 1
    assert asked["a1", f"{HOST}/team"] == asked["a2", f"{HOST}/team"] == 1
    assert ("a2", "http://to.example/") in asked


def test_pages_that_are_no_pages_lead_nowhere() -> None:
    body = b"\x00\xff\xfe<a href='/team'>Team</a>"
    assert set(walk({"/": Answer(body)})) == {"/", "/sitemap.xml"}
    odd = '<base href="http://["><a href="http://[x">a</a><a href>b</a><a href="/team">'
    assert set(walk({"/": odd})) == {"/", "/sitemap.xml", "/team"}


def test_a_place_that_a_person_gave_is_asked_as_what_they_call_it() -> None:
    places = (
        Place("company_pages", f"{HOST}/folkene", "leadership"),
        Place("company_pages", "https://annet.example/jobb", "careers"),
        Place("company_pages", f"{HOST}/noe", "place"),
        Place("nav_jobs", f"{HOST}/ikke-var"),
    )
    one = replace(account(), places=places)
    spider = CompanyPagesSpider(context("company_pages", one))
    asked = scopes(drive(spider, pages({f"{HOST}/": "<p>Hei</p>"})))
    assert asked[f"{HOST}/folkene"] == "leadership"
    assert asked["http://annet.example/jobb"] == "careers"
    assert asked[f"{HOST}/noe"] == "content"
    assert f"{HOST}/ikke-var" not in asked
