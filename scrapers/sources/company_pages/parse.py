"""A company's own site: every page, and the people, job ads and news it lists.

Which pages are visited, and in which scope, is the spider's business.
"""

from collections.abc import Iterator

from lxml import etree

from scrapers.envelope import Envelope
from scrapers.extract.blocks import main_text, nav_labels, page_links, text_blocks
from scrapers.extract.html import declared_language, parse_html, title_of
from scrapers.extract.job_lists import job_ads
from scrapers.extract.language import language_of
from scrapers.extract.news_lists import announcements
from scrapers.extract.noise import text_digest
from scrapers.extract.people import people
from scrapers.extract.refusal import NothingReadable, ParseRefused
from scrapers.extract.terms import terms_of
from scrapers.records import Announcement, Block, JobAd, Link, Page, Person

PARSER_VERSION = "4"

_SCOPES_WITHOUT_PAGES = frozenset(("robots", "sitemap"))
_SCOPES = frozenset(
    ("home", "about", "leadership", "careers", "job", "news", "content")
)


def parse(
    body: bytes, envelope: Envelope
) -> Iterator[Page | Person | JobAd | Announcement]:
    """The page, then the people, then the job ads, then the news of a payload.

    Raises:
        NothingReadable: the page shows no text, as the shell of a script does.
        ParseRefused: the payload is not a page.
    """
    if envelope.scope in _SCOPES_WITHOUT_PAGES:
        return
    if envelope.scope not in _SCOPES:
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not one of"
            f" {', '.join(sorted(_SCOPES | _SCOPES_WITHOUT_PAGES))}."
        )
    root = parse_html(body, envelope.content_type)
    page = _page(root, envelope.url)
    yield page
    yield from people(root, envelope.url, envelope.scope)
    yield from job_ads(root, envelope.url, envelope.scope, page.language)
    yield from announcements(
        root, envelope.url, envelope.scope, page.language, page.main_text
    )


def _page(root: etree._Element, url: str) -> Page:
    blocks = text_blocks(root)
    text = main_text(blocks)
    if not text:
        raise NothingReadable(f"The page {url} shows no text of its own.")
    language = language_of(text, declared_language(root))
    return Page(
        title=title_of(root),
        language=language,
        main_text=text,
        text_digest=text_digest(text),
        blocks=tuple(
            Block(block.role, block.text, terms_of(block.text, language))
            for block in blocks
        ),
        nav_labels=nav_labels(root),
        links=tuple(Link(address, label) for address, label in page_links(root, url)),
    )
