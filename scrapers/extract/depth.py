"""Whether markup is nested deeper, or one element wider, than a parser is given.

A tree's depth costs the HTML parser its square: 200,000 open elements keep it busy for
minutes. So do attributes of one element, each of which is looked for among those before
it (50,000 took 2.3 s in libxml2, 2026-11-27), and options of one list. Nothing is
repaired here.
"""

import re

# The deepest of the recorded pages has 38; browsers stop at 512.
DEEPEST = 1_000
# The widest element of the recorded pages has fewer than a hundred attributes.
WIDEST = 10_000
_MOST_OPTIONS = 20_000
# Less markup than this has no room for a flood that would take a second.
_SMALL = 100_000
_WINDOW = 4_096
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# White space as the HTML standard has it: named one by one, the engine looks it up in a
# table, and asks Unicode of each character else.
_SPACE = r" \t\n\r\f"
_ATTRIBUTE = (
    rf"[{_SPACE}/]*+[^{_SPACE}/>][^{_SPACE}/>=]*+"
    rf"(?:[{_SPACE}]*+=[{_SPACE}]*+(?:\"[^\"]*+\"|'[^']*+'|[^{_SPACE}>]*+))?+"
)
# Text and tags, as the HTML standard reads them, up to one too wide; takes every
# character once.
_NARROW = re.compile(
    rf"[^<]*+(?:<(?:[a-zA-Z][^{_SPACE}/>]*+(?:{_ATTRIBUTE}){{0,{WIDEST}}}+(?!{_ATTRIBUTE})"
    r"|(?![a-zA-Z]))[^<]*+)*+"
)
_OPTION = re.compile(r"<option", re.IGNORECASE)
# Elements without an end, or whose end is often left out because another begins.
_UNCOUNTED = frozenset(
    (
        "area base br col embed hr img input link meta param source track wbr "
        "p li dt dd tr td th option thead tbody tfoot colgroup"
    ).split()
)


def is_too_costly(markup: str) -> bool:
    """True for markup that would keep a parser busy for what it is not worth."""
    return is_too_deep(markup) or is_too_wide(markup)


def is_too_wide(markup: str) -> bool:
    """True when an element has over ten thousand attributes, or lists as many options.

    A script or text that looks like such an element is taken for one.
    """
    if len(markup) < _SMALL:
        return False
    # Counting what begins an option in both cases took .47 ms of a real page of 260 kB,
    # counting this .09 (2026-11-28).
    if markup.count("<") > _MOST_OPTIONS:
        n_options = sum(1 for _ in _OPTION.finditer(markup))
        if n_options > _MOST_OPTIONS:
            return True
    narrow = _NARROW.match(markup)
    return narrow is not None and narrow.end() < len(markup)


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
