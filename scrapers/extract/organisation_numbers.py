"""Norwegian organisation numbers as people write them."""

import re

_DIGITS = re.compile(r"\d")
_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
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
