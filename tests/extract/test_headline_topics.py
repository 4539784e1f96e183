"""Topics of made-up headlines and events of made-up sentences."""

import pytest

from scrapers.extract.headline_topics import (
    EVENTS,
    TOPICS,
    headline_topic,
    sentence_events,
)

HEADLINES = [
    ("ipo", "Fjordex files for an IPO in the spring"),
    ("dividend", "Fjordex declares $0.12 dividend"),
    ("stock_movement", "Fjordex stock falls 5% in premarket trade"),
    ("analyst_update", "Lakeline Bank downgrades Fjordex, cuts price target"),
    ("personnel_change", "Fjordex appoints Ada Berg as Chief Financial Officer"),
    ("legal_regulation", "Law firm files class action against Fjordex"),
    ("financials", "Fjordex GAAP EPS of $0.12 beats by $0.02"),
    ("earnings", "Fjordex to report second quarter results on August 4"),
    ("mergers_investments", "Fjordex acquires Lakeline"),
    ("central_banks", "The central bank raises interest rates by 50 basis points"),
    ("currencies", "The euro slips to parity with the US dollar"),
    ("metals", "Copper prices fall to the lowest this year"),
    ("energy", "Brent crude rises above $90 a barrel"),
    ("corporate_debt", "Holders of the bonds turn down a plan for the debt"),
    ("macro", "Inflation and unemployment rise in June"),
    ("politics", "Lawmakers in parliament hold a confidence vote"),
    ("markets", "Nasdaq and S&P 500 close lower"),
    ("stock_commentary", "Nice breakout on this chart, see if it holds resistance"),
    ("company_product_news", "Fjordex launches a cloud platform for boats"),
    ("general", "Heat wave: how to sleep well"),
]

SENTENCES = [
    ("buy_rating", 'Lakeline upgraded Fjordex to " buy " .'),
    ("target_price", "Lakeline raised its target price to 345p ."),
    ("dividend", "Fjordex declared a final dividend of 6.5p ."),
    ("debt", "Net debt stood at about 10bn ."),
    ("share_repurchase", "Fjordex began a 2bn share buy-back programme ."),
    ("quarterly_results", "Third-quarter profits were better than thought ."),
    ("sales_volume", "Like-for-like sales rose 9.8 per cent ."),
    ("turnover", "Revenue fell 3 per cent to 4bn ."),
    ("profit", "Pre-tax profit was 12m ."),
    ("merger_acquisition", "Fjordex made a takeover bid for its rival ."),
]


@pytest.mark.parametrize(("topic", "text"), HEADLINES)
def test_topic_of_a_headline(topic, text):
    assert headline_topic(text) == topic


@pytest.mark.parametrize(("event", "text"), SENTENCES)
def test_event_of_a_sentence(event, text):
    assert event in sentence_events(text)


@pytest.mark.parametrize(
    "text",
    [
        "Analysts had their doubts .",
        "The board met in London on Tuesday .",
        "Shares ended the day where they began .",
    ],
)
def test_most_sentences_tell_of_no_event(text):
    assert sentence_events(text) == ()


def test_every_topic_and_event_has_an_example():
    assert {topic for topic, _text in HEADLINES} == set(TOPICS)
    assert {event for event, _text in SENTENCES} == set(EVENTS)
