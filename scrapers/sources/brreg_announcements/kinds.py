"""What the register's words for an announcement mean, as one of the closed events.

The list of a company says "Foretaksnavn" where the announcement itself is headed
"Endring av foretaksnavn"; both are read. No page is read here.
"""

import re

_MEANINGS: tuple[tuple[str, str], ...] = (
    # The first that fits holds, so what is narrower stands first.
    (r"(?:rettelse|retting|korrigering)\b", "correction"),
    (r"endring av kunngjøring", "correction"),
    (r"nyregistrering|reinnføring|registrering av nytt", "registered"),
    (r"sletting\b", "deletion"),
    (r"(?:delvis )?omgjøring|opphev|.*\bopphevet\b|.*\boppheving\b", "reversal"),
    (r"gjennomføring av (?:\w+ )?fusjon|fusjon gjennomført", "merger_completed"),
    (r"gjennomføring av (?:\w+ )?fisjon|fisjon gjennomført", "demerger_completed"),
    (r"fusjon(?:splan|sbeslutning)?\b|beslutning om (?:\w+ )?fusjon", "merger_decided"),
    (
        r"fisjon(?:splan|sbeslutning)?\b|beslutning om (?:\w+ )?fisjon",
        "demerger_decided",
    ),
    (r"omdanning|omdannelse", "conversion_decided"),
    (r"kapitalforhøyelse|forhøyelse av .*kapital", "capital_increased"),
    (r"kapitalnedsettelse|nedsettelse av .*kapital", "capital_reduced"),
    (r"fullmakt|konvertibelt|frittstående tegn|tegningsrett", "share_authorisation"),
    (r"(?:endring av )?(?:\w*kapital(?:endring)?)\b", "capital_changed"),
    (r"kreditorvarsel", "creditor_notice"),
    (r"varsel om tvangsoppløsning|varsel om tvangsavvikling", "dissolution_warning"),
    (r"tvangsoppløsning|tvangsavvikling", "compulsory_dissolution"),
    (r"oppløsning", "dissolution_decided"),
    (r"konkursåpning|konkurs - åpning|åpning av konkurs", "bankruptcy_opened"),
    (r"(?:konkurs - )?innstilling av bobehandling", "bankruptcy_closed"),
    (r"(?:konkurs - )?avslutning av bobehandling", "bankruptcy_closed"),
    (r"oppbud|konkursbegjæring", "bankruptcy_pending"),
    (r"(?:åpning av |forhandling om )?rekonstruksjon", "restructuring_opened"),
    (
        r"(?:ny |første )?skiftesamling|fortsettelse av bobehandling|ny fordringsfrist"
        r"|fordringshavermøte|gjelder konkurs|gjelder rekonstruksjon",
        "insolvency_step",
    ),
    (r"(?:endring av )?(?:foretaksnavn|firma|navn)\b", "name_changed"),
    (
        r"(?:endring av )?(?:(?:forretnings|post)?adresse|forretningskommune)\b",
        "address_changed",
    ),
    (r"(?:endring av )?(?:vedtektsfestet )?(?:formål|virksomhet)\b", "purpose_changed"),
    (r"(?:endring av )?vedtekt", "articles_changed"),
    (r"(?:endring av )?(?:daglig leder|forretningsfører|adm)", "management_changed"),
    (r"(?:endring av )?(?:styre|varamedlem)", "board_changed"),
    (r"(?:endring av )?(?:signatur|prokura)", "signature_changed"),
    (r"(?:endring av |fravalg av )?revi(?:sor|sjon)\b", "auditor_changed"),
    (r"godkjen(?:t|te) årsregnskap", "accounts_approved"),
)
_READ = tuple((re.compile(words), event) for words, event in _MEANINGS)
# Events whose own page tells what the list does not: amounts and other parties.
DETAILED = frozenset(
    (
        "merger_decided",
        "merger_completed",
        "demerger_decided",
        "demerger_completed",
        "capital_increased",
        "capital_reduced",
        "capital_changed",
        # What is corrected stands on the page alone.
        "correction",
    )
)


def event_of(words: str) -> str | None:
    """The event that the words stand for; None for what is not understood."""
    words = " ".join(words.casefold().split())
    return next((event for read, event in _READ if read.match(words)), None)
