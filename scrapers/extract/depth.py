"""Whether markup is nested deeper than a parser should be given.

A tree's depth costs the HTML parser its square: 200,000 open elements keep it busy for
minutes. Nothing is repaired here.
"""

import re

# The deepest of the recorded pages has 38; browsers stop at 512.
DEEPEST = 1_000
_WINDOW = 4_096
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# Elements without an end, or whose end is often left out because another begins.
_UNCOUNTED = frozenset(
    (
        "area base br col embed hr img input link meta param source track wbr "
        "p li dt dd tr td th option thead tbody tfoot colgroup"
    ).split()
)


def is_too_deep(markup: str) -> bool:
    """True for markup whose elements are nested more than a thousand deep."""
    balance = 0
    for at in range(0, len(markup), _WINDOW):
        window = markup[at : at + _WINDOW]
        balance += window.count("<") - 2 * window.count("</")
        # Too high for elements without an end, so it is only a reason to look closer.
        if balance > DEEPEST:
            return _is_nested(markup)
    return False


def _is_nested(markup: str) -> bool:
    depth = 0
    for tag in _TAG.finditer(markup):
        if tag[2].lower() in _UNCOUNTED:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > DEEPEST:
            return True
    return False
