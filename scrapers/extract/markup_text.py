"""Fragments of markup, as feeds carry them, to plain text."""

import html as entities
import re

from lxml import etree, html

from scrapers.extract.html import CONTROL, clean, lines_of

_ESCAPED = re.compile(r"&(?:amp;)?lt;")


def markup_to_text(fragment: str) -> str:
    """Plain text of a fragment, one line per block; escaped markup is unescaped.

    Text without any markup only loses its spare white space.
    """
    text = CONTROL.sub("", fragment)
    # Some feeds escape once, some twice.
    for _ in range(2):
        if "<" not in text and _ESCAPED.search(text):
            text = entities.unescape(text)
    if "<" not in text:
        return clean(entities.unescape(text))
    try:
        root = html.document_fromstring(f"<div>{text}</div>")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return clean(text)
    return "\n".join(lines_of(root))
