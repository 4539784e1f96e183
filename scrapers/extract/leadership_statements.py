"""Who a press text says takes or leaves a leading post: person, title, what happened.

`leadership_words` tells that a sentence announces a change, `people_in_text` who is no
person; here the words around a verb tell who does what, in nb, nn, sv, da and en. A
person is kept with the public role only. A sentence that does not say it plainly gives
nothing: the team page will.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from scrapers.extract.erased import ERASED
from scrapers.extract.event_words import company_named, sentences_of
from scrapers.extract.leadership_words import (
    APPOINTED,
    DEPARTED,
    INTERIM,
    is_interim,
    is_name,
    is_void,
)
from scrapers.extract.people_in_text import ORGANISATION, people_and_organisations
from scrapers.records.announcements import Statement

LEADERSHIP_CLAIMS = (APPOINTED, INTERIM, DEPARTED)
MAX_QUOTE_WORDS = 25
_LEAD = 900
_SENTENCES = 5
_LONGEST = 400

_WORD = r"[A-ZÆØÅÄÖÉ][\w'’]+(?:-[A-ZÆØÅÄÖÉ]\w+)?"
# Or somebody whose name was taken out.
_PERSON = (
    rf"(?:{_WORD}(?: (?:(?:van|von|de|der|af|av) )?(?:{_WORD}|[A-ZÆØÅÄÖ]\.)){{1,3}}"
    rf"|{ERASED.pattern})"
)
_P = rf"(?P<person>{_PERSON})(?:,? \(?\d\d(?: år)?\)?,?)?"
_HEAD = (
    r"(?:[\w-]*(?:direktør|direktör|sjef|leder|leiar|chef|ledare|rektor|rådmann|"
    r"styrer|styrar|formand|formann|ansvarlig|ansvarleg)(?:en|n)?)"
)
_T = (
    r"(?P<title>(?:(?:[Kk]onst(?:ituert|\.)|[Tt]f\.?|[Ff]ungerende|[Ff]ungerande|"
    r"[Mm]idlertidig|[Mm]ellombels|[Ii]nterim|[Aa]cting|[Tt]illförordnad) )?"
    r"(?:[Aa]dm(?:inistrerende|inistrerande|\.) (?:direktør|dir\.?)|[Dd]aglig leder|"
    r"[Dd]agleg leiar|"
    r"[Vv]erkställande direktör|[Aa]dministrerende direktør|VD|CEO|CFO|CTO|COO|CIO|CMO|"
    rf"CHRO|CCO|CSO|CISO|CDO|{_HEAD}|"
    r"[Cc]hief (?:[A-Za-z]+ ){1,3}[Oo]fficer|[Mm]anaging [Dd]irector|"
    r"(?:[Vv]ice [Pp]resident|VP|[Hh]ead|[Dd]irector)(?: [Oo]f [A-Z]?[a-z]+)?|"
    r"(?:[Ss]ales|[Mm]arketing|[Ff]inance|HR|IT|[Oo]perations|[Cc]ommercial) "
    r"[Dd]irector|[Gg]eneral [Mm]anager)"
    r"(?: (?:for|of) [a-zæøåäö]{2,}(?:(?: og|,| and| och)? [a-zæøåäö]{4,})?)?)"
)
_AT = (
    r"(?: (?:i|hos|ved|på|for|at|of|in|til|with|med) "
    r"(?P<company>[A-ZÆØÅÄÖ][\w&.’-]+(?: [A-ZÆØÅÄÖ][\w&.’-]+){0,3}))?"
)
_AS = r"(?:som|til|till|as)"
_NEW = (
    r"(?:(?:vår|vårt|våre|ny|nye|nya|den nye|our|the|its|their|new|deres|sin|"
    r"selskapets|konsernets|gruppens) )*"
)
_HIRED = (
    r"(?:ansatt|ansett|tilsett|utnevnt|utnemnd|utpekt|peika ut|forfremmet|forfremja|"
    r"konstituert|innsatt|hentet inn|henta inn|utsedd|utnämnd|anställd|rekryterad|"
    r"udnævnt|forfremmet|appointed|named|promoted|hired)"
)
_TAKES_ON = (
    r"(?:ansetter|ansett|tilsetter|tilset|har ansatt|har tilsett|har ansett|henter|"
    r"hentar|"
    r"har hentet|har henta|utnevner|utnemner|forfremmer|konstituerer|får|rekrutterer|"
    r"rekrutterar|utser|utnämner|anställer|rekryterar|ansætter|udnævner|"
    r"appoints|names|hires|promotes|has appointed|has named|"
    r"ønsker velkommen til|ønskjer velkomen til)"
)
_STARTS = (
    r"(?:begynner|byrjar|starter|startar|tiltrer|tiltrår|trer inn|trer på|går inn|"
    r"tar over|tek over|overtar|overtek|börjar|tillträder|tiltræder|overtager|starter|"
    r"begynte|starta|startet|joins(?: the company)?|takes over|will take over|"
    r"steps in|assumes the role)"
)
_LEAVES = (
    r"(?:går av|gjekk av|gikk av|slutter|sluttar|slutta|sluttet|fratrer|fråtrer|"
    r"trekker seg|trekkjer seg|trakk seg|drog seg|sier opp|seier opp|har sagt opp|"
    r"gir seg|gjev seg|takker av|takkar av|forlater|forlèt|pensjonerer seg|"
    r"lämnar|avgår|slutar|säger upp sig|kliver av|fratræder|stopper|forlader|træder "
    r"tilbage|"
    r"steps down|stepping down|is stepping down|will step down|resigns|has resigned|"
    r"leaves|is leaving|"
    r"departs|retires|to step down)"
)
_ETTER = (
    r"(?: (?:etter|efter|for|after|from)(?: [a-zæøåäö]+(?: leder| direktør| direktör|"
    r" officer)?)? (?P<before>" + _PERSON + r"))?"
)
_IS = (
    r"(?:er|ble|blir|vart|vert|har blitt|har vorte|blev|bliver|har blivit|är|is|was|"
    r"has been|will be)"
)

_APPOINTED = tuple(
    re.compile(pattern)
    for pattern in (
        # Kari Nord er ansatt som ny salgsdirektør i Fjellbygg
        rf"{_P} {_IS} (?:nå |no |i dag |now )?{_HIRED} {_AS} {_NEW}{_T}{_AT}",
        # Kari Nord utsedd till VD
        rf"{_P} (?:utsedd|utnämnd|utnevnt|utnemnd|udnævnt|appointed|named|ansatt|"
        rf"tilsett) (?:{_AS} )?{_NEW}{_T}{_AT}",
        # Kari Nord blir ny salgsdirektør: to be one is no news, to become a new one is
        rf"{_P} {_IS} (?:vår |vår |den |the |our |deres )?(?:ny|nye|nya|new) "
        rf"{_T}{_AT}{_ETTER}",
        rf"{_P} (?:blir|vert|bliver|becomes) {_T}{_AT}{_ETTER}",
        # Fjellbygg ansetter Kari Nord som salgsdirektør
        rf"(?i:{_TAKES_ON}) {_P} (?:{_AS} |to )(?:the (?:role|position) of "
        rf")?{_NEW}{_T}{_AT}",
        # Kari Nord begynner som salgsdirektør; overtar etter Ola Vik som
        rf"{_P} {_STARTS}(?: (?:\d{{1,2}}\. \w+|nå|no|i dag|now|inn|rollen|"
        rf"stillingen))?{_ETTER} (?:{_AS} "
        rf"){_NEW}{_T}{_AT}{_ETTER.replace('before', 'before_last')}",
        # Velkommen til Kari Nord, vår nye salgsdirektør
        rf"{_P},? (?:som er |som blir |som )?(?:vår|vår|our|den) (?:ny|nye|nya|new) "
        rf"{_T}{_AT}",
        # Ny salgsdirektør: Kari Nord; ny salgsdirektør i Fjellbygg er Kari Nord
        rf"\b(?i:ny|new|ny vår) {_T}{_AT}(?: (?:er|blir|heter|heiter|is))?(?::| –| -|"
        rf") {_P}",
        # Kari Nord ny salgsdirektør
        rf"{_P},? ny {_T}{_AT}",
    )
)
_DEPARTED = tuple(
    re.compile(pattern)
    for pattern in (
        # Salgsdirektør Kari Nord går av
        rf"(?i:\b){_T}(?: i (?P<company>[A-ZÆØÅÄÖ][\w&.’-]+(?: "
        rf"[A-ZÆØÅÄÖ][\w&.’-]+){{0,3}}))?,? {_P},? (?:\w+ )?{_LEAVES}",
        # Kari Nord slutter som salgsdirektør
        rf"{_P},? (?:\w+ )?{_LEAVES} (?:stillingen |stillinga |jobben |sin stilling |"
        rf"position |role |her role |his role )?(?:{_AS} ){_NEW}{_T}{_AT}",
        # Kari Nord, salgsdirektør i Fjellbygg, går av
        rf"{_P}, {_T}{_AT}, (?:\w+ )?{_LEAVES}",
    )
)
_DEFINITE = re.compile(
    r"(?<=direktør)en|(?<=direktör)en|(?<=sjef)en|(?<=leder)en|(?<=leiar)en|"
    r"(?<=chef)en|"
    r"(?<=ledare)n"
)
_SPEAKER = re.compile(r", (?:sier|seier|sa|forteller|fortel|säger|siger|says|said) .*$")


@lru_cache(maxsize=5_000)
def leadership_statements(
    title: str | None, text: str | None, year: int | None = None
) -> tuple[Statement, ...]:
    """Posts taken and left that title and first sentences announce, each once.

    Args:
        title: headline; one that asks takes back what follows.
        text: body; its first sentences are read.
        year: when it was published; a sentence of earlier years tells of a career.
    """
    if title and title.rstrip().endswith("?"):
        return ()
    lead = list(sentences_of((text or "")[:_LEAD]))[:_SENTENCES]
    found: dict[tuple[str, str], Statement] = {}
    for raw in [*([title] if title else []), *lead]:
        sentence = " ".join(raw[:_LONGEST].split())
        if sentence.endswith("?") or is_void(sentence, year):
            continue
        for one in _statements_in(sentence):
            key = (one.claim.removesuffix("_interim"), (one.person or "").lower())
            found.setdefault(key, one)
    return tuple(found.values())


def _statements_in(sentence: str) -> Iterator[Statement]:
    told = _SPEAKER.sub("", sentence)
    organisations = [
        (span.start, span.end)
        for span in people_and_organisations([told])[0]
        if span.kind == ORGANISATION
    ]
    for claim, patterns in ((APPOINTED, _APPOINTED), (DEPARTED, _DEPARTED)):
        for pattern in patterns:
            match = pattern.search(told)
            if match is None or not _is_person(match, "person", organisations):
                continue
            yield _statement(claim, match, sentence)
            for before in ("before", "before_last"):
                if before in match.groupdict() and _is_person(
                    match, before, organisations
                ):
                    yield _statement(DEPARTED, match, sentence, before)
            break


def _is_person(
    match: re.Match[str], group: str, organisations: Sequence[tuple[int, int]]
) -> bool:
    name = match[group]
    return (
        bool(name)
        and is_name(name)
        and not any(
            start < match.end(group) and match.start(group) < end
            for start, end in organisations
        )
    )


def _statement(
    claim: str, match: re.Match[str], sentence: str, group: str = "person"
) -> Statement:
    title = _DEFINITE.sub("", match["title"])
    if claim == APPOINTED and is_interim(sentence):
        claim = INTERIM
    company = match.groupdict().get("company")
    return Statement(
        claim=claim,
        subject=company_named(company) or None if company else None,
        object=None,
        person=match[group],
        title=title,
        quote=" ".join(sentence.split()[:MAX_QUOTE_WORDS]),
    )
