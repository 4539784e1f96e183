"""Team pages with no markup to help: one made-up leadership in many layouts."""

import lxml.html
import pytest

from scrapers.extract.people import people

LEADERS = (
    ("Kari Nordvik", "Salgsdirektør"),
    ("Ola Haugen", "Administrerende direktør"),
    ("Siri Lie", "Økonomisjef"),
    ("Nils Berg Aas", "Driftsleiar"),
)


def _each(template: str, joint: str = "") -> str:
    return joint.join(
        template.format(
            name=name,
            title=title,
            small=title.lower(),
            first=" ".join(name.split()[:-1]),
            last=name.split()[-1],
        )
        for name, title in LEADERS
    )


LAYOUTS = {
    "a definition list": "<dl>" + _each("<dt>{name}</dt><dd>{title}</dd>") + "</dl>",
    "a definition list of titles": (
        "<dl>" + _each("<dt>{title}</dt><dd>{name}</dd>") + "</dl>"
    ),
    "a table": (
        "<table><tr><th>Navn</th><th>Stilling</th><th>Telefon</th></tr>"
        + _each("<tr><td>{name}</td><td>{title}</td><td>90 12 34 56</td></tr>")
        + "</table>"
    ),
    "a table of titles without a header": (
        "<table>" + _each("<tr><td>{title}</td><td>{name}</td></tr>") + "</table>"
    ),
    "a table with a column for each name": (
        "<table><tr><th>Fornavn</th><th>Etternavn</th><th>Stilling</th></tr>"
        + _each("<tr><td>{first}</td><td>{last}</td><td>{title}</td></tr>")
        + "</table>"
    ),
    "a table with family names first": (
        "<table><tr><th>Navn</th><th>Stilling</th></tr>"
        + _each("<tr><td>{last}, {first}</td><td>{title}</td></tr>")
        + "</table>"
    ),
    "a row of names above a row of titles": (
        f"<table><tr>{_each('<td>{name}</td>')}</tr>"
        f"<tr>{_each('<td>{title}</td>')}</tr></table>"
    ),
    "paragraphs": _each("<p>{name}, {small}</p>"),
    "paragraphs with a telephone": _each("<p>{name}, {small}, tlf. 90 12 34 56</p>"),
    "paragraphs, title first": _each("<p>{title}: {name}</p>"),
    "one paragraph of lines": f"<p>{_each('{name}, {small}', '<br>')}</p>",
    "one paragraph, names and titles by turns": (
        f"<p>{_each('{name}<br>{title}', '<br>')}</p>"
    ),
    "preformatted lines": f"<pre>{_each('{name}, {small}', chr(10))}</pre>",
    "a heading and the next line": _each("<h3>{name}</h3><p>{title}</p>"),
    "a title as the heading of each name": _each("<h3>{title}</h3><p>{name}</p>"),
    "a heading, the next line and a life": _each(
        "<h3>{name}</h3><p>{title}</p><p>{first} har vært med oss siden 2010 og er "
        "utdannet i Bergen.</p>"
    ),
    "pictures with a text and nothing else": _each(
        '<div><img src="a.jpg" alt="{name}, {small}"></div>'
    ),
    "pictures named by their text": _each(
        '<div><img src="a.jpg" alt="Portrett av {name}"><p>{title}</p></div>'
    ),
    "pictures named by their title": _each(
        '<div><img src="a.jpg" alt="" title="{name}"><p>{title}</p></div>'
    ),
    "links named for those who cannot see": _each(
        '<a href="/p" aria-label="{name}, {small}"><img src="a.jpg" alt=""></a>'
    ),
    "cells of a grid": (
        f"<table><tr>{_each('<td><b>{name}</b><br>{title}</td>')}</tr></table>"
    ),
    "buttons": _each("<button><span>{name}</span><span>{title}</span></button>"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_leaders_are_read_in_any_layout(layout: str) -> None:
    page = f"<html><body><main><h1>Leiinga</h1>{LAYOUTS[layout]}</main></body></html>"
    found = people(
        lxml.html.document_fromstring(page), "https://x.example/leiinga", "leadership"
    )
    assert [(p.name, (p.title or "").lower()) for p in found] == [
        (name, title.lower()) for name, title in LEADERS
    ]


def test_a_place_and_a_country_are_no_name_turned_round() -> None:
    page = """<html><body><main><h1>Kontorer</h1><ul><li>Bergen, Norge</li>
    <li>Malmö, Sverige</li><li>Aarhus, Danmark</li></ul></main></body></html>"""
    found = people(
        lxml.html.document_fromstring(page), "https://x.example/kontakt", "contact"
    )
    assert list(found) == []


@pytest.mark.parametrize(
    ("heading", "is_read"),
    [
        ("<h2>Ledelsen</h2>", True),
        ("<h2>Møt <br>teamet</h2>", True),
        # Parted by a style sheet: as text "Vårtteam".
        ("<h2><i>Vårt</i><b>team</b></h2>", True),
        ("<h2>Bak dashboardet</h2>", False),
        ("<p>Ledelsen</p>", False),
        ("", False),
    ],
)
def test_elsewhere_a_list_of_people_needs_a_heading_that_says_so(
    heading: str, is_read: bool
) -> None:
    cards = _each("<div class='card'><h3>{name}</h3><p>{title}</p></div>")
    page = f"<html><body><main>{heading}{cards}</main></body></html>"
    found = people(lxml.html.fromstring(page), "https://nordvik.example/", "home")
    assert [(person.name, person.title) for person in found] == (
        list(LEADERS) if is_read else []
    )
