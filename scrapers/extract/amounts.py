"""Amounts of money as people write them, to numbers.

Which currency an amount is in, and whether it is in thousands, is known by whoever
reads the column.
"""

import math
import re

_PARTS = re.compile(r"^[^\d+-]{0,12}?([+-]?)(\d[\d.,]*)[^\d]{0,12}$")
_SPACES = re.compile(r"[\s\u00a0\u202f'’]+")


def amount_of(value: object, *, decimal_comma: bool) -> float | None:
    """A number of ``1 234 567,50``, ``kr 1.234.567,-``, ``NOK 1,234.50`` or a number.

    ``decimal_comma`` decides only what is in doubt: 1.234 is a thousand where commas
    are decimal. Where both signs stand, the last one is the decimal.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) and abs(value) < 1e300 else None
    if not isinstance(value, str):
        return None
    text = _SPACES.sub("", value).replace("−", "-").removesuffix(",-")
    found = _PARTS.match(text.removesuffix("-"))
    if not found or len(found[2]) > 30:
        return None
    sign, digits = found.groups()
    number = _plain(digits.rstrip(".,"), decimal_comma=decimal_comma)
    if number is None:
        return None
    return -number if sign == "-" else number


def _plain(digits: str, *, decimal_comma: bool) -> float | None:
    decimal, thousands = (",", ".") if decimal_comma else (".", ",")
    if "," in digits and "." in digits:
        decimal = max(",.", key=digits.rfind)
        thousands = "." if decimal == "," else ","
    whole, _, fraction = digits.partition(decimal)
    if decimal in fraction:
        # Two of what should be one: they part thousands.
        whole, fraction = digits.replace(decimal, ""), ""
    if thousands in fraction:
        return None
    groups = whole.split(thousands)
    if len(groups) > 1 and any(len(group) != 3 for group in groups[1:]):
        return None
    try:
        return float(f"{''.join(groups) or '0'}.{fraction or '0'}")
    except ValueError:
        return None
