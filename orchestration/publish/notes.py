"""Notes of the tables, which are written in English, in Norwegian for the report.

Notes are few sentences with figures in them; each stands here once. One that is not
known here is shown as it is, and marked as English. Nothing is worded anew.
"""

import re
from collections.abc import Callable

from orchestration.publish.languages import ENGLISH, NORWEGIAN

_THINGS = {
    "behaviour": "atferd",
    "decision": "beslutning",
    "language": "språk",
    "unaware": "ubevisste tegn",
    "explicit": "uttalte tegn",
}
_BAND = r"(\S+) of pairs \(90 % interval (\S+) to (\S+)\)"
_SAVED = r"(\S+) a row \(90 % interval (\S+) to (\S+)\)\."
_SAVED_NB = "{} per rad (90 % intervall {} til {})."


def _thing(word: str) -> str:
    return _THINGS.get(word.lower(), word)


def _figure(text: str) -> str:
    return text.replace(".", ",").replace("%", " %")


def _outcome(outcome: str) -> str:
    return NORWEGIAN.outcome(outcome)


def _as_it_is(text: str) -> str:
    return text


_ENDED = r"the latest visit ended in (\w+)"
_Say = Callable[[str], str]
# English by pattern, Norwegian with a place for each group, how each group is said.
_NOTES: tuple[tuple[str, str, tuple[_Say, ...]], ...] = (
    ("no outcome of this target is known", "Ingen slike utfall er kjent", ()),
    (
        r"no forecast has had its (\d+) days and the (\d+) days of publication yet",
        "Ingen prognose har hatt sine {} dager og {} dager til kunngjøring ennå",
        (_as_it_is, _as_it_is),
    ),
    (r"(\d+) outcomes; (\d+) are needed", "{} utfall; det trengs {}", (_as_it_is,) * 2),
    ("outcomes of one kind only", "Bare utfall av ett slag", ()),
    (
        r"Not yet known whether (\S+) comes before (\S+): (\d+) accounts show both, "
        r"and (\d+) are needed\.",
        "Ikke kjent ennå om {} kommer før {}: {} kontoer viser begge, og det trengs "
        "{}.",
        (_thing, _thing, _as_it_is, _as_it_is),
    ),
    (
        rf"(\S+) comes before (\S+) in {_BAND}, by (\d+) days in the median\.",
        "{} kommer før {} i {} av parene (90 % intervall {} til {}), med {} dager i "
        "midten.",
        (_thing, _thing, _figure, _figure, _figure, _as_it_is),
    ),
    (
        r"The opposite of what was believed: (\S+) comes before (\S+); \S+ is first "
        rf"in only {_BAND}\.",
        "Det motsatte av det vi trodde: {} kommer før {}, som er først i bare {} av "
        "parene (90 % intervall {} til {}).",
        (_thing, _thing, _figure, _figure, _figure),
    ),
    (
        rf"No order is seen: (\S+) comes before (\S+) in {_BAND}\.",
        "Ingen rekkefølge å se: {} kommer før {} i {} av parene (90 % intervall {} til "
        "{}).",
        (_thing, _thing, _figure, _figure, _figure),
    ),
    (
        rf"What only a watch over time shows makes forecasts better by {_SAVED}",
        f"Det bare oppfølging over tid viser, gjør prognosene bedre med {_SAVED_NB}",
        (_figure,) * 3,
    ),
    (
        rf"What only a watch over time shows makes forecasts worse: {_SAVED}",
        f"Det bare oppfølging over tid viser, gjør prognosene dårligere: {_SAVED_NB}",
        (_figure,) * 3,
    ),
    (
        rf"No sign that watching over time makes forecasts better: {_SAVED}",
        f"Ingen tegn til at oppfølging over tid gjør prognosene bedre: {_SAVED_NB}",
        (_figure,) * 3,
    ),
    ("asked not to be observed", "Har bedt om ikke å bli fulgt", ()),
    ("not asked yet", "Ikke spurt ennå", ()),
    ("its site reserves its content", "Nettstedet reserverer innholdet sitt", ()),
    ("its pages cannot be read", "Sidene kan ikke leses", ()),
    ("its country is not covered", "Landet er ikke dekket", ()),
    ("no domain is known", "Ingen domener er kjent", ()),
    ("no organisation number is known", "Organisasjonsnummeret er ikke kjent", ()),
    ("no place of it is known", "Vi vet ikke hvor kilden har den", ()),
    (_ENDED, "Siste besøk: {}", (_outcome,)),
    (
        r"(.+) has no documented feed; (\S+) leads there",
        "{} har ingen dokumentert strøm; {} fører dit",
        (_as_it_is, _as_it_is),
    ),
)


def in_norwegian(note: str) -> str | None:
    """The note in Norwegian; None where it is not one of those known here."""
    for pattern, nb, say in _NOTES:
        found = re.fullmatch(pattern, note)
        if found:
            words = [one(group) for one, group in zip(say, found.groups(), strict=True)]
            said = nb.format(*words)
            return said[:1].upper() + said[1:]
    return None


def in_plain_english(note: str) -> str:
    """The note without names of outcomes, which only those who run it know."""
    found = re.fullmatch(_ENDED, note)
    if found is None:
        return note
    return f"latest visit: {ENGLISH.outcome(found[1])}"
