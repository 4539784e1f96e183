"""A link from the root of a site joins without its page's address, to the same end."""

from urllib.parse import urljoin, urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from scrapers.extract.html import absolute, clean

_BASES = (
    "https://x.example/a/b",
    "HTTPS://u:p@X.example:80/a?b#c",
    "http://x.example",
    "https://[bad/a",
    "https:///a",
    "ftp://x.example/a",
    "//x.example/a",
    "x.example/a",
    "mailto:a@x.example",
    "https://x.example\\a",
    "",
)
_PIECES = st.sampled_from("/ / a b . .. ? # ; \\ // å %20 [ ] : @ = & \x00".split())


def _joined(base: str, href: str) -> str | None:
    """What the standard library says."""
    href = clean(href)
    if not href or href.startswith("#"):
        return None
    try:
        address = urljoin(base, href)
        parts = urlsplit(address)
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and parts.netloc
    return address.partition("#")[0] if is_web else None


@given(st.sampled_from(_BASES), st.lists(_PIECES, max_size=8).map("".join))
@example("https://x.example/a", "/b/c#d?e")
@example("https://x.example/a", "/b?")
@example("https://x.example/a", "/b/../c")
@example("https://x.example/a", "//y.example/c")
def test_an_address_is_what_the_standard_library_joins(base: str, href: str) -> None:
    assert absolute(base, "/" + href) == _joined(base, "/" + href)
    assert absolute(base, href) == _joined(base, href)
