"""What counts as a change between two readings of a page; all made up."""

from scrapers.extract.blocks import TextBlock
from scrapers.extract.page_changes import page_change

PROSE = (
    "Vi lager pumper til skip og leverer dem til verft i hele Norden.",
    "Fabrikken ligger ved fjorden og har førti ansatte i tre skift.",
    "Alle pumper prøves i egen hall før de sendes til kunden.",
    "Reservedeler holdes på lager i minst tjue år etter levering.",
)


def reading(*texts: str, around: str = "Kontakt oss") -> tuple[TextBlock, ...]:
    mains = [TextBlock("main", text) for text in texts]
    return TextBlock("nav", "Hjem"), *mains, TextBlock("footer", around)


def test_a_new_paragraph_is_a_change_and_is_told() -> None:
    new = "Fra nyttår åpner vi også et verksted i Bergen."
    change = page_change(reading(*PROSE), reading(*PROSE, new))
    assert change.kind == "changed"
    assert change.removed == ()
    assert change.added == (new.casefold(),)


def test_a_changed_footer_is_none() -> None:
    after = reading(*PROSE, around="Følg oss der du vil, og les nyhetsbrevet vårt")
    assert page_change(reading(*PROSE), after).kind == "same"


def test_text_that_is_taken_for_another_part_has_not_changed() -> None:
    before = reading(*PROSE)
    after = tuple(
        TextBlock("aside", block.text) if block.text == PROSE[3] else block
        for block in before
    )
    assert page_change(before, after).kind == "same"
    assert page_change(after, before).kind == "same"


def test_a_row_between_paragraphs_counts_whatever_part_it_is_taken_for() -> None:
    before = reading(*PROSE)
    row = TextBlock("aside", "Leverandør i Danmark")
    after = (*before[:3], row, *before[3:])
    assert page_change(before, after).added == ("leverandør i danmark",)


def test_dates_and_a_single_word_are_no_change() -> None:
    before = reading(*PROSE, "Oppdatert 1. mars 2025", "Les mer")
    after = reading(*PROSE, "Oppdatert 24. november 2026", "Les mere")
    assert page_change(before, after).kind == "changed"
    after = reading(*PROSE, "Oppdatert 24. november 2026", "Les")
    assert page_change(before, after).kind == "same"


def test_a_paragraph_said_twice_and_then_once_is_a_change() -> None:
    change = page_change(reading(*PROSE, PROSE[0]), reading(*PROSE))
    assert change.removed == (PROSE[0].casefold(),)


def test_paragraphs_in_another_order_are_no_change() -> None:
    assert page_change(reading(*PROSE), reading(*reversed(PROSE))).kind == "same"


def test_another_page_in_its_place_is_replaced() -> None:
    other = reading(
        "Logg inn for å fortsette til kundesenteret.",
        "Velg abonnement, betaling og språk nedenfor.",
    )
    assert page_change(reading(*PROSE), other).kind == "replaced"


def test_a_page_written_anew_about_the_same_is_a_change() -> None:
    anew = reading(
        "Pumper til skip, levert til verft i hele Norden: det lager vi.",
        "Førti ansatte i tre skift arbeider i fabrikken ved fjorden.",
        "Før de sendes til kunden, prøves alle pumper i egen hall.",
    )
    assert page_change(reading(*PROSE), anew).kind == "changed"


def test_nothing_before_and_a_page_after_is_a_change() -> None:
    assert page_change((), reading(*PROSE)).kind == "changed"
    assert page_change((), ()).kind == "same"
