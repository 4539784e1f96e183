"""Certifications that a company says it has: ``sertifisert etter ISO 9001``.

A standard that is merely spoken of (advice about it, work towards it, a demand on
suppliers) is none.
"""

import re
from collections.abc import Iterable

_STANDARDS: tuple[tuple[str, str], ...] = (
    (
        "ISO {}",
        r"\bISO(?:[ /]*IEC)?[\s-]*(9001|14001|27001|45001|22000|13485|50001|20000"
     r"|22301|17025|37001|27701|3834)\b"),
    ("Miljøfyrtårn", r"\bmiljøfyrtårn"),
    ("Eco-Lighthouse", r"\beco-?lighthouse\b"),
    ("EMAS", r"\bEMAS\b"),
    ("NS-EN 1090", r"\b(?:NS-)?EN[ -]1090\b"),
    ("SOC 2", r"\bSOC[ -]?2\b"),
    ("PCI DSS", r"\bPCI[ -]?DSS\b"),
    ("B Corp", r"\bB[ -]Corp\b"),
    ("StartBANK", r"\bstartbank\b"),
    ("Achilles", r"\bachilles(?: jqs)?\b"),
    ("Sentral godkjenning", r"\bsentral(?:t)? godkjen(?:ning|t)\b"),
    ("Mesterbedrift", r"\b(?:mester|meister)(?:bedrift|verksemd)\b"),
)  # fmt: skip
_COMPILED = tuple(
    (name, re.compile(words, re.IGNORECASE)) for name, words in _STANDARDS
)
_HELD = re.compile(
    r"sertifiser(?:t|te|a|ert)\b|sertifikat|sertifisering(?:er|ar|a|en)?\b|godkjen(?:t|te)\b"
    r"|godkjenning\b|certified|certificat(?:e|ion)s?\b|certifiera(?:d|t|de)\b"
    r"|certificeret|resertifisert|miljøfyrtårn-?(?:bedrift|verksemd|sertifi)"
    r"|(?:mester|meister)(?:bedrift|verksemd)",
    re.IGNORECASE,
)
# Without one of these a line says of nothing that it is held.
_HELD_HINTS = ("ertifi", "godkjen", "miljøfyrtårn", "bedrift", "verksemd")
_NOT_HELD = re.compile(
    r"\b(?:arbei(?:der|dar)\s+mot|jobb(?:er|ar)\s+mot|på\s+(?:vei|veg)|skal\s+bli|målet?\s+er"
    r"|planlegg\w*|i\s+prosess|søk(?:er|jer)\s+om|hjelper|hjelper\s+deg|bistår|rådgiv\w+"
    r"|kurs\w*|opplæring|veiled\w+|rettlei\w+|kunde(?:r|ne|ar)?|krever|krev|krav\s+(?:om|til|i)"
    r"|in\s+progress|working\s+towards?|aim\w*|help\w*|consult\w*|training|customers?"
    r"|underleverandør\w*|leverandør(?:er|ar|ene)\b|utløpt|ikke\s+lenger|ikkje\s+lenger"
    r"|mista\w*|mistet|tilsvarende|tilsvarande|innen\s+20\d\d|innan\s+20\d\d)",
    re.IGNORECASE,
)
_LIST_HEADING = re.compile(
    r"^(?:våre\s+)?(?:sertifiseringer|sertifiseringar|sertifikater?|sertifikat|godkjenninger"
    r"|godkjenningar|certifications?|certificates?|kvalitet\s+og\s+sertifisering\w*)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÆØÅ])")
_LABEL_WORDS = 7


def certifications(lines: Iterable[str], pictures: Iterable[str]) -> tuple[str, ...]:
    """Names of the certifications held, each once, sorted.

    Args:
        lines: texts of the page, block by block in reading order.
        pictures: alternative texts of its pictures.
    """
    found: set[str] = set()
    in_list = False
    for line in lines:
        if len(line.split()) <= _LABEL_WORDS:
            if _LIST_HEADING.search(line):
                in_list = True
            elif in_list and not _NOT_HELD.search(line):
                named = _named(line)
                found |= named
                in_list = bool(named)
        else:
            in_list = in_list and bool(_named(line))
        folded = line.casefold()
        if not any(map(folded.__contains__, _HELD_HINTS)):
            continue
        for sentence in _SENTENCE.split(line):
            if _HELD.search(sentence) and not _NOT_HELD.search(sentence):
                found |= _named(sentence)
    for text in pictures:
        # A mark of a certificate is shown by who holds it.
        if len(text.split()) <= _LABEL_WORDS and not _NOT_HELD.search(text):
            found |= _named(text)
    return tuple(sorted(found))


def first_named(text: str) -> str | None:
    """The certification that a text names first, held or not; None when it names none."""
    places = [
        (match.start(), name.format(match[1]) if "{}" in name else name)
        for name, pattern in _COMPILED
        if (match := pattern.search(text))
    ]
    return min(places)[1] if places else None


def _named(text: str) -> set[str]:
    names: set[str] = set()
    for name, pattern in _COMPILED:
        for match in pattern.finditer(text):
            names.add(name.format(match[1]) if "{}" in name else name)
    return names
