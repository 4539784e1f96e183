"""The whole market: every company's story and every host that shows a part of it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from practice_market import (
    announcements,
    bad_input,
    companies_house,
    hostility,
    job_feed,
    names,
    notices,
    ocds_notices,
    press_places,
    public_money,
    registry,
    ted_notices,
)
from practice_market.announcements import Announcements
from practice_market.answer import Answer, Request, text
from practice_market.boards import Boards
from practice_market.companies_house import CompaniesHouse
from practice_market.company import Market, sector_shock
from practice_market.job_feed import JobFeed
from practice_market.notices import Notices
from practice_market.ocds_notices import OcdsNotices
from practice_market.press import Press
from practice_market.public_money import PublicMoney
from practice_market.registry import Registry
from practice_market.site import PageCache, Site
from practice_market.story import tell
from practice_market.ted_notices import TedNotices


class World:
    """A market that can be asked; the same parameters give the same answers."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.stories = [tell(market, index) for index in range(market.companies)]
        cache = PageCache()
        self.sites = [Site(market, story, cache) for story in self.stories]
        self.notices = Notices(market, self.stories)
        self.ted = TedNotices(market, self.notices)
        self.announcements = Announcements(market, self.stories)
        self.companies_house = CompaniesHouse(market, self.stories)
        self.registry = Registry(market, self.stories)
        self.job_feed = JobFeed(market, self.stories, self.sites)
        self.press = Press(market, self.sites)
        self.public_money = PublicMoney(market, self.stories)
        self._hosts: dict[str, Callable[[Request], Answer]] = {
            announcements.HOST: self.announcements.answer,
            companies_house.HOST: self.companies_house.answer,
            registry.HOST: self.registry.answer,
            job_feed.HOST: self.job_feed.answer,
            notices.HOST: self.notices.answer,
            ted_notices.API_HOST: self.ted.search,
            ted_notices.SITE_HOST: self.ted.notice,
            ocds_notices.HOST: OcdsNotices(market, self.notices).answer,
            press_places.ROOM_HOST: self.press.room,
            press_places.EXCHANGE_HOST: self.press.exchange,
            public_money.INNOVATION_HOST: self.public_money.innovation,
            public_money.RESEARCH_HOST: self.public_money.research,
            **bad_input.HOSTS,
        }
        boards = Boards(market, self.sites)
        self._hosts |= boards.hosts()
        # Hosts that are asked with a POST; all others are only read.
        self._takes_post = boards.post_hosts() | {ted_notices.API_HOST}
        for site in self.sites:
            answer = partial(self.press.beside, site)
            self._hosts[site.one.domain] = answer
            self._hosts[f"www.{site.one.domain}"] = answer

    def answer(self, request: Request) -> Answer:
        """Answer for any host at the end of the request's day."""
        host = self._hosts.get(request.host)
        if host is None:
            return text(
                502,
                f"There is no host {request.host} in this market.",
                (b"lyttepost-replay-error", b"dns_error"),
            )
        takes_post = request.host in self._takes_post
        if request.method not in ("GET", "HEAD", *(("POST",) if takes_post else ())):
            return text(405, "This market is only read.", (b"allow", b"GET, HEAD"))
        return host(request)

    def shocks(self) -> Iterator[dict[str, Any]]:
        """Truth: when all of a sector talked of the theme without needing anything."""
        for sector in names.SECTORS:
            for day in range(0, self.market.days, 91):
                if sector_shock(self.market, sector, day):
                    yield {
                        "sector": sector,
                        "from": self.market.date_of(day).isoformat(),
                        "to": self.market.date_of(day + 69).isoformat(),
                    }

    def days_down(self, index: int) -> list[str]:
        """Truth: the days on which a site was down."""
        return [
            self.market.date_of(day).isoformat()
            for day in range(self.market.days)
            if hostility.outage(self.market, index, day) is not None
        ]
