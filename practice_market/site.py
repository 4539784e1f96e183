"""A company's own web site, as it was on a day.

Rendering belongs here; what there is to show comes from the story, and what goes wrong
on the way from hostility.
"""

import json
import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import Any
from urllib.parse import parse_qs

from practice_market import hostility, press_places
from practice_market.answer import Answer, Request, conditional, tag_of, text
from practice_market.board_places import board_of
from practice_market.company import Market
from practice_market.draws import stream, unit
from practice_market.names import STREETS
from practice_market.site_words import HEADLINES, LABELS, LEGAL, PATHS
from practice_market.story import (
    ALWAYS,
    CONTENT_SLOTS,
    Article,
    Edit,
    Job,
    Post,
    Story,
)
from practice_market.text import Voice
from practice_market.titles import SECTIONS

JOBS_A_PAGE = 6
NEWS_SHOWN = 6
OWN_ARTICLE_PAGES = 3
BUILT_WITH = (
    ("WordPress 6.4", b"Apache"),
    ("Drupal 10 (https://www.drupal.org)", b"nginx"),
    ("Umbraco", b"Microsoft-IIS/10.0"),
    ("", b"cloudflare"),
)
"""What the pages say that made them, and the server that sends them."""
LOADED = (
    "https://www.googletagmanager.com/gtm.js?id=GTM-MADEUP",
    "https://js-eu1.hs-scripts.com/1.js",
    "https://static.hotjar.com/c/hotjar-1.js",
    "https://consent.cookiebot.com/uc.js",
    "https://siteimproveanalytics.com/js/siteanalyze_1.js",
    "https://static.zdassets.com/ekr/snippet.js",
)
"""Scripts of well-known services; nothing ever fetches them."""
"""The newest articles that have a page of their own, on sites that have such pages."""
_CACHE_PAGES = 12_000
_HTML = b"text/html; charset="


@dataclass(frozen=True)
class Style:
    """How a site is built; drawn once, its looks move on with each redesign."""

    skeleton: int
    people_markup: int
    has_job_pages: bool
    has_job_json: bool
    has_article_pages: bool
    has_tag: bool
    has_modified: bool
    page_parameter: str
    is_moved_politely: bool


class PageCache:
    """Rendered pages by their version, the least recently used dropped first."""

    def __init__(self, limit: int = _CACHE_PAGES) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[Any, ...], tuple[bytes, bytes]] = OrderedDict()

    def get(
        self, key: tuple[Any, ...], render: Callable[[], bytes]
    ) -> tuple[bytes, bytes]:
        """The body and its entity tag, rendered when this version is new."""
        found = self._kept.get(key)
        if found is None:
            body = render()
            found = self._kept[key] = body, tag_of(body)
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found


