"""What a person's name and a role title look like, and how a name becomes a key.

Judging one string belongs here; judging a page of them is the business of ``people``.
"""

import re
import unicodedata
from functools import lru_cache

from simplemma import is_known

from scrapers.extract.erased import ERASED
from scrapers.extract.html import clean
from scrapers.extract.word_lists import word_list

_PRONOUNS = re.compile(
    r"[(\[]\s*(?:(?:she|he|they|ze|xe|hun|han|hen|de|ho|hon|dem|hän)"
    r"(?:\s*[/|,]\s*(?:she|her|hers|he|him|his|they|them|theirs|ze|xe|zir|hun|henne"
    r"|han|ham|hen|de|dem|ho|hon|honom|hennes|any|all|pronouns))*)\s*[)\]]",
    re.IGNORECASE,
)
_BARE_PRONOUNS = re.compile(
    r"\s+(?:she/her(?:/hers)?|he/him(?:/his)?|they/them(?:/theirs)?|hun/henne|han/ham)$",
    re.IGNORECASE,
)
_PICTURE_WORDS = re.compile(
    r"^(?:(?:profil|portrett)?bilde(?:t)?\s+av|portrett\s+av|foto(?:\s+av|:)?"
    r"|(?:profile\s+)?(?:photo|picture|portrait|image|headshot)\s+of"
    r"|bild\s+på|billede\s+af|photo:|kuva:)\s+",
    re.IGNORECASE,
)
_PICTURE_ENDS = ("portrett", "portrait", "photo", "foto", "headshot", "bilde")
_PICTURE_TAIL = re.compile(
    r"(?:[\s,–-]+(?:portrett|portrait|photo|foto|headshot|profilbilde|bilde))$",
    re.IGNORECASE,
)
# Before a name and after it; elsewhere "Lord", "Ing" and "Md" are names.
_HONORIFICS = frozenset(word_list("mr mrs ms miss dr prof professor sir dame lord"))
_DEGREES = frozenset(word_list("phd mba msc bsc md"))
_PARTICLES = frozenset(
    word_list(
        """
        van von der den de del della degli di da dos das do du des af av el al
        bin ibn ben la le les lo ter ten te zu zur y e och og i à ad ap at vom
        vander st san abu abd ul ur
        """
    )
)
_QUOTED = re.compile(r"[\"“”„«»][^\"“”„«»]{1,25}[\"“”„«»]|'[^']{2,25}'(?=\s)")
_BRACKETED = re.compile(r"\([^()]{1,30}\)")
_CREDENTIALS = re.compile(
    r"(?:,\s*(?:ph\.?d|mba|m\.?sc|b\.?sc|cpa|cfa|pmp|jr|sr|m\.?d|esq|siviløkonom"
    r"|sivilingeniør|cand\.?\s?\w+)\.?)+$",
    re.IGNORECASE,
)
_TOKEN_SPLIT = re.compile(r"\s+")
_KEY_DROPPED = re.compile(r"[.'’‘`´\"“”„«»()\[\]{},:;!?*]")
_KEY_SPACED = re.compile(r"[\s\-‐‑–—_/|·•]+")

_ROLE_STEMS = word_list(
    """
        leder leiar ledar ledare direktør direktor direktør sjef chef chefen
        ansvarlig ansvarleg ansvarig ansvarlige rådgiver rådgjevar rådgivare
        rådgivning konsulent konsult utvikler utviklar utvecklare udvikler
        ingeniør ingenjör koordinator koordinatör medarbeider medarbeidar
        medarbetare medarbejder selger seljar säljare sælger spesialist
        specialist arkitekt designer økonom ekonom controller sekretær
        sekreterare assistent partner advokat medlem ledamot gründer grundare
        grundlægger grunnlegger tekniker montør mekaniker formann formand
        ordförande ordfører fagarbeider lærling analytiker analytikar analytiker
        forvalter forvaltar redaktør redaktör journalist revisor fullmektig
        megler forsker forskar lærer lege sykepleier kokk rektor inspektør
        produsent operatør kundebehandler saksbehandler sakshandsamar
        resepsjonist vaktmester byråleder jurist planlegger driftsleiar
        innkjøper innkjøpar marknadsförare markedsfører strateg tillitsvalgt
        varamedlem observatør suppleant johtaja päällikkö asiantuntija asiakkuus
        insinööri kehittäjä suunnittelija myyjä assistentti koordinaattori
        puheenjohtaja jäsen hallituksen vastaava konsultti analyytikko
        """
)
_ROLE_STEM_END = re.compile(
    rf"(?:{'|'.join(sorted(set(_ROLE_STEMS), key=len, reverse=True))})"
    r"(?:en|a|e|er|ar|n|s)?$"
)
# Words for somebody: the last word of a title, or its first.
_ROLE_WORDS = frozenset(
    word_list(
        """
        ceo cfo cto coo cio cmo cpo cro chro ciso cdo cso cco cao evp svp vp avp
        gm md chief officer president chairman chairwoman chairperson chair
        director manager head lead leader engineer developer programmer
        architect designer consultant advisor adviser analyst specialist
        coordinator administrator assistant associate executive secretary
        treasurer accountant controller attorney lawyer counsel partner founder
        cofounder co-founder owner principal scientist researcher editor writer
        recruiter representative strategist planner producer operator technician
        supervisor superintendent foreman trainee intern apprentice member
        trustee advocate evangelist buyer agent clerk receptionist steward
        contributor tester fellow generalist rep instructor teacher professor
        dean nurse physician chef barista host driver mechanic electrician
        elektriker tømrer rørlegger sjåfør snekker vd regnskapsfører konsernsjef
        koncernchef styreleder nestleder eier verkställande toimitusjohtaja
        daglig dagleg adm administrerande administrerende tester resource
        ressurs sdr bdr ae csm pm em
        """
    )
)
# Fields of work: in the titles of a list of people they count, alone they do not.
_FIELD_WORDS = frozenset(
    word_list(
        """
        sales marketing operations finance hr people product engineering legal
        salg marked økonomi drift personal innkjøp kommunikasjon kundeservice
        senior junior styre board fungerende konstituert midlertidig interim
        acting qa sre devops data security support success talent community
        growth content ops regnskap utleie forretningsutvikling logistikk
        recruiting design research försäljning myynti myynnin talous
        markkinointi partnerships strategy
        """
    )
)
_TITLE_PARTS = re.compile(
    r"\s*[,/|&;:()+–—]\s*|\s+-\s+|\s+(?:of|for|at|in|to|og|and|och|i|på|av|for|hos|til"
    r"|för|at|ja|with|–)\s+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:[-./'’][^\W\d_]+)*\.?")
