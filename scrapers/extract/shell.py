"""Is a page the empty shell of a script, which shows its text only in a browser?

Only the question belongs here; what is done about a shell does not.
"""

import re

from lxml import etree

from scrapers.extract.html import (
    body_of,
    clean,
    parse_html,
    shows_more_than,
    tag_of,
    text_of,
)
from scrapers.extract.refusal import ParseRefused

# Shown words of a shell are a title, a loading line, an address at most.
_MAX_SHOWN_CHARACTERS = 200
_ROOT_ID = re.compile(
    r"^(?:__next|__nuxt|___gatsby|root|app|app-root|react-root|react-app|ember-app"
    r"|svelte|q-app|main-app|application|vue-app|mount|application-root)$",
    re.IGNORECASE,
)
_ROOT_TAGS = frozenset(("app-root", "app", "ng-app", "my-app"))
# "Enable JavaScript" as browsers' own pages, frameworks and Nordic sites put it.
_ASKS_FOR_SCRIPT = re.compile(
    r"(?:enable|activate|turn on|requires?|need|without|supports?)\W+(?:\w+\W+){0,4}"
    r"java\s?script"
    r"|java\s?script\W+(?:\w+\W+){0,5}(?:enabled|disabled|required|turned off"
    r"|switched off"
    r"|to run|must)"
    r"|(?:slå på|slå til|slår på|aktiver\w*|skru på|krever|krev|trenger|treng|uten|utan"
    r"|støtter ikke|støttar ikkje)\W+(?:\w+\W+){0,3}java\s?script"
    r"|java\s?script\W+(?:\w+\W+){0,4}(?:slått (?:på|av)|aktivert|deaktivert|påslått"
    r"|skrudd"
    r"|må være|må vere|nødvendig)"
    r"|(?:aktivera|aktiverat|slå på|sätt på|kräver|behöver|utan|stöder inte)\W+"
    r"(?:\w+\W+){0,3}java\s?script"
    r"|java\s?script\W+(?:\w+\W+){0,4}(?:aktiverat|avstängt|inaktiverat|påslaget|måste)"
    r"|(?:aktivér|aktiver|slå|kræver|skal bruge|uden"
    r"|understøtter ikke)\W+(?:\w+\W+){0,3}"
    r"java\s?script"
    r"|java\s?script\W+(?:\w+\W+){0,4}(?:slået (?:til|fra)|aktiveret|deaktiveret|skal)"
    r"|(?:ota|ottakaa|salli|aktivoi|kytke|vaatii|tarvitsee|ilman)\W+(?:\w+\W+){0,3}"
    r"java\s?script\w*"
    r"|java\s?script(?:in|iä|ia|-\w+)?\W+(?:\w+\W+){0,4}(?:käyttöön|päälle|käytössä"
    r"|tuki"
    r"|vaaditaan|pois)",
    re.IGNORECASE,
)


def is_empty_shell(body: bytes, content_type: str | None = None) -> bool:
    """True for a page that holds scripts and next to no text until they have run.

    Besides the lack of text there must be a sign of a script's page: the empty element
    that a framework fills, or a noscript text that asks for JavaScript.
    """
    try:
        root = parse_html(body, content_type)
    except ParseRefused:
        return False
    return is_shell(root)


def is_shell(root: etree._Element) -> bool:
    """``is_empty_shell`` of a page that has been parsed."""
    if not _has_scripts(root):
        return False
    body = body_of(root)
    start = body if body is not None else root
    if shows_more_than(start, _MAX_SHOWN_CHARACTERS):
        return False
    shown = text_of(start)
    if _ASKS_FOR_SCRIPT.search(_noscript_text(root)) or _ASKS_FOR_SCRIPT.search(shown):
        return True
    return any(_is_empty_mount(element) for element in start.iter())


def _has_scripts(root: etree._Element) -> bool:
    return any(
        script.get("src") or (script.get("type") or "").lower() == "module"
        for script in root.iter("script")
    )


def _noscript_text(root: etree._Element) -> str:
    return clean(
        " ".join(
            str(piece) for tag in root.iter("noscript") for piece in tag.itertext()
        )
    )


def _is_empty_mount(element: etree._Element) -> bool:
    tag = tag_of(element)
    name = element.get("id") or ""
    if tag not in _ROOT_TAGS and not (
        tag in ("div", "main", "section") and _ROOT_ID.match(name)
    ):
        return False
    return len(text_of(element)) <= _MAX_SHOWN_CHARACTERS // 4
