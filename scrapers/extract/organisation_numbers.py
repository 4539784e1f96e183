"""Organisation numbers as people write them: Norwegian, and British company numbers."""

import re

_DIGITS = re.compile(r"\d")
_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
# England and Wales eight digits; elsewhere, and other forms, begin with letters.
_BRITISH = re.compile(r"[0-9]{8}|[A-Z]{2}[0-9]{5}[0-9A-Z]|R[0-9]{7}")
_ALLOWED = re.compile(
    r"^(?:no)?[\s.:-]*((?:\d[\s.\u00a0-]*){9})(?:mva)?$", re.IGNORECASE
)


def organisation_number(text: object) -> str | None:
    """Nine digits with a right check digit (MOD-11), or None.

    Reads ``999 601 391``, ``NO 999601391 MVA`` and the like; foreign numbers, which
    may hold nine digits as well, are turned away by the check digit or their letters.
    """
    if not isinstance(text, str):
        return None
    found = _ALLOWED.match(text.strip())
    if not found:
        return None
    digits = "".join(_DIGITS.findall(found.group(1)))
    return digits if is_organisation_number(digits) else None


def is_organisation_number(digits: str) -> bool:
    """True for nine digits whose last one is the MOD-11 check digit."""
    if not re.fullmatch(r"[0-9]{9}", digits):
        return False
    rest = sum(w * int(d) for w, d in zip(_WEIGHTS, digits[:8], strict=True)) % 11
    check = 0 if rest == 0 else 11 - rest
    return check == int(digits[8])


def british_number(text: str) -> str | None:
    """A British company number of eight characters, or None.

    Zeros in front that a spreadsheet has eaten are put back.
    """
    bare = re.sub(r"[\s.]", "", text).upper()
    bare = bare.zfill(8) if re.fullmatch(r"[0-9]{1,8}", bare) else bare
    return bare if is_british_number(bare) else None


def is_british_number(text: str) -> bool:
    """True for what Companies House writes as the number of a company."""
    return _BRITISH.fullmatch(text) is not None
