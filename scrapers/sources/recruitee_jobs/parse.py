"""Ads of a Recruitee board, as its offers endpoint lists them."""

from collections.abc import Iterator, Mapping
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.board_ads import (
    address_of,
    board_ad,
    identifier,
    joined_markup,
    keys_of,
    one_of_each,
    places,
    warn_unstated,
)
from scrapers.extract.dates import written_instant
from scrapers.extract.json_body import array, mapping, read_json, string, warn_unread
from scrapers.extract.refusal import ParseRefused
from scrapers.records import JobAd

PARSER_VERSION = "1"

_KNOWN = frozenset(
    (
        "careers_apply_url careers_url category_code city close_at company_name "
        "country country_code cover_image created_at department department_id "
        "description dynamic_fields education_code eeo_settings employment_type_code "
        "experience_code guid highlight highlight_html hybrid id location "
        "location_question_visible locations locations_question "
        "locations_question_required locations_question_type mailbox_email max_hours "
        "max_hours_per_week min_hours min_hours_per_week offer_tags on_site "
        "open_questions options_cover_letter options_cv options_phone options_photo "
        "options_salutation options_title position postal_code published_at remote "
        "requirements salary sharing_description sharing_image sharing_title slug "
        "state_code state_name status street tags title translations updated_at"
    ).split()
)
_PUBLIC = frozenset((None, "published"))


def parse(body: bytes, envelope: Envelope) -> Iterator[JobAd]:
    """The published offers of a company; an empty board gives none.

    Raises:
        ParseRefused: the payload is not a Recruitee board.
    """
    url = envelope.url
    if envelope.scope != "board":
        raise ParseRefused(f"The scope {envelope.scope!r} of {url} is not board.")
    board = mapping(read_json(body, envelope.content_type, url), f"The board {url}")
    if "offers" not in board:
        raise ParseRefused(f"The board {url} has no offers.")
    offers = array(board["offers"], f"offers of {url}")
    warn_unread("recruitee offer", keys_of(offers), _KNOWN)
    found = [mapping(offer, f"An offer of {url}") for offer in offers]
    shown = [offer for offer in found if string(offer.get("status")) in _PUBLIC]
    ads = one_of_each(_ad(offer, url) for offer in shown)
    warn_unstated("recruitee_jobs", ads, url)
    yield from ads


def _ad(offer: Mapping[str, Any], url: str) -> JobAd:
    ad_id = identifier(offer.get("id")) or identifier(offer.get("guid"))
    if ad_id is None:
        raise ParseRefused(f"An offer of {url} has neither id nor guid.")
    words = _words(offer)
    return board_ad(
        ad_id=ad_id,
        title=string(offer.get("title")) or string(words.get("title")),
        employer_name=string(offer.get("company_name")),
        place=_place(offer, f"locations of {ad_id} of {url}"),
        description=joined_markup(
            string(offer.get("description")) or words.get("description"),
            string(offer.get("requirements")) or words.get("requirements"),
        ),
        department=string(offer.get("department")),
        posted_at=written_instant(offer.get("published_at"))
        or written_instant(offer.get("created_at")),
        expires_at=written_instant(offer.get("close_at")),
        modified_at=written_instant(offer.get("updated_at")),
        ad_url=string(offer.get("careers_url")),
        apply_url=string(offer.get("careers_apply_url")),
    )


def _place(offer: Mapping[str, Any], what: str) -> str | None:
    """The place as the board words it, and further places it does not name."""
    stated = string(offer.get("location"))
    listed = []
    for location in array(offer.get("locations"), what):
        if isinstance(location, dict):
            city = string(location.get("city")) or string(location.get("name"))
            if city is None or stated is None or city not in stated:
                listed.append(address_of(city, None, location.get("country")))
    own = address_of(offer.get("city"), None, offer.get("country"))
    return places(stated, listed) or own


def _words(offer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first translation, for offers whose words stand only there."""
    translations = offer.get("translations")
    if not isinstance(translations, dict):
        return {}
    return next((v for v in translations.values() if isinstance(v, dict)), {})
