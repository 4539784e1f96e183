"""A company's own site: every page, the people, job ads and news it lists, the
technologies it shows, how the site is laid out and the lists it holds.

Which pages are visited, and in which scope, is the spider's business.
"""

from collections.abc import Iterator

from lxml import etree

from scrapers.envelope import Envelope
from scrapers.extract.blocks import (
    TextBlock,
    main_text,
    nav_labels,
    page_links,
    text_blocks,
)
from scrapers.extract.encoding import decode
from scrapers.extract.folded_documents import other_documents
from scrapers.extract.html import declared_language, parse_html, title_of
from scrapers.extract.job_lists import job_ads
from scrapers.extract.language import language_of
from scrapers.extract.news_lists import announcements
from scrapers.extract.noise import text_digest
from scrapers.extract.page_changes import meanings
from scrapers.extract.people import people
from scrapers.extract.refusal import NothingReadable, ParseRefused
from scrapers.extract.shell import is_shell
from scrapers.extract.site_lists import page_lists
from scrapers.extract.site_sections import menu_entries, sitemap_sections
from scrapers.extract.technologies import page_technologies
from scrapers.extract.technology_text import text_technologies
from scrapers.extract.terms import terms_of
from scrapers.records import (
    Announcement,
    Block,
    JobAd,
    Link,
    Page,
    Person,
    SiteEntry,
    Technology,
)
from scrapers.sources.company_pages.lexicon import PATHS

PARSER_VERSION = "11"

_SCOPES = frozenset(
    """
    home about leadership organisation contact careers job news content services
    products prices customers partners strategy sustainability investor
    """.split()
)
_OFFERINGS = frozenset().union(
    *(words for scope, words in PATHS if scope in ("services", "products"))
)
# The text of an advertisement speaks for itself (see the parse stage); an article is as
# often about somebody else, and a list of people about where they were before.
_TEXTS_OF_OTHERS = frozenset(("job", "news", "leadership"))


def parse(
    body: bytes, envelope: Envelope
) -> Iterator[Page | Person | JobAd | Announcement | Technology | SiteEntry]:
    """The page, its people, job ads, news, technologies and lists.

    Of a home page the menu too, of a sitemap its sections.

    Raises:
        NothingReadable: the page shows no text, as the shell of a script does.
        ParseRefused: the payload is not a page.
    """
    if envelope.scope == "sitemap":
        yield from sitemap_sections(body, envelope.url)
        return
    if envelope.scope not in _SCOPES:
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not one of"
            f" {', '.join(sorted(_SCOPES | {'sitemap'}))}."
        )
    root = parse_html(body, envelope.content_type)
    if is_shell(root):
        raise NothingReadable(
            f"The page {envelope.url} is the shell of a script and shows no text of"
            " its own."
        )
    page = _page(root, envelope.url)
    yield page
    yield from people(root, envelope.url, envelope.scope)
    yield from job_ads(root, envelope.url, envelope.scope, page.language)
    yield from announcements(
        root, envelope.url, envelope.scope, page.language, page.main_text
    )
    source = decode(body, envelope.content_type)
    yield from page_technologies(root, source, envelope.headers)
    if envelope.scope not in _TEXTS_OF_OTHERS:
        yield from text_technologies(page.main_text, "page_text")
    if envelope.scope == "home":
        yield from menu_entries(root, envelope.url)
    yield from page_lists(
        root,
        envelope.url,
        envelope.scope,
        blocks=(TextBlock(block.role, block.text) for block in page.blocks),
        offering_words=_OFFERINGS,
        decimal_comma=page.language != "en",
    )


def _page(root: etree._Element, url: str) -> Page:
    blocks = text_blocks(root)
    text = main_text(blocks)
    if not text:
        raise NothingReadable(f"The page {url} shows no text of its own.")
    language = language_of(text, declared_language(root))
    title = title_of(root)
    told = meanings(blocks, other_documents(blocks, url, title))
    return Page(
        title=title,
        language=language,
        main_text=text,
        text_digest=text_digest(text),
        blocks=tuple(
            Block(block.role, block.text, terms_of(block.text, language), *meaning)
            for block, meaning in zip(blocks, told, strict=True)
        ),
        nav_labels=nav_labels(root),
        links=tuple(Link(address, label) for address, label in page_links(root, url)),
    )
