"""What a company's site holds in order: its menu and map, the lists on its pages."""

from dataclasses import dataclass
from typing import ClassVar

PARTS = (
    "menu",
    "sitemap",
    "frame",
    "hosts",
    "offerings",
    "showcase",
    "positioning",
    "partners",
    "segments",
    "certifications",
    "prices",
)


@dataclass(frozen=True)
class SiteEntry:
    """One entry of a home page's menu, a section of a sitemap, an item of a list.

    ``target`` is the path on the page's own host, or host and path elsewhere; of a
    sitemap the first part of the paths below. ``label`` and ``depth`` (0 for the top
    level) are a menu's. ``n_pages`` counts the addresses of a section.

    Every other part begins with an entry of depth 0 without a label for the list
    itself, its target the page, so that an empty list is a list that was read. Its
    items have depth 1 and as their target what tells them apart: a host, an address, a
    key of the name, or of a price ``amount|currency|unit|vat`` after its label.
    """

    KIND: ClassVar[str] = "site_structure"

    part: str
    label: str | None
    target: str
    depth: int
    order_no: int
    n_pages: int | None
