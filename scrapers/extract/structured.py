"""Structured data in a page: JSON-LD nodes and microdata items, as plain mappings.

What a Person or a JobPosting means is not decided here.
"""

import html as entities
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from scrapers.extract.html import clean, tag_of, text_of

Node = Mapping[str, Any]

# Scripts wrap their JSON so that old readers pass it by.
_FRAMING = re.compile(
    r"^\s*(?:(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?|<!--)\s*"
    r"|\s*(?:(?://|/\*)?\s*\]\]>\s*(?:\*/)?|(?://\s*)?-->)\s*$"
)
_ESCAPED_STARTS = ("{&quot;", "[{&quot;", "{&#34;", "[{&#34;")
_DECODER = json.JSONDecoder(strict=False)
_REPAIRS = (
    # Comments of a script on lines of their own.
    (re.compile(r"^[ \t]*(?://.*|/\*.*?\*/[ \t\r]*)$", re.MULTILINE), ""),
    (re.compile(r",(\s*[}\]])"), r"\1"),
    # Escapes that JSON does not know, such as that of an apostrophe.
    (re.compile(r"\\([^\"\\/bfnrtu])"), r"\1"),
)
_MAX_DEPTH = 12
_VALUE_ATTRIBUTES = {
    "meta": "content",
    "a": "href",
    "link": "href",
    "area": "href",
    "img": "src",
    "audio": "src",
    "video": "src",
    "source": "src",
    "iframe": "src",
    "time": "datetime",
    "data": "value",
    "meter": "value",
    "object": "data",
}


def json_ld_nodes(root: etree._Element) -> tuple[Node, ...]:
    """Every typed node of the page's JSON-LD, outer before inner, in document order.

    Lists, ``@graph`` and nested nodes are walked; a script that holds no JSON is
    passed by, as browsers do.
    """
    nodes: list[Node] = []
    for script in root.iter("script"):
        kind = (script.get("type") or "").strip().lower()
        if kind.partition(";")[0].strip() != "application/ld+json":
            continue
        value = _loads(script.text or "")
        if value is not None:
            nodes.extend(_typed(value, 0))
    return tuple(nodes)


def _loads(text: str) -> Any:
    """The value, or the list of values, a script holds; None when it holds no JSON.

    Each repair is tried only when what came before it could not be read.
    """
    text = text.replace("\ufeff", "")
    previous = None
    while previous != text:
        previous, text = text, _FRAMING.sub("", text)
    text = text.strip().rstrip(";").strip()
    if text.startswith(_ESCAPED_STARTS):
        text = entities.unescape(text)
    for repair in (None, *_REPAIRS):
        if repair is not None:
            pattern, instead = repair
            text = pattern.sub(instead, text)
        values = _values(text.strip())
        if values is not None:
            return values[0] if len(values) == 1 else values
    return None


def _values(text: str) -> list[Any] | None:
    """All values of a text: some scripts hold several, one after another."""
    values, at = [], 0
    while at < len(text):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        values.append(value)
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1
    return values or None


def _typed(value: Any, depth: int) -> Iterator[Node]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _typed(item, depth + 1)
    elif isinstance(value, dict):
        if types_of(value):
            yield value
        for item in value.values():
            if isinstance(item, dict | list):
                yield from _typed(item, depth + 1)


def microdata_items(root: etree._Element, wanted: str) -> tuple[Node, ...]:
    """Microdata items of one schema.org type, properties as strings, items or lists."""
    scopes = _ITEM_SCOPES(root)
    assert isinstance(scopes, list)
    return tuple(
        _item(element, 0)
        for element in scopes
        if isinstance(element, etree._Element)
        and _short_type(element.get("itemtype")) == wanted
    )


# By XPath: few elements of a page have one, and a loop asks all of them.
_ITEM_SCOPES = etree.XPath("descendant-or-self::*[@itemscope]")


def _item(scope: etree._Element, depth: int) -> dict[str, Any]:
    item: dict[str, Any] = {"@type": _short_type(scope.get("itemtype"))}
    stack = list(reversed(scope))
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str):
            continue
        names = (element.get("itemprop") or "").split()
        is_scope = element.get("itemscope") is not None
        value: Any = None
        if names:
            if is_scope:
                value = _item(element, depth + 1) if depth < _MAX_DEPTH else None
            else:
                value = _property_value(element)
        for name in names:
            if value in (None, ""):
                continue
            held = item.get(name)
            if held is None:
                item[name] = value
            else:
                item[name] = [*(held if isinstance(held, list) else [held]), value]
        if not is_scope:
            stack.extend(reversed(element))
    return item


def _property_value(element: etree._Element) -> str:
    content = element.get("content")
    if content is not None:
        return clean(content)
    attribute = _VALUE_ATTRIBUTES.get(tag_of(element))
    if attribute and element.get(attribute) is not None:
        return clean(element.get(attribute))
    return text_of(element)


def _short_type(value: str | None) -> str:
    words = (value or "").split()
    return re.split(r"[/#:]", words[0])[-1] if words else ""


def types_of(node: Node) -> frozenset[str]:
    """Types of a node without their namespace; empty when it has none."""
    value = node.get("@type")
    values = value if isinstance(value, list) else [value]
    return frozenset(
        _short_type(item) for item in values if isinstance(item, str) and item
    )


def as_list(value: Any) -> list[Any]:
    """The value, or the values, of a property."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def as_text(value: Any) -> str | None:
    """First readable string of a property: itself, its name or its ``@value``."""
    for item in as_list(value):
        if isinstance(item, str):
            text = clean(item.encode("utf-8", "replace").decode("utf-8"))
        elif isinstance(item, int | float) and not isinstance(item, bool):
            text = str(item)
        elif isinstance(item, dict):
            text = as_text(item.get("name") or item.get("@value")) or ""
        else:
            text = ""
        if text:
            return text
    return None