_CONTACT = re.compile(
    r"@|https?:|www\.|\+?\d[\d\s()./-]{6,}|linkedin|twitter|github|facebook"
    r"|^(?:e-?post|e-?mail|tlf|telefon|mobil|phone|tel|mob)\b",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"[?!@#<>{}=|\\©®™%&]|\d|https?:|www\.|\.\s+[A-ZÆØÅ][a-zæøå]+\s+[a-zæøå]+\s"
    r"|^(?:join|bli|bliv|kontakt|contact|les|läs|læs|read|see|se|view|vis|open|ledig"
    r"|vacant|vakant|apply|søk|sök|your|you|du|meet|møt|möt|mød|our|vår|våre|våra|vore"
    r"|the|about|om|all|alle|alla|more|mer|mere|next|previous|forrige|neste|send|ring"
    r"|call|e-?post|e-?mail|phone|telefon|tlf|tba|tbd|n/a|home|hjem|new|ny"
    r"|this|what|why|how|hva|hvorfor|hvordan|vi|we|get|start|download|last)(?:\s|$|:)"
    r"|^(?:navn|namn|name|nimi|stilling|tittel|title|role|rolle|titel|position"
    r"|befattning|avdeling|department|ansatt|employee|person|team|teamet|kontakt"
    r"|linkedin|profil|profile|bio|biografi)$",
    re.IGNORECASE,
)
_COMPANY_SUFFIX = re.compile(
    r"\b(?:AS|ASA|AB|A/S|ApS|Oy|Oyj|GmbH|Ltd|LLC|Inc|PLC|HF|KF|SA|BV|NV|Group|Gruppen"
    r"|Holding|kommune|fylkeskommune|University|Bank|Forsikring)\.?$"
)
# Names, titles and lines come back version after version of a page.
_CACHED = 50_000
_MAX_NAME = 60
_MAX_TITLE = 140
# Loading a dictionary takes half a second; these two hold most words of the region.
_DICTIONARIES = ("nb", "en")


@lru_cache(maxsize=_CACHED)
def _is_dress(character: str) -> bool:
    """True for emoji, marks that stand alone and what is not shown."""
    return unicodedata.category(character) in ("So", "Sk", "Cs", "Cf", "Co", "Cn")


@lru_cache(maxsize=_CACHED)
def shown_name(text: str) -> str:
    """A name as shown, without emoji, pronouns and the words around a picture of it."""
    # Each character once: most lines that are asked for are long and no name.
    for character in filter(_is_dress, set(text)):
        text = text.replace(character, " ")
    text = _PRONOUNS.sub(" ", text)
    text = clean(text)
    # What stands at the end is looked for from every space on: only where it may be.
    if "/" in text:
        text = _BARE_PRONOUNS.sub("", text)
    text = _PICTURE_WORDS.sub("", text)
    if text.lower().endswith(_PICTURE_ENDS):
        text = _PICTURE_TAIL.sub("", text)
    return clean(text).strip(" ,;:–—-|·•")


