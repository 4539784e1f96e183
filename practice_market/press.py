"""Press feeds, press rooms and the exchange's messages, in their real formats.

What a company tells is its articles (story.py); how feeds spoil it belongs here: dates
that are no dates, the same item twice under one guid or two, relative links. Which
company tells where is decided by its number alone.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from practice_market.answer import Answer, Request, as_json, conditional, tag_of, text
from practice_market.company import Company, Market
from practice_market.press_places import (
    FEED_PATHS,
    ROOM_HOST,
    issuer_id,
    kind_of,
    publisher_id,
)
from practice_market.site import Site
from practice_market.story import Article, Story

_NEWEST = 15
_MOST_MESSAGES = 30
_OSLO_WINTER = timezone(timedelta(hours=1))
_DAYS_NB = ("man", "tir", "ons", "tor", "fre", "lør", "søn")
_MONTHS_NB = "jan feb mar apr mai jun jul aug sep okt nov des".split()


class Press:
    """Every feed, room and message of the market."""

    def __init__(self, market: Market, sites: list[Site]) -> None:
        self.market = market
        self.sites = sites
        self._kept: dict[tuple[int, int], list[dict[str, Any]]] = {}

    # What there is

    def _shown(self, story: Story, day: int, count: int) -> list[Article]:
        """The newest articles by day and number, newest first."""
        found = [article for article in story.articles if article.day <= day]
        found.sort(key=lambda article: (article.day, article.serial), reverse=True)
        return found[:count]

    def told(self, index: int, day: int) -> list[dict[str, Any]]:
        """Truth: what a reader of the company's feed, room or list finds that day.

        Number, headline, and the moment of publication in UTC, None where the feed
        writes no readable date. From new to old, each once.
        """
        site = self.sites[index]
        kind = kind_of(site.one)
        if kind == "none":
            return []
        count = _MOST_MESSAGES * 100 if kind == "exchange" else _NEWEST
        return [
            {
                "serial": article.serial,
                "title": site.headline(article),
                "published_at": self._read_moment(site.one, article),
            }
            for article in self._shown(site.story, day, count)
        ]

    def spells(self, index: int) -> Iterator[dict[str, Any]]:
        """Truth: every item with the first day it shows and the day it no longer does.

        A feed and a press room show the newest items, the exchange all of them. The key
        is the number in the item's address.
        """
        site = self.sites[index]
        kind = kind_of(site.one)
        ordered = sorted(site.story.articles, key=lambda a: (a.day, a.serial))
        for position, article in enumerate(ordered):
            pushed = position + _NEWEST
            end = ordered[pushed].day if pushed < len(ordered) else None
            end = None if kind == "exchange" else end
            if article.day >= self.market.days or (end is not None and end <= 0):
                continue
            key = article.serial
            if kind == "room":
                key = _release(site.one, article)
            elif kind == "exchange":
                # In order of publication, as the exchange numbers them.
                key = (index + 1) * 1_000_000 + 2 * (position + 1)
            yield {
                "key": str(key),
                "first": article.day,
                "end": end,
                "title": site.headline(article),
                "published_at": self._read_moment(site.one, article),
            }

    def _moment(self, article: Article) -> datetime:
        day = self.market.date_of(article.day)
        hour, minute = 7 + article.serial % 9, article.serial * 7 % 60
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=_OSLO_WINTER)

    def _read_moment(self, one: Company, article: Article) -> str | None:
        quirk = _date_quirk(one, article)
        if quirk == "no date":
            return None
        moment = self._moment(article)
        if quirk == "day only":
            return moment.date().isoformat() + "T00:00:00"
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")

    # Answers

    def beside(self, site: Site, request: Request) -> Answer:
        """Answer for a company's own host: its feed, else its site."""
        path = FEED_PATHS.get(kind_of(site.one))
        if path is None or request.path != path:
            return site.answer(request)
        return self._feed(site, request)

    def _feed(self, site: Site, request: Request) -> Answer:
        kind = kind_of(site.one)
        if kind == "rss":
            body = self._rss(site, request.day, f"https://{site.one.domain}/").encode()
            content_type = b"application/rss+xml; charset=UTF-8"
        elif kind == "atom":
            body = self._atom(site, request.day).encode()
            content_type = b"application/atom+xml"
        else:
            body = self._json(site, request.day).encode()
            content_type = b"application/feed+json"
        return conditional(request, content_type, body, tag_of(body), None)

    def room(self, request: Request) -> Answer:
        """Answer for the host of press rooms."""
        asked = parse_qs(request.query).get("publisherId", [""])[-1]
        index = int(asked) - publisher_id(self.sites[0].one) if asked.isdigit() else -1
        is_feed = request.path == "/rss/releases/latest"
        is_room = 0 <= index < len(self.sites) and kind_of(self.sites[index].one) == (
            "room"
        )
        if not is_feed or not is_room:
            return text(404, "There is no such press room.")
        site = self.sites[index]
        body = self._rss(site, request.day, f"https://{ROOM_HOST}/").encode()
        kind = b"application/rss+xml;charset=UTF-8"
        return conditional(request, kind, body, tag_of(body), None)

    def _rss(self, site: Site, day: int, home: str) -> str:
        one = site.one
        is_room = kind_of(one) == "room"
        items = []
        for article in self._shown(site.story, day, _NEWEST):
            title = escape(site.headline(article))
            lead = escape(escape(f"<p>{site.article_text(article)[0]}</p>"))
            if is_room:
                slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
                link = (
                    f"{home}pressemelding/{_release(one, article)}/{slug}"
                    f"?publisherId={publisher_id(one)}&amp;lang=no"
                )
                guid, tag = link, "<guid>"
            else:
                # Relative, as many a feed has it.
                link = f"/presse/{article.serial}?utm_source=rss&amp;utm_medium=feed"
                guid, tag = (
                    f"{one.domain}-{article.serial}",
                    '<guid isPermaLink="false">',
                )
            dated = f"<pubDate>{self._rss_date(one, article)}</pubDate>"
            item = (
                f"<item><title>{title}</title><link>{link}</link>{tag}{guid}</guid>"
                f"{dated}<description>{lead}</description></item>"
            )
            items.append(item)
            if article.serial % 7 == 0:
                # Published again: the same guid, another date.
                items.append(item.replace(dated, "<pubDate>rett nå</pubDate>"))
            if article.serial % 11 == 0:
                # Again under another guid, at the same address.
                items.append(item.replace(f"{guid}</guid>", f"{guid}-2</guid>"))
        name = f"Pressemeldinger fra {one.name}" if is_room else one.name
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
            f"<title>{escape(name)}</title><link>{home}</link>"
            f"<language>{'no' if one.language in ('nb', 'nn') else one.language}"
            f"</language>{''.join(items)}</channel></rss>"
        )

    def _rss_date(self, one: Company, article: Article) -> str:
        moment = self._moment(article)
        quirk = _date_quirk(one, article)
        if quirk == "no date":
            return f"31/02/{moment.year}"
        if quirk == "day only":
            return f"{moment:%d.%m.%Y}"
        if quirk == "in Norwegian":
            return (
                f"{_DAYS_NB[moment.weekday()]}, {moment.day} "
                f"{_MONTHS_NB[moment.month - 1]} {moment:%Y %H:%M:%S} +0100"
            )
        if quirk == "zone by name":
            return f"{moment:%d} {_MONTHS_NB[moment.month - 1]} {moment:%Y %H:%M} CET"
        return format_datetime(moment)

    def _atom(self, site: Site, day: int) -> str:
        one = site.one
        entries = []
        for article in self._shown(site.story, day, _NEWEST):
            stamp = self._w3c(one, article)
            body = f"<p>{escape(site.article_text(article)[0])}</p>"
            entries.append(
                f"<entry><id>urn:made-up:{one.org_number}:{article.serial}</id>"
                f'<title type="html">{escape(escape(site.headline(article)))}</title>'
                f'<link href="presse/{article.serial}"/>'
                f"<published>{stamp}</published>"
                '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
                f"{body}</div></content></entry>"
            )
            if article.serial % 7 == 0:
                entries.append(entries[-1].replace("<published>", "<published>9"))
        return (
            '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" '
            f'xml:base="https://{one.domain}/" xml:lang="{one.language}">'
            f"<title>{escape(one.name)}</title>{''.join(entries)}</feed>"
        )

    def _json(self, site: Site, day: int) -> str:
        one = site.one
        items: list[dict[str, Any]] = []
        for article in self._shown(site.story, day, _NEWEST):
            items.append(
                {
                    "id": article.serial,
                    "url": f"https://{one.domain}/presse/{article.serial}",
                    "title": site.headline(article),
                    "content_html": f"<p>{site.article_text(article)[0]}</p>",
                    "date_published": self._w3c(one, article),
                }
            )
            if article.serial % 11 == 0:
                items.append({**items[-1], "id": f"{article.serial}-copy"})
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": one.name,
            "language": one.language,
            "items": items,
        }
        return json.dumps(feed, ensure_ascii=False)

    def _w3c(self, one: Company, article: Article) -> str:
        moment = self._moment(article)
        quirk = _date_quirk(one, article)
        if quirk == "no date":
            return "0000-00-00"
        if quirk == "day only":
            return moment.date().isoformat()
        if quirk == "in Norwegian":
            return f"{moment:%Y-%m-%d %H:%M:%S} +0100"
        return moment.isoformat()

    # The exchange

    def exchange(self, request: Request) -> Answer:
        """Answer for the exchange's reader: lists of an issuer, and messages."""
        asked = {k: v[-1] for k, v in parse_qs(request.query).items()}
        if request.path == "/v1/newsreader/message":
            return self._message(asked.get("messageId", ""), request.day)
        if request.path != "/v1/newsreader/list":
            return as_json(404, {"header": {}, "data": None})
        issuer = asked.get("issuer", "")
        index = int(issuer) - issuer_id(self.sites[0].one) if issuer.isdigit() else -1
        if not 0 <= index < len(self.sites):
            return as_json(200, {"header": {}, "data": {"messages": []}})
        found = [
            message
            for message in self._messages(index, request.day)
            if asked.get("fromDate", "") <= message["publishedTime"][:10]
            and message["publishedTime"][:10] <= asked.get("toDate", "9999")
            and asked.get("category") in (None, "", "1005")
        ]
        data = {
            "messages": found[:_MOST_MESSAGES],
            "overflow": len(found) > _MOST_MESSAGES,
        }
        return as_json(200, {"header": {}, "data": data})

    def _messages(self, index: int, day: int) -> list[dict[str, Any]]:
        """New to old; every third has an English twin right after it."""
        # A reader asks for issuers' lists and then for each of their messages.
        key = index, day
        if key not in self._kept:
            if len(self._kept) >= 64:
                self._kept.clear()
            self._kept[key] = self._listed(index, day)
        return self._kept[key]

    def _listed(self, index: int, day: int) -> list[dict[str, Any]]:
        site = self.sites[index]
        if kind_of(site.one) != "exchange":
            return []
        found = []
        shown = self._shown(site.story, day, len(site.story.articles))
        for rank, article in zip(range(len(shown), 0, -1), shown, strict=True):
            stamp = self._moment(article).astimezone(UTC)
            # In order of publication, as the exchange numbers them.
            number = (index + 1) * 1_000_000 + 2 * rank
            message = {
                "id": number,
                "messageId": number,
                "newsId": number,
                "title": site.headline(article),
                "category": [
                    {
                        "id": 1005,
                        "category_no": "INNSIDEINFORMASJON",
                        "category_en": "INSIDE INFORMATION",
                    }
                ],
                "markets": ["XOSL"],
                "issuerId": issuer_id(site.one),
                "issuerSign": f"PM{index}",
                "issuerName": f"{site.one.name} ASA",
                "publishedTime": f"{stamp:%Y-%m-%dT%H:%M:%S}.000Z",
                "test": False,
                "numbAttachments": 0,
                "correctionForMessageId": 0,
                "correctedByMessageId": 0,
                "clientAnnouncementId": "",
            }
            if has_twin(site.one, article):
                title = "Announcement of the company to the shareholders and the market"
                twin = {"id": number + 1, "messageId": number + 1, "title": title}
                found.append({**message, **twin})
            found.append(message)
        return found

    def _message(self, asked: str, day: int) -> Answer:
        index = int(asked) // 1_000_000 - 1 if asked.isdigit() else -1
        if 0 <= index < len(self.sites):
            for message in self._messages(index, day):
                if str(message["messageId"]) == asked:
                    whole = {**message, "body": message["title"], "attachments": []}
                    return as_json(200, {"header": {}, "data": {"message": whole}})
        return as_json(404, {"header": {}, "data": None})


def has_twin(one: Company, article: Article) -> bool:
    """True for a message that is filed in English as well."""
    return one.language in ("nb", "nn") and article.serial % 3 == 0


def _date_quirk(one: Company, article: Article) -> str:
    if kind_of(one) == "exchange":
        return "none"
    return {
        0: "no date",
        1: "day only",
        2: "in Norwegian",
        3: "zone by name",
    }.get(article.serial % 10, "none")


def _release(one: Company, article: Article) -> int:
    return 18_000_000 + one.index * 10_000 + article.serial
