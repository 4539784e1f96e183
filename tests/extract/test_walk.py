"""A walk over a page answers what reading each element anew would have said."""

from collections.abc import Mapping

import pytest
from lxml import etree

from scrapers.extract.html import parse_html
from scrapers.extract.walk import Tree, Walk

PAGE = """<html><body>
<div id=cookies>Vi bruker <b>informasjonskapsler</b>. <button>Godta</button></div>
<header><span class=logo role=img>Verftet</span><a href="/">Hjem</a><a href="/om">Om</a>
</header>
<div id=skjult hidden><h1>Skjult</h1></div>
<div id=holder><p hidden><em><h1>Skjult</h1></em></p>Synlig</div>
<section id=etter><p>Ordet<i>deles</i> ikke<br>men linjen</p> hale
<script>var usynlig = 1;</script><noscript>Slå på skript</noscript></section>
<div id=tom>   </div>
<details><summary>Mer</summary><article>Saken</article></details>
<ul><li>en<li>to <span>tre</span><span>fire</span></ul>
</body></html>"""


def is_told(attributes: Mapping[str, str]) -> bool:
    return "role" in attributes


@pytest.fixture
def body() -> etree._Element:
    found = parse_html(PAGE.encode(), "text/html; charset=utf-8").find(".//body")
    assert found is not None
    return found


def elements_of(walk: Walk, body: etree._Element) -> list[etree._Element]:
    """The elements that a walk has numbered, found anew in the tree."""
    hidden = set(body.xpath("//*[@hidden]/descendant-or-self::*"))
    told = iter(e for e in body.iter(*set(walk.tags)) if e not in hidden)
    return [
        next(e for e in told if e.tag == tag and dict(e.items()) == dict(attributes))
        for tag, attributes in zip(walk.tags, walk.attributes, strict=True)
    ]


def test_an_element_is_a_slice_of_the_page(body: etree._Element) -> None:
    walk, tree = Walk(body, is_told), Tree()
    elements = elements_of(walk, body)
    assert {"header", "span", "a", "button", "li"} <= set(walk.tags)
    for number, element in enumerate(elements):
        text = tree.text_of(element)
        assert walk.text_of(number) == text
        assert walk.holds_matter(number) == tree.holds_matter(element)
        for characters in (0, len(text) - 1, len(text), len(text) + 5):
            asked = number, characters
            assert walk.is_longer(*asked) == tree.is_longer(element, characters)
            assert walk.is_most(*asked) == tree.is_most(element, characters)


def test_matter_that_is_not_shown_is_matter_of_what_holds_it(
    body: etree._Element,
) -> None:
    walk = Walk(body, is_told)
    held = {
        attributes["id"]: walk.holds_matter(number)
        for number, attributes in enumerate(walk.attributes)
        if "id" in attributes
    }
    assert held == {"cookies": False, "holder": True, "etter": False, "tom": False}


def test_every_element_that_begins_ends_after_what_is_inside_it(
    body: etree._Element,
) -> None:
    walk = Walk(body, is_told)
    open_numbers: list[int] = []
    for event in walk.events:
        if event >= 0:
            open_numbers.append(event)
        else:
            assert open_numbers.pop() == ~event
    assert open_numbers == []
    assert sorted(e for e in walk.events if e >= 0) == list(range(len(walk.tags)))


def test_a_comment_does_not_end_the_text_behind_it() -> None:
    parsed = etree.HTML("<body><p>foran<!-- bort -->bak<?pi bort?> sist</p></body>")
    walk = Walk(parsed.find(".//body"), is_told)
    assert walk.text_of(0) == "foranbak sist"