@lru_cache(maxsize=_CACHED)
def person_key(name: str) -> str:
    """The identity of a person within an account: the name without its dress.

    Compatibility forms, case, punctuation, quotes, honorifics, pronouns and spacing do
    not count; accents and every name do.
    """
    text = unicodedata.normalize("NFKC", shown_name(name)).casefold()
    text = _KEY_SPACED.sub(" ", _KEY_DROPPED.sub("", text))
    words = text.split()
    # "Siv" alone is a first name, "siv. ing." a degree.
    while len(words) > 1 and words[0] in _HONORIFICS:
        del words[0]
    while len(words) > 2 and words[:2] == ["siv", "ing"]:
        del words[:2]
    while len(words) > 1 and words[-1] in _DEGREES:
        del words[-1]
    return " ".join(words)


@lru_cache(maxsize=_CACHED)
def name_score(text: str) -> float:
    """How much a string looks like a person's name, 0 to 1, judged alone.

    1 for two to five capitalised words of which at least one is in no dictionary; .7
    when all are dictionary words; .35 for a single capitalised word.
    """
    if not text or len(text) > _MAX_NAME or is_junk_name(text):
        return 0.0
    if ERASED.fullmatch(text):
        # Somebody whose name was taken out: the role is still held.
        return 1.0
    if _COMPANY_SUFFIX.search(text):
        return 0.0
    bare = clean(_BRACKETED.sub(" ", _QUOTED.sub(" ", _CREDENTIALS.sub("", text))))
    tokens = [token for token in _TOKEN_SPLIT.split(bare) if token not in "–—-·"]
    if not 1 <= len(tokens) <= 6:
        return 0.0
    capitalised = 0
    for token in tokens:
        if _is_capitalised(token):
            capitalised += 1
        elif token.lower().strip(".'’") not in _PARTICLES:
            return 0.0
    if capitalised == 0 or any(_is_work_word(token) for token in tokens):
        return 0.0
    if capitalised == 1:
        return 0.35
    if all(_in_a_dictionary(token) for token in tokens if len(token) > 2):
        return 0.7
    return 1.0


def _is_capitalised(token: str) -> bool:
    token = token.strip("\"'’‘“”.,")
    if not token:
        return False
    # d'Alembert, O'Brien, al-Amin; initials; letters of scripts without case
    parts = [part for part in re.split(r"[-'’.]", token) if part]
    if not parts or not all(part.isalpha() for part in parts):
        return False
    return any(part[0].isupper() for part in parts) or (
        not token.isascii() and (token.lower() == token.upper())
    )


@lru_cache(maxsize=50_000)
def _in_a_dictionary(token: str) -> bool:
    word = token.strip("\"'’‘“”.,").lower()
    return any(is_known(word, lang=language) for language in _DICTIONARIES)


@lru_cache(maxsize=50_000)
def _is_role_word(token: str) -> bool:
    word = token.lower().strip(".,'’\"()")
    return word in _ROLE_WORDS or (
        len(word) >= 4 and _ROLE_STEM_END.search(word) is not None
    )


def _is_work_word(token: str) -> bool:
    word = token.lower().strip(".,'’\"()")
    return _is_role_word(token) or word in _FIELD_WORDS


def names_a_field(text: str) -> bool:
    """True for "Engineering" or "Customer Success": the heading of a department."""
    return any(word.lower() in _FIELD_WORDS for word in _WORD.findall(text))


@lru_cache(maxsize=_CACHED)
def is_junk_name(text: str) -> bool:
    """True for what cannot be a name even in a list of people: calls, labels, data."""
    return (
        not any(character.isalpha() for character in text)
        or len(text) > 80
        or _NOT_A_NAME.search(text) is not None
    )


@lru_cache(maxsize=_CACHED)
def title_score(text: str) -> float:
    """How much a string looks like a role title, 0 to 1.

    1 when a part of it begins or ends with a word for a role ("VP of Sales", "Data
    Engineer, Platform"), .6 when it names a role or a field of work elsewhere, .3 for
    any other short phrase, 0 for contact details, sentences and long text.
    """
    if not text or len(text) > _MAX_TITLE or _CONTACT.search(text):
        return 0.0
    words = _WORD.findall(text)
    if not words or len(words) > 18:
        return 0.0
    # A sentence that mentions a role is a biography, not a title.
    is_sentence = text.endswith((".", "!", "?")) and len(words) > 5
    if not is_sentence:
        for part in _TITLE_PARTS.split(text):
            inner = _WORD.findall(part)
            if inner and (_is_role_word(inner[-1]) or _is_role_word(inner[0])):
                # "Developer onboarding" is an activity, "VP Marketing" a person.
                last = inner[-1].lower()
                if not last.endswith("ing") or last in _FIELD_WORDS:
                    return 1.0
    if any(_is_role_word(word) or word.lower() in _FIELD_WORDS for word in words):
        return 0.3 if is_sentence else 0.6
    return 0.0 if is_sentence else 0.3


def is_contact_line(text: str) -> bool:
    """True for an e-mail address, a telephone number, a link to a profile."""
    return _CONTACT.search(text) is not None