class Site:
    """The site of one company."""

    def __init__(self, market: Market, story: Story, cache: PageCache) -> None:
        self.cache = cache
        self.market, self.story, self.one = market, story, story.company
        self.odd = hostility.oddities(market, self.one)
        rng = stream(market.seed, "style", self.one.index)
        validators = rng.random()
        self.style = Style(
            skeleton=rng.randrange(3),
            people_markup=rng.randrange(5),
            has_job_pages=rng.random() < 0.35,
            has_job_json=rng.random() < 0.6,
            has_article_pages=rng.random() < 0.35,
            has_tag=validators < 0.65 and not self.odd.is_stamped,
            has_modified=0.35 < validators < 0.85 and not self.odd.is_stamped,
            page_parameter=rng.choice(("side", "page", "p")),
            is_moved_politely=rng.random() < 0.5,
        )
        self.built_with = [
            self._built_with(k) for k in range(len(self.odd.redesigned_on) + 1)
        ]
        self.board = board_of(market, self.one)
        self.voice = Voice(self.one.language, market.seed, self.one.index)
        self.words = LABELS[self.one.language]
        self._paths = [
            self._paths_of(k) for k in range(len(self.odd.redesigned_on) + 1)
        ]
        self._edits: dict[tuple[int, int], list[Edit]] = {}
        for edit in story.edits:
            self._edits.setdefault((edit.page, edit.slot), []).append(edit)
        self._days = {k: [e.day for e in v] for k, v in self._edits.items()}
        self._site_jobs = sorted(
            (job for job in story.jobs if job.on_site and job.closed > 0),
            key=lambda job: (-job.opened, job.key),
        )
        self._job_slugs = {job.key: self._slug(job) for job in self._site_jobs}
        self._nuisances: dict[str, list[int]] = {}
        for day, name in story.nuisances:
            self._nuisances.setdefault(name, []).append(day)
        self._addresses = [
            (f.day, f.value) for f in story.filings if f.what == "address"
        ]
        self._addresses.sort()
        self._changes = self._change_days()
        self._paragraphs: dict[tuple[int, int, int], str] = {}

    # Addresses

    def _paths_of(self, design: int) -> dict[str, str]:
        """Path by page; each redesign gives every page a new address with p = .2."""
        if design == 0:
            rng = stream(self.market.seed, "paths", self.one.index)
            paths = {"home": "/"}
            for page in ("about", "leadership", "careers", "news"):
                paths[page] = rng.choice(PATHS[self.one.language][page])
            for number in range(self.story.pages):
                content = PATHS[self.one.language]["content"][number]
                paths[f"content-{number}"] = content
            return paths
        paths = dict(self._paths_of(design - 1))
        for page, path in paths.items():
            moved = unit(self.market.seed, "moved", self.one.index, page, design) < 0.2
            if moved and page != "home":
                paths[page] = f"/{self.one.language}{path}"
        return paths

    def _built_with(self, design: int) -> tuple[str, bytes]:
        """Head and server of a design: a redesign may come with other services."""
        rng = stream(self.market.seed, "built with", self.one.index, design)
        generator, server = BUILT_WITH[rng.randrange(len(BUILT_WITH))]
        scripts = rng.sample(LOADED, rng.randint(1, 3))
        head = f'<meta name="generator" content="{generator}">' if generator else ""
        head += "".join(f'<script async src="{script}"></script>' for script in scripts)
        return head, server

    def paths(self, day: int) -> dict[str, str]:
        """Path by page on that day."""
        return self._paths[self.odd.design(day)]

    def _slug(self, job: Job) -> str:
        plain = job.title.lower()
        for letter, other in (("ø", "o"), ("å", "a"), ("æ", "ae"), ("ö", "o")):
            plain = plain.replace(letter, other)
        plain = re.sub("[^a-z0-9]+", "-", plain.replace("ä", "a")).strip("-")
        return f"{plain}-{job.key.split('-')[1]}"

    def _change_days(self) -> list[int]:
        """Every day on which anything of the site may look different."""
        story, days = self.story, {0}
        for job in self._site_jobs:
            days |= {job.opened, job.closed}
        for post in story.posts:
            days |= {post.start, post.person.renamed_on or 0}
            if post.end is not None:
                days.add(post.end)
        for start in self.odd.redesigned_on:
            days |= {start, start + hostility.BLANK_DAYS}
        days |= {article.day for article in story.articles}
        days |= {edit.day for edit in story.edits}
        days |= {day for day, _ in story.nuisances}
        days |= {day for day, _ in self._addresses}
        days |= set(story.section_changes)
        years = range(self.market.start.year + 1, self.market.last_date.year + 1)
        days |= {(date(year, 1, 1) - self.market.start).days for year in years}
        return sorted(day for day in days if day > ALWAYS)

    # What there is on a day

    def team(self, day: int) -> list[Post]:
        """The posts of the leadership page in the order of the page."""
        held = [post for post in self.story.posts if post.holds(day)]
        return sorted(held, key=lambda post: (post.section, post.rank, post.start))

    def job_slug(self, job: Job) -> str:
        """The last part of an ad's address."""
        return self._job_slugs[job.key]

    def open_jobs(self, day: int) -> list[Job]:
        """The jobs of the careers page, newest first."""
        return [job for job in self._site_jobs if job.opened <= day < job.closed]

    def articles(self, day: int) -> list[Article]:
        """The newest articles, newest first."""
        shown = [article for article in self.story.articles if article.day <= day]
        return shown[-NEWS_SHOWN:][::-1]

    def _version(self, name: str, day: int) -> int:
        return bisect_right(self._nuisances.get(name, []), day)

    def _address(self, day: int) -> str:
        street = stream("street", self.one.org_number)
        current = f"{street.choice(STREETS).replace('_', ' ')} {street.randint(1, 90)}"
        for moved, value in self._addresses:
            if moved <= day:
                current = value
        return current

    def _paragraph(self, page: int, slot: int, day: int) -> str:
        days = self._days.get((page, slot), [])
        position = bisect_right(days, day)
        key = (page, slot, position)
        found = self._paragraphs.get(key)
        if found is not None:
            return found
        rng = stream(self.market.seed, "text", self.one.index, page, slot, position)
        if position:
            edit = self._edits[page, slot][position - 1]
            sentences = [self.voice.paragraph(rng, edit.rho, 6)]
            if edit.opens_with_theme:
                sentences.insert(0, self.voice.sentence(rng, 0.2))
            made = " ".join(sentences)
        else:
            rho = 0.02 + 0.02 * max(rng.gauss(0.0, 1.0) + 1.0, 0.0)
            made = self.voice.paragraph(rng, rho, 6)
        self._paragraphs[key] = made
        return made

    def _slots(self, page: int, day: int) -> tuple[int, ...]:
        return tuple(
            bisect_right(self._days.get((page, slot), []), day)
            for slot in range(CONTENT_SLOTS)
        )

    # Rendering

    def headline(self, article: Article) -> str:
        """The headline of an article, wherever it is told."""
        rng = stream(self.market.seed, "headline", self.one.index, article.serial)
        pattern = HEADLINES[self.one.language][article.kind]
        person, _, title = article.subject.partition("|")
        noun = self.voice.noun(rng)
        return pattern.format(
            noun=noun,
            Noun=self.voice.noun(rng).capitalize(),
            city=self.one.city.split()[0].capitalize(),
            theme=self.voice.theme_term(rng),
            person=person,
            title=title if title[:2].isupper() else title.lower(),
            name=self.one.name,
            subject=article.subject,
        )

    def article_text(self, article: Article) -> list[str]:
        """The two paragraphs of an article."""
        rng = stream(self.market.seed, "article", self.one.index, article.serial)
        share = 0.12 if article.kind == "initiative" else article.rho
        return [self.voice.paragraph(rng, share, 4) for _ in range(2)]

    def job_text(self, job: Job) -> tuple[str, list[str], list[str]]:
        """Introduction, tasks and what is wanted: the words of an ad."""
        rng = stream(self.market.seed, "job", self.one.index, job.key)
        intro = self.voice.paragraph(rng, job.rho, 4)
        tasks = [self.voice.sentence(rng, job.rho) for _ in range(3)]
        wanted = [self.voice.sentence(rng, job.rho / 2) for _ in range(2)]
        return intro, tasks, wanted

    def _common(self, day: int) -> tuple[Any, ...]:
        """What the frame of every page depends on."""
        return (
            self.odd.design(day),
            self._version("social_links", day),
            self._version("legal_text", day),
            self._version("footer_counter", day),
            self.market.date_of(day).year,
            self._address(day),
            day if self.odd.is_stamped else None,
        )

    def _frame(self, title: str, main: str, day: int, extra: str = "") -> bytes:
        """The whole page around the content, in the site's present design."""
        one, words = self.one, self.words
        design = self.odd.design(day)
        skeleton = (self.style.skeleton + design) % 3
        links = [
            f'<li><a href="{path}">{label}</a></li>' for path, label in self.menu(day)
        ]
        nav = f'<nav aria-label="meny"><ul>{"".join(links)}</ul></nav>'
        legal = LEGAL[one.language]
        social = ("linkedin", "facebook", "instagram", "bluesky")
        shown = social[: 2 + self._version("social_links", day) % 3]
        counter = 1200 + 17 * self._version("footer_counter", day)
        year = self.market.date_of(day).year
        city = one.city.split()[0].capitalize()
        footer = (
            f"<p>{words['contact']}: {escape(self._address(day))}, {one.postal_code} "
            f"{city}</p><p>Org.nr. {one.org_number}</p>"
            f'<p class="social">{" ".join(shown)}</p>'
            f"<p>{legal[self._version('legal_text', day) % len(legal)]} "
            f'<a href="/personvern">{words["privacy"]}</a></p>'
            f"<p>&copy; {year} {escape(one.name)} &middot; {counter}</p>"
            f"{press_places.footer_link(one)}"
        )
        stamp = ""
        if self.odd.is_stamped:
            value = stream(self.market.seed, "stamp", one.index, day).getrandbits(64)
            stamp = f'<meta name="csrf-token" content="{value:016x}">'
        charset = "iso-8859-1" if self.odd.is_latin1 else "utf-8"
        head = (
            f'<!DOCTYPE html><html lang="{one.language}"><head>'
            f'<meta charset="{charset}">{stamp}<title>{escape(title)} | '
            f"{escape(one.name)}</title>{self.built_with[design][0]}"
            f"{press_places.head_link(one)}{extra}</head>"
        )
        if skeleton == 0:
            body = (
                f'<body><header><a href="/">{escape(one.name)}</a>{nav}</header>'
                f"<main>{main}</main><footer>{footer}</footer></body></html>"
            )
        elif skeleton == 1:
            body = (
                f'<body class="site"><div id="top"><div class="logo">'
                f'{escape(one.name)}</div>{nav}</div><div id="content" role="main">'
                f'{main}</div><div id="footer" class="footer">{footer}</div></body>'
                "</html>"
            )
        else:
            body = (
                f'<body><a class="skip" href="#main">&darr;</a><header class="bar">'
                f'{nav}</header><section id="main"><article>{main}</article></section>'
                f"<footer><div>{footer}</div></footer></body></html>"
            )
        encoding = "latin-1" if self.odd.is_latin1 else "utf-8"
        return (head + body).encode(encoding, "xmlcharrefreplace")

    def menu(self, day: int) -> list[tuple[str, str]]:
        """Path and label of each entry of the menu."""
        words = self.words
        return [
            (path, words[page] if page in words else words[self._content(page)])
            for page, path in self.paths(day).items()
        ]

    def _content(self, page: str) -> str:
        return PATHS[self.one.language]["content"][int(page.removeprefix("content-"))]

    def _people(self, posts: list[Post], day: int) -> tuple[str, str]:
        """The list of leaders in the site's markup, and what goes into the head."""
        markup = (self.style.people_markup + self.odd.design(day)) % 5
        photo = self._version("photo_swap", day)
        first, second = self._sections(day)
        parts: list[str] = []
        people: list[dict[str, str]] = []
        for section, heading in ((0, first), (1, second)):
            members = [post for post in posts if post.section == section]
            if not members:
                continue
            parts.append(f"<h2>{heading}</h2>")
            rows = []
            for post in members:
                name, title = escape(post.person.name(day)), escape(post.title)
                people.append(
                    {
                        "@type": "Person",
                        "name": post.person.name(day),
                        "jobTitle": post.title,
                    }
                )
                image = f"/img/{post.person.key.lower()}.jpg?v={photo}"
                rows.append(
                    (
                        f'<div class="card"><img src="{image}" alt="{name}"><h3>{name}'
                        f'</h3><p class="title">{title}</p></div>',
                        f"<tr><td>{name}</td><td>{title}</td></tr>",
                        f"<dt>{name}</dt><dd>{title}</dd>",
                        f"<li><strong>{name}</strong>, {title}</li>",
                        f'<figure><img src="{image}" alt=""><figcaption><span '
                        f'class="name">{name}</span><span class="role">{title}</span>'
                        "</figcaption></figure>",
                    )[markup]
                )
            joined = "".join(rows)
            parts.append(
                (
                    f'<div class="grid">{joined}</div>',
                    f"<table><thead><tr><th>{self.words['name']}</th><th>"
                    f"{self.words['title']}</th></tr></thead><tbody>{joined}</tbody>"
                    "</table>",
                    f"<dl>{joined}</dl>",
                    f"<ul>{joined}</ul>",
                    f'<div class="people">{joined}</div>',
                )[markup]
            )
        extra = ""
        if markup == 3:
            graph = {
                "@context": "https://schema.org",
                "@type": "Organization",
                "name": self.one.name,
                "employee": people,
            }
            extra = (
                '<script type="application/ld+json">'
                f"{json.dumps(graph, ensure_ascii=False)}</script>"
            )
        return "".join(parts), extra

    def _sections(self, day: int) -> tuple[str, str]:
        pairs = SECTIONS[self.one.language]
        changes = bisect_right(sorted(self.story.section_changes), day)
        return pairs[(self.one.index + changes) % len(pairs)]

    def _job_json(self, job: Job) -> str:
        intro, tasks, _ = self.job_text(job)
        listed = "".join(f"<li>{task}</li>" for task in tasks)
        posting = {
            "@context": "https://schema.org",
            "@type": "JobPosting",
            "title": job.title,
            "description": f"<p>{intro}</p><ul>{listed}</ul>",
            "datePosted": self.market.date_of(job.opened).isoformat(),
            "validThrough": self.market.date_of(job.opened + 42).isoformat(),
            "employmentType": "FULL_TIME",
            "identifier": {
                "@type": "PropertyValue",
                "name": self.one.name,
                "value": job.key,
            },
            "hiringOrganization": {"@type": "Organization", "name": self.one.name},
            "jobLocation": {
                "@type": "Place",
                "address": {
                    "@type": "PostalAddress",
                    "addressLocality": self.one.city.split()[0].capitalize(),
                    "postalCode": self.one.postal_code,
                    "addressCountry": "NO",
                },
            },
        }
        return (
            '<script type="application/ld+json">'
            f"{json.dumps(posting, ensure_ascii=False)}</script>"
        )

    def _job_facts(self, job: Job) -> str:
        deadline = self.market.date_of(job.opened + 28)
        city = self.one.city.split()[0].capitalize()
        return (
            f'<p class="meta">{self.words["place"]}: {city}. '
            f"{self.words['deadline']}: {deadline:%d.%m.%Y}</p>"
        )

    def _job_body(self, job: Job, level: int) -> str:
        intro, tasks, wanted = self.job_text(job)
        return (
            f"<p>{intro}</p><h{level}>{self.words['tasks']}</h{level}><ul>"
            + "".join(f"<li>{task}</li>" for task in tasks)
            + f"</ul><h{level}>{self.words['wanted']}</h{level}><ul>"
            + "".join(f"<li>{item}</li>" for item in wanted)
            + f"</ul><p>{self.words['apply']}</p>"
        )

    def _careers(self, jobs: list[Job], total: int, page: int, day: int) -> bytes:
        words, path = self.words, self.paths(day)["careers"]
        blocks, extra = [f"<h1>{words['careers']}</h1>"], ""
        if not jobs:
            blocks.append(f"<p>{words['no_jobs']}</p>")
        for job in jobs:
            title = escape(job.title)
            if self.style.has_job_pages:
                link = f"{path}/{self._job_slugs[job.key]}"
                blocks.append(
                    f'<div class="job"><h3><a href="{link}">{title}</a></h3>'
                    f"{self._job_facts(job)}</div>"
                )
            else:
                blocks.append(
                    f'<article class="job" id="{job.key}"><h2>{title}</h2>'
                    f"{self._job_facts(job)}{self._job_body(job, 3)}</article>"
                )
                if self.style.has_job_json:
                    extra += self._job_json(job)
        parameter = self.style.page_parameter
        if page > 1:
            before = f"?{parameter}={page - 1}" if page > 2 else ""
            blocks.append(
                f'<a rel="prev" href="{path}{before}">{words["previous"]}</a>'
            )
        if page * JOBS_A_PAGE < total:
            after = f"{path}?{parameter}={page + 1}"
            blocks.append(f'<a rel="next" href="{after}">{words["next"]}</a>')
        blocks.append(self._board_link())
        return self._frame(words["careers"], "".join(blocks), day, extra)

    def _board_link(self) -> str:
        """A frame with the board, or a link to it, on sites of companies with one."""
        if self.board is None:
            return ""
        if self.board.source == "greenhouse_jobs":
            return f'<iframe id="board" src="{self.board.link}"></iframe>'
        return f'<p><a href="{self.board.link}">{self.words["all_jobs"]}</a></p>'

    def _news(self, articles: list[Article], day: int) -> bytes:
        path, blocks = self.paths(day)["news"], [f"<h1>{self.words['news']}</h1>"]
        for number, article in enumerate(articles):
            headline = escape(self.headline(article))
            lead, rest = self.article_text(article)
            when = self.market.date_of(article.day)
            stamp = f'<time datetime="{when.isoformat()}">{when:%d.%m.%Y}</time>'
            if self.style.has_article_pages and number < OWN_ARTICLE_PAGES:
                link = f"{path}/{article.serial:05d}"
                blocks.append(
                    f'<div class="teaser">{stamp}<h2><a href="{link}">{headline}</a>'
                    f"</h2><p>{lead}</p></div>"
                )
            else:
                blocks.append(
                    f"<article>{stamp}<h2>{headline}</h2><p>{lead}</p><p>{rest}</p>"
                    "</article>"
                )
        return self._frame(self.words["news"], "".join(blocks), day)

    def _text_page(self, page: int, heading: str, day: int) -> str:
        paragraphs = [
            f"<p>{self._paragraph(page, slot, day)}</p>"
            for slot in range(CONTENT_SLOTS)
        ]
        return f"<h1>{escape(heading)}</h1>" + "".join(paragraphs)

    def _home(self, day: int, is_block_hidden: bool, newest: Article | None) -> bytes:
        main = self._text_page(0, self.one.name, day)
        if not is_block_hidden:
            main += f'<section class="offer"><p>{self.words["offer"]}</p></section>'
        events = self._version("event_calendar", day)
        if events:
            noun = self.voice.noun(stream("event", self.one.org_number, events))
            main += f"<aside><h2>{self.words['events']}</h2><p>{noun}</p></aside>"
        if newest is not None:
            link = self.paths(day)["news"]
            main += (
                f'<aside class="latest"><a href="{link}">'
                f"{escape(self.headline(newest))}</a></aside>"
            )
        return self._frame(self.words["home"], main, day)

    # Answers

    def answer(self, request: Request) -> Answer:
        """Answer for this site as it was at the end of the day."""
        market, index, day = self.market, self.one.index, request.day
        target = request.path + (f"?{request.query}" if request.query else "")
        fault = hostility.outage(market, index, day)
        if fault is None and request.path != "/robots.txt":
            fault = hostility.fetch_fault(market, index, target, day)
        if fault is not None:
            return self._fault(fault, day)
        if request.host.startswith("www."):
            location = f"https://{self.one.domain}{target}".encode()
            return Answer(301, ((b"location", location),))
        if request.path == "/robots.txt":
            return self._robots(day)
        if request.path == "/sitemap.xml":
            return self._sitemap(request)
        for page, path in self.paths(day).items():
            if request.path == path:
                return self._page(page, request, target)
            if page == "careers" and request.path.startswith(path + "/"):
                return self._job_page(request, path)
            if page == "news" and request.path.startswith(path + "/"):
                return self._article_page(request, path)
        return self._elsewhere(request.path, day)

    def _elsewhere(self, path: str, day: int) -> Answer:
        design = self.odd.design(day)
        for earlier in range(design if self.style.is_moved_politely else 0):
            for page, old in self._paths[earlier].items():
                if path == old:
                    new = f"https://{self.one.domain}{self.paths(day)[page]}"
                    return Answer(301, ((b"location", new.encode()),))
        return Answer(404, (self._kind(),), self._missing(day))

    def _missing(self, day: int) -> bytes:
        words = self.words
        main = f"<h1>{words['missing']}</h1><p>{words['missing_text']}</p>"
        return self._frame(words["missing"], main, day)

    def _kind(self) -> tuple[bytes, bytes]:
        charset = b"iso-8859-1" if self.odd.is_latin1 else b"utf-8"
        return (b"content-type", _HTML + charset)

    def _fault(self, fault: str, day: int) -> Answer:
        if fault == "timeout":
            return text(
                504,
                "The host did not answer in time.",
                (b"lyttepost-replay-error", b"timeout"),
            )
        if fault == "error":
            return text(500, "Internal Server Error")
        if fault == "soft_404":
            return Answer(200, (self._kind(),), self._missing(day))
        refusal = (
            "<!DOCTYPE html><html><head><title>Access denied</title></head><body>"
            "<h1>Access denied</h1><p>Unusual traffic from your network was detected. "
            "Please confirm that you are not a robot.</p></body></html>"
        )
        kind = (b"content-type", b"text/html; charset=utf-8")
        return Answer(403, (kind,), refusal.encode())

    def _robots(self, day: int) -> Answer:
        lines = ["User-agent: *", "Disallow: /intern/"]
        if self.odd.is_section_denied:
            lines.append(f"Disallow: {self.paths(day)['leadership']}")
        lines += ["", f"Sitemap: https://{self.one.domain}/sitemap.xml"]
        return text(200, "\n".join(lines))

    def _modified(self, day: int) -> int:
        """The latest change of anything on the site: what its server calls modified."""
        return self._changes[bisect_right(self._changes, day) - 1]

    def _serve(
        self,
        request: Request,
        key: tuple[Any, ...],
        render: Callable[[], bytes],
        is_steady: bool = True,
    ) -> Answer:
        body, tag = self.cache.get((self.one.index, *key), render)
        modified = None
        if is_steady and self.style.has_modified:
            modified = self.market.date_of(self._modified(request.day))
        answer = conditional(
            request,
            self._kind()[1],
            body,
            tag if is_steady and self.style.has_tag else None,
            modified,
        )
        server = self.built_with[self.odd.design(request.day)][1]
        return replace(answer, headers=((b"server", server), *answer.headers))

    def _shown(self, keys: list[str], request: Request, target: str) -> list[str]:
        return hostility.shown_part(
            self.market, self.one.index, target, request.day, keys
        )

    def _page(self, page: str, request: Request, target: str) -> Answer:
        day, common = request.day, self._common(request.day)
        if page == "home":
            newest = next(iter(self.articles(day)), None)
            hidden = self.odd.is_ab_tested and (
                unit(self.market.seed, "ab", self.one.index, day) < 0.5
            )
            serial = newest.serial if newest else None
            events = self._version("event_calendar", day)
            return self._serve(
                request,
                (page, common, self._slots(0, day), serial, events, hidden),
                lambda: self._home(day, hidden, newest),
                is_steady=not self.odd.is_ab_tested,
            )
        if page == "leadership":
            return self._leadership(request, target)
        if page == "careers":
            return self._careers_page(request, target)
        if page == "news":
            articles = self.articles(day)
            serials = tuple(article.serial for article in articles)
            return self._serve(
                request, (page, common, serials), lambda: self._news(articles, day)
            )
        number = 1 if page == "about" else 2 + int(page.removeprefix("content-"))
        label = page if page == "about" else self._content(page)
        heading = self.words[label]
        return self._serve(
            request,
            (page, common, self._slots(number, day)),
            lambda: self._frame(heading, self._text_page(number, heading, day), day),
        )

    def _leadership(self, request: Request, target: str) -> Answer:
        day, words = request.day, self.words
        posts = self.team(day)
        shown = set(self._shown([post.person.key for post in posts], request, target))
        part = [post for post in posts if post.person.key in shown]
        is_blank, is_scripted = self.odd.is_blank(day), self.odd.is_list_scripted

        def render() -> bytes:
            main = f"<h1>{words['leadership']}</h1>"
            main += f"<p>{words['intro'].format(name=escape(self.one.name))}</p>"
            extra = ""
            if is_scripted:
                main += (
                    '<div id="team-app" data-src="/api/team.json"></div><noscript>'
                    f'{words["script"]}</noscript><script src="/app.js"></script>'
                )
            elif not is_blank:
                people, extra = self._people(part, day)
                main += people
            return self._frame(words["leadership"], main, day, extra)

        names = tuple((p.person.name(day), p.title) for p in part)
        photo = self._version("photo_swap", day)
        state = (names, photo, self._sections(day), is_blank)
        return self._serve(
            request,
            ("leadership", self._common(day), state),
            render,
            is_steady=len(part) == len(posts),
        )

    def _careers_page(self, request: Request, target: str) -> Answer:
        day = request.day
        number = 1
        if request.query:
            values = parse_qs(request.query).get(self.style.page_parameter, ["1"])
            if not values[0].isdigit() or int(values[0]) < 1:
                return self._elsewhere("", day)
            number = int(values[0])
        jobs = [] if self.odd.is_blank(day) else self.open_jobs(day)
        page = jobs[(number - 1) * JOBS_A_PAGE : number * JOBS_A_PAGE]
        if number > 1 and not page:
            return self._elsewhere("", day)
        shown = set(self._shown([job.key for job in page], request, target))
        part = [job for job in page if job.key in shown]
        keys = tuple(job.key for job in part)
        return self._serve(
            request,
            ("careers", self._common(day), keys, number, len(jobs)),
            lambda: self._careers(part, len(jobs), number, day),
            is_steady=len(part) == len(page),
        )

    def _job_page(self, request: Request, path: str) -> Answer:
        slug, day = request.path[len(path) + 1 :], request.day
        for job in self.open_jobs(day) if self.style.has_job_pages else ():
            if self._job_slugs[job.key] == slug:
                return self._one_job(job, request)
        return self._elsewhere(request.path, day)

    def _one_job(self, job: Job, request: Request) -> Answer:
        day = request.day

        def render() -> bytes:
            extra = self._job_json(job) if self.style.has_job_json else ""
            main = f"<h1>{escape(job.title)}</h1>{self._job_facts(job)}"
            return self._frame(job.title, main + self._job_body(job, 2), day, extra)

        return self._serve(request, ("job", self._common(day), job.key), render)

    def _article_page(self, request: Request, path: str) -> Answer:
        slug, day = request.path[len(path) + 1 :], request.day
        if self.style.has_article_pages:
            for article in self.story.articles:
                if article.day <= day and f"{article.serial:05d}" == slug:
                    return self._one_article(article, request)
        return self._elsewhere(request.path, day)

    def _one_article(self, article: Article, request: Request) -> Answer:
        day = request.day

        def render() -> bytes:
            headline = self.headline(article)
            when = self.market.date_of(article.day)
            main = (
                f'<h1>{escape(headline)}</h1><time datetime="{when.isoformat()}">'
                f"{when:%d.%m.%Y}</time>"
            )
            main += "".join(f"<p>{part}</p>" for part in self.article_text(article))
            return self._frame(headline, main, day)

        return self._serve(
            request, ("article", self._common(day), article.serial), render
        )

    def _sitemap(self, request: Request) -> Answer:
        day = request.day
        paths = self.paths(day)
        listed = list(paths.values())
        if self.style.has_job_pages and not self.odd.is_blank(day):
            for job in self.open_jobs(day):
                listed.append(f"{paths['careers']}/{self._job_slugs[job.key]}")
        if self.style.has_article_pages:
            for article in self.articles(day)[:OWN_ARTICLE_PAGES]:
                listed.append(f"{paths['news']}/{article.serial:05d}")
        items = "".join(
            f"<url><loc>https://{self.one.domain}{path}</loc></url>" for path in listed
        )
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            f"{items}</urlset>"
        ).encode()
        tag = tag_of(body) if self.style.has_tag else None
        return conditional(request, b"application/xml", body, tag, None)
