"""What our readers make of the market's press and public money is its truth."""

from datetime import date

import pytest
from market_asking import Ask

from practice_market.answer import Answer
from practice_market.press import has_twin
from practice_market.press_places import KINDS, kind_of, place_of
from practice_market.world import World
from scrapers.account import Place
from scrapers.envelope import Envelope
from scrapers.source import load_parser, recognised
from scrapers.sources.newsweb_announcements.spider import NewswebAnnouncementsSpider
from scrapers.sources.ntb_releases.spider import NtbReleasesSpider
from scrapers.sources.press_feeds.spider import PressFeedsSpider
from scrapers.sources.public_money_lists.lists import money_lists
from tests.scrapers import driving

SPIDERS = {
    "press_feeds": PressFeedsSpider,
    "ntb_releases": NtbReleasesSpider,
    "newsweb_announcements": NewswebAnnouncementsSpider,
}
DAYS = (0, 219)


def parsed(source: str, url: str, scope: str, answer: Answer) -> list:
    content_type = dict(answer.headers)[b"content-type"].decode()
    envelope = Envelope(source, url, scope, content_type, answer.status)
    return list(load_parser(source).parse(answer.body, envelope))


def read(world: World, ask: Ask, index: int, day: int) -> dict[str, tuple]:
    """Everything our spider and parser make of a company's place, by id."""
    found = place_of(world.sites[index].one)
    assert found is not None
    source = found[0]
    account = driving.Account("a", "A", "NO", None, (), places=(Place(*found),))
    spider = SPIDERS[source](
        driving.context(source, account, day=world.market.date_of(day))
    )
    rows: dict[str, tuple] = {}

    def web(request: driving.Request) -> driving.Answer:
        answer = ask(request.url, day)
        scope = request.meta["scope"]
        for row in parsed(source, request.url, scope, answer):
            at = row.published_at.isoformat() if row.published_at else None
            rows[row.announcement_id] = (row.title, at)
        return driving.Answer(answer.body.decode(), answer.status)

    driving.drive(spider, web)
    return rows


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "none"])
@pytest.mark.parametrize("day", DAYS)
def test_announcements_are_those_of_the_truth(
    world: World, ask: Ask, kind: str, day: int
) -> None:
    sites = [s for s in world.sites if kind_of(s.one) == kind][:2]
    n_told = 0
    for site in sites:
        told = world.press.told(site.one.index, day)
        if kind == "exchange":
            # The first window is a year.
            first = date.fromordinal(world.market.date_of(day).toordinal() - 365)
            told = [t for t in told if t["published_at"] >= first.isoformat()]
        rows = read(world, ask, site.one.index, day)
        wanted = sorted((t["title"], t["published_at"]) for t in told)
        assert sorted(rows.values(), key=str) == sorted(wanted, key=str)
        n_told += len(told)
    assert n_told >= 20


def test_the_quirks_are_there(world: World, ask: Ask) -> None:
    sites = {kind_of(site.one): site for site in reversed(world.sites)}
    feed = ask(f"https://{sites['rss'].one.domain}/feed/", 219)
    assert b"31/02/" in feed.body
    assert b"CET" in feed.body
    articles = [a for s in world.stories for a in s.articles]
    exchange = [s.one for s in world.sites if kind_of(s.one) == "exchange"]
    assert any(has_twin(one, a) for one in exchange for a in articles)
    room = place_of(sites["room"].one)
    assert room is not None
    url = f"https://kommunikasjon.ntb.no/rss/releases/latest?publisherId={room[1][21:]}"
    assert ask(url, 0).status == 200
    assert ask(url + "9", 0).status == 404
    tag = dict(feed.headers)[b"etag"].decode()
    again = ask(f"https://{sites['rss'].one.domain}/feed/", 219, if_none_match=tag)
    assert again.status == 304


def test_the_site_says_where_the_news_is(calm_world: World, ask_calm: Ask) -> None:
    for site in calm_world.sites[:12]:
        found = place_of(site.one)
        if found is None:
            continue
        page = ask_calm(f"https://{site.one.domain}/", 0).body.decode(
            "utf-8", "replace"
        )
        links = [part.split('"')[0] for part in page.split('href="')[1:]]
        if found[0] == "press_feeds":
            links = [f"https://{site.one.domain}{link}" for link in links]
        assert found in [place for link in links for place in recognised(link)]


@pytest.mark.parametrize("name", ["innovasjon_norge", "forskningsradet_eu"])
@pytest.mark.parametrize("day", [60, 219])
def test_grants_are_those_of_the_truth(
    world: World, ask: Ask, name: str, day: int
) -> None:
    url = money_lists()[name].url
    watched = {site.one.org_number for site in world.sites}
    rows = [
        (str(r.effective_on), r.party_org_number, r.amount, r.source_type)
        for r in parsed("public_money_lists", url, name, ask(url, day))
        if r.party_org_number in watched
    ]
    newest = world.market.date_of(day)
    roles = {"COORDINATOR": " · lead", "PARTICIPANT": " · partner", None: ""}
    told = [
        (t["at"], t["org_number"], t["amount"], t["programme"] + roles[t["role"]])
        for t in world.public_money.awarded(name, day)
        if (newest - date.fromisoformat(t["at"])).days <= 380
    ]
    # The list's window is counted from its newest row.
    assert set(told) <= set(rows)
    assert len(rows) == len(set(rows))
    everything = {
        (t["at"], t["org_number"], t["amount"], t["programme"] + roles[t["role"]])
        for t in world.public_money.awarded(name, day)
    }
    assert set(rows) <= everything
    assert len(told) >= 5
