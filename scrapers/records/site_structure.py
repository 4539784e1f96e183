"""How a company lays out its site: the entries of its menu, the sections of its map."""

from dataclasses import dataclass
from typing import ClassVar

PARTS = ("menu", "sitemap")


@dataclass(frozen=True)
class SiteEntry:
    """One entry of a home page's menu, or one section of a sitemap.

    ``target`` is the path on the page's own host, or host and path elsewhere; of a
    sitemap the first part of the paths below. ``label`` and ``depth`` (0 for the top
    level) are a menu's. ``n_pages`` counts the addresses of a section.
    """

    KIND: ClassVar[str] = "site_structure"

    part: str
    label: str | None
    target: str
    depth: int
    order_no: int
    n_pages: int | None
