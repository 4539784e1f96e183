"""Prices and terms as Norwegian companies write them: ``kr 1 290,-``, ``1.290 NOK``,
``12 500 kr eks. mva per måned``, ``bindingstid: 12 måneder``.

One line in, what it states out. What the price is for is told by who reads the page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scrapers.extract.amounts import amount_of

_NUMBER = r"(?:\d{1,3}(?:[ .\u00a0\u202f']\d{3})+|\d+)(?:[.,]\d{1,2})?(?!\d)"
_CURRENCY = r"kroner|kr\.?|nok|sek|dkk|eur|usd|gbp|€|\$|£"
_CODES = {"": "NOK", "kroner": "NOK", "kr": "NOK", "€": "EUR", "$": "USD", "£": "GBP"}
_PRICE = re.compile(
    rf"(?<![\w.,])(?:(?P<before>{_CURRENCY})\s*(?P<one>{_NUMBER})(?:\s*[,:.][-–—])?"
    rf"|(?P<two>{_NUMBER})(?:\s*(?P<after>{_CURRENCY})(?!\w)|\s*[,:.][-–—](?!\w)))",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    rf"\b(?P<what>[^\W\d]*(?:rente|provisjon|gebyr|honorar|påslag|kommisjon|avgift"
    rf"|rabatt|fee|commission|interest)[^\W\d]*)\b[^.%\d]{{0,40}}?(?P<number>{_NUMBER})"
    r"\s?(?:%|prosent|percent)",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"\b(?P<what>bindingstid(?:en|a)?|oppsigelsestid(?:en|a)?|oppseiingstid(?:en|a)?"
    r"|betalingsfrist(?:en)?|leveringstid(?:en|a)?|garantitid(?:en|a)?|garanti(?:en)?"
    r"|responstid(?:en|a)?|notice period|payment terms|minimum term)\b"
    r"[^.\d]{0,25}?(?P<number>\d{1,3})\s*(?:virke)?"
    r"(?P<unit>timer|timar|hours|dager|dagar|days|uker|veker|weeks|måneder|månader|mnd"
    r"|months|år|years)",
    re.IGNORECASE,
)
_TERM_UNITS = {
    "t": "HOURS", "h": "HOURS", "d": "DAYS", "u": "WEEKS", "v": "WEEKS", "w": "WEEKS",
    "m": "MONTHS", "å": "YEARS", "y": "YEARS",
}  # fmt: skip
_UNITS = (
    ("month", r"(?:måneder|måned|månad(?:er)?|mnd|md|month|mo)"),
    ("year", r"(?:år|year|yr)"),
    ("hour", r"(?:time|timen|timer|hour|hr)"),
    ("day", r"(?:dag|døgn|day)"),
    ("week", r"(?:uke|veke|week)"),
    ("user", r"(?:bruker|brukar|user|seat|lisens)"),
    ("person", r"(?:person|ansatt|tilsett|deltaker|deltakar|employee)"),
    ("piece", r"(?:stk|stykk|enhet|eining|unit|piece)"),
    ("area", r"(?:kvm|m2|m²|kvadratmeter)"),
    ("distance", r"(?:km|kilometer)"),
)
_UNIT = tuple(
    (name, re.compile(rf"(?:\bper|\bpr\.?|/|\bi)\s*{words}\b\.?", re.IGNORECASE))
    for name, words in _UNITS
)
_NO_VAT = re.compile(
    r"\b(?:eks|ekskl|ekskludert|ex|excl|uten|utan|without)\.?\s*(?:mva|moms|vat)\b",
    re.IGNORECASE,
)
_WITH_VAT = re.compile(
    r"\b(?:inkl|inklusive|inkludert|inc|incl|med|including)\.?\s*(?:mva|moms|vat)\b",
    re.IGNORECASE,
)
# Amounts that are no price, and prices that are meant to pass.
_NO_PRICE = re.compile(
    r"\b(?:omset\w+|omsatte|milliard\w*|million\w*|mill|mrd|investert\w*|investerer"
    r"|bot|lønn|tilskudd|tilskot|støtte|overskudd|overskot|resultat|revenue|turnover"
    r"|før|nå kun|no berre|spar|kampanje\w*|black friday|black week|salg|sal|sale"
    r"|introduksjonstilbud|tidsbegrenset|juletilbud|sommertilbud|now only)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Price:
    """An amount with its currency (or PCT, DAYS, MONTHS ...), unit and VAT.

    ``what`` is the word a term or a percentage is of; of a price it is the text of the
    line before the amount. ``vat`` is ``ex``, ``inc`` or empty when it is not said.
    """

    what: str
    amount: float
    currency: str
    unit: str
    vat: str

    @property
    def key(self) -> str:
        """``amount|currency|unit|vat``, the amount without needless decimals."""
        amount = f"{self.amount:.2f}".removesuffix(".00")
        return f"{amount}|{self.currency}|{self.unit}|{self.vat}"


def vat_of(text: str) -> str:
    """Whether amounts are with or without VAT as said; empty when both or neither."""
    without, included = _NO_VAT.search(text), _WITH_VAT.search(text)
    if bool(without) == bool(included):
        return ""
    return "ex" if without else "inc"


def prices(line: str, following: str = "", *, decimal_comma: bool) -> Iterator[Price]:
    """What a line states in prices, percentages of money and terms.

    Args:
        line: the text of one block.
        following: the next block, where a card puts ``per måned`` below the amount.
        decimal_comma: how numbers of the page's language are written.
    """
    for term in _TERM.finditer(line):
        unit = _TERM_UNITS[term["unit"][0].lower()]
        yield Price(_term(term["what"]), float(term["number"]), unit, "", "")
    for found in _PERCENT.finditer(line):
        amount = amount_of(found["number"], decimal_comma=decimal_comma)
        if amount is not None:
            yield Price(found["what"].lower(), amount, "PCT", "", "")
    if _NO_PRICE.search(line):
        return
    matches = list(_PRICE.finditer(line))
    for number, found in enumerate(matches):
        amount = amount_of(found["one"] or found["two"], decimal_comma=decimal_comma)
        if not amount:
            continue
        start = matches[number - 1].end() if number else 0
        is_last = number + 1 == len(matches)
        rest = line[found.end() : None if is_last else matches[number + 1].start()]
        if is_last and not rest.strip() and _is_addition(following):
            rest = following
        word = (found["before"] or found["after"] or "").lower().rstrip(".")
        yield Price(
            _label(line[start : found.start()]),
            amount,
            _CODES.get(word, word.upper()),
            "/".join(name for name, unit in _UNIT if unit.search(rest)),
            vat_of(rest) or vat_of(line),
        )


def _is_addition(text: str) -> bool:
    """True for a short line that goes on where an amount ended."""
    says = any(unit.search(text) for _, unit in _UNIT) or bool(vat_of(text))
    return len(text) <= 40 and says and not _PRICE.search(text)


def _term(word: str) -> str:
    folded = word.lower().replace("oppseiing", "oppsigelse")
    return re.sub(r"(?<=tid|ist)(?:en|a)$|(?<=garanti)(?:en|tid\w*)$", "", folded)


def _label(text: str) -> str:
    text = re.sub(
        r"\b(?:fra|frå|from|ca|kun|berre|only|pris)\b\.?", " ", text, flags=re.I
    )
    return re.sub(r"[\s:–—-]+$", "", " ".join(text.split())).strip(" .,:;–—-")
