"""Where a company tells its news besides its own pages, and how its site says so."""

from practice_market.company import Company, Market, company

ROOM_HOST = "kommunikasjon.ntb.no"
EXCHANGE_HOST = "api3.oslo.oslobors.no"
FEED_PATHS = {"rss": "/feed/", "atom": "/atom.xml", "json": "/feed.json"}
KINDS = ("rss", "atom", "json", "room", "exchange", "none")


def kind_of(one: Company) -> str:
    """Where a company tells its news besides its own pages."""
    return KINDS[one.index % len(KINDS)]


def publisher_id(one: Company) -> int:
    """Number of a company's press room."""
    return 17_800_000 + one.index


def issuer_id(one: Company) -> int:
    """Number of a company as an issuer on the exchange."""
    return 9_000 + one.index


def place_of(one: Company) -> tuple[str, str] | None:
    """Truth: the source and address that show a company's news."""
    kind = kind_of(one)
    if kind in FEED_PATHS:
        return "press_feeds", f"https://{one.domain}{FEED_PATHS[kind]}"
    if kind == "room":
        return "ntb_releases", f"{ROOM_HOST}/{publisher_id(one)}"
    if kind == "exchange":
        return "newsweb_announcements", str(issuer_id(one))
    return None


def press_place_rows(market: Market) -> list[dict[str, str]]:
    """Where each company's news is found, one row per feed, room or issuer."""
    return [
        {"account_id": one.account_id, "source": found[0], "address": found[1]}
        for one in (company(market, index) for index in range(market.companies))
        if (found := place_of(one)) is not None
    ]


def head_link(one: Company) -> str:
    """What the head of the company's pages says of its feed."""
    path = FEED_PATHS.get(kind_of(one))
    if path is None:
        return ""
    kind = {"rss": "rss+xml", "atom": "atom+xml", "json": "feed+json"}[kind_of(one)]
    return f'<link rel="alternate" type="application/{kind}" href="{path}">'


def footer_link(one: Company) -> str:
    """What the footer of the company's pages says of its press room or messages."""
    if kind_of(one) == "room":
        room = f"https://{ROOM_HOST}/presserom/{publisher_id(one)}/rom"
        return f'<p><a href="{room}">NTB Kommunikasjon</a></p>'
    if kind_of(one) == "exchange":
        search = f"https://newsweb.oslobors.no/search?issuer={issuer_id(one)}"
        return f'<p><a href="{search}">NewsWeb</a></p>'
    return ""
