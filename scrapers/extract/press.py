"""From an item of news, wherever it was read, to the announcement it is.

Reading of formats belongs to `feeds` and `news_lists`, what the words claim to
`event_words`, `statement_words` and `leadership_statements`.
"""

from datetime import datetime

from scrapers.extract.event_words import claims_of
from scrapers.extract.language import language_of
from scrapers.extract.leadership_statements import leadership_statements
from scrapers.extract.statement_words import statements_of
from scrapers.extract.terms import terms_of
from scrapers.records import Announcement


def announcement(
    *,
    announcement_id: str,
    category: str,
    title: str | None,
    text: str | None,
    published_at: datetime | None,
    url: str | None,
    source_type: str | None = None,
    publisher: str | None = None,
    language: str | None = None,
    corrects_id: str | None = None,
    is_detail: bool = False,
) -> Announcement:
    """An announcement by its publisher, with terms and with what its words claim."""
    whole = " \n".join(part for part in (title, text) if part)
    spoken = language_of(whole, language) if whole else None
    year = published_at.year if published_at else None
    claims = claims_of(title, text, year)
    parties = dict.fromkeys(name for claim in claims for name in claim.parties)
    return Announcement(
        announcement_id=announcement_id,
        category=category,
        event_type=None,
        source_type=source_type,
        title=title,
        text=text,
        terms=terms_of(whole, spoken) if whole else (),
        language=spoken,
        published_at=published_at,
        effective_on=None,
        party_role="publisher",
        party_org_number=None,
        party_name=publisher,
        amount=None,
        currency=None,
        corrects_id=corrects_id,
        announcement_url=url,
        is_detail=is_detail,
        event_claims=tuple(claim.event_type for claim in claims),
        claimed_parties=tuple(parties),
        statements=(
            *statements_of(title, text, year),
            *leadership_statements(title, text, year),
        ),
    )
