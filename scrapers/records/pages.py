"""Web pages: title, language, meaningful text in blocks, navigation and links."""

from dataclasses import dataclass
from typing import ClassVar

BLOCK_ROLES = ("main", "nav", "header", "footer", "aside", "consent")


@dataclass(frozen=True)
class Block:
    """One run of text; ``terms`` keeps every occurrence, in order.

    ``meaning`` is the text without what moves by itself ("" when nothing is left), and
    ``is_matter`` whether the block belongs to the page's own matter: two readings of a
    page are compared by these.
    """

    role: str
    text: str
    terms: tuple[str, ...]
    meaning: str
    is_matter: bool


@dataclass(frozen=True)
class Link:
    """An absolute address and the words it is shown with."""

    url: str
    label: str


@dataclass(frozen=True)
class Page:
    """A page as read; ``main_text`` is the text of its main blocks, one a line."""

    KIND: ClassVar[str] = "pages"

    title: str | None
    language: str | None
    main_text: str
    text_digest: str
    blocks: tuple[Block, ...]
    nav_labels: tuple[str, ...]
    links: tuple[Link, ...]
