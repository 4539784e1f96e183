"""Which document of a page of folds its address asks for; all made up."""

import pytest

from scrapers.extract.blocks import TextBlock, text_blocks
from scrapers.extract.folded_documents import other_documents
from scrapers.extract.html import parse_html
from scrapers.extract.page_changes import page_change

FOLDS = {
    "Current Terms of Use": "You may use the pump planner as long as you pay for it.",
    "Older Terms of Use": "Before that you could use the pump planner for nothing.",
    "Privacy Notice": "We keep your name and address for as long as you buy from us.",
    "GDPR": "Ask us for a copy of what we hold about you at any time you like.",
    "Security": "Tell us about holes in the planner and we thank you here.",
    "API Terms": "Programs that call the planner pay for each thousand calls made.",
    "California Privacy": "People of that state may tell us not to sell what we hold.",
}


def page(title: str = "Legal", **changed: str) -> str:
    """A page of folds; the words of a fold said often enough to be a document."""
    folds = "".join(
        f'<section aria-labelledby="h{number}"><details><summary>'
        f'<h2 id="h{number}">{heading}</h2></summary>'
        + "".join(
            f"<p>{text} It is so said in part {part} of this document of ours, and"
            " nothing we say elsewhere on this site changes it in any way.</p>"
            for part in "abcdefghij"
        )
        + f"<p>{changed.get(heading.split()[0].lower(), '')}</p></details></section>"
        for number, (heading, text) in enumerate(FOLDS.items())
    )
    return (
        f"<html><head><title>{title}</title></head><body>"
        "<nav><a href='/'>Home</a></nav>"
        f"<main><h1>{title}</h1>{folds}</main></body></html>"
    )


def blocks(markup: str) -> tuple[TextBlock, ...]:
    return text_blocks(parse_html(markup.encode(), "text/html; charset=utf-8"))


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/terms-of-service", {"Current Terms of Use", "Older Terms of Use"}),
        ("/privacy-policy/", {"Privacy Notice", "GDPR", "California Privacy"}),
        ("/legal/security", {"Security"}),
        ("/personvern", {"Privacy Notice", "GDPR", "California Privacy"}),
        ("/brukarvilk%C3%A5r", {"Current Terms of Use", "Older Terms of Use"}),
        ("/legal", set(FOLDS)),
        ("/", set(FOLDS)),
        ("/prices", set(FOLDS)),
    ],
)
def test_the_address_names_the_document(path: str, asked: set[str]) -> None:
    others = other_documents(blocks(page()), f"https://made-up.example{path}", "Legal")
    assert set(FOLDS) - others == asked


def test_a_page_about_what_is_asked_for_is_one_document() -> None:
    title = "Privacy at Pump Planner"
    others = other_documents(
        blocks(page(title)), "https://made-up.example/privacy", title
    )
    assert others == frozenset()


def test_a_change_in_another_fold_is_none_of_this_document() -> None:
    url = "https://made-up.example/terms"
    after = blocks(page(security="Thanks to Kari Nordmann and Ola Nordmann."))
    others = other_documents(after, url, "Legal")
    assert page_change(blocks(page()), after, others).kind == "same"
    after = blocks(page(current="From the new year it costs twice as much as before."))
    change = page_change(blocks(page()), after, others)
    assert change.added == ("from the new year it costs twice as much as before.",)


def test_folds_are_read_without_labels_too() -> None:
    markup = page().replace("aria-labelledby", "data-of")
    assert {block.fold for block in blocks(markup)} >= set(FOLDS)


def test_an_accordion_is_named_by_its_button() -> None:
    markup = page()
    for number, heading in enumerate(FOLDS):
        markup = markup.replace(
            f'<details><summary><h2 id="h{number}">{heading}</h2></summary>',
            f'<h2><button id="h{number}">{heading}</button></h2><div>',
        )
    markup = markup.replace("</details>", "</div>")
    assert {block.fold for block in blocks(markup)} >= set(FOLDS)
