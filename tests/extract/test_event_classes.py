"""The class of made-up statements of companies."""

import pytest

from scrapers.extract.event_classes import CLASSES, event_class

STATED = [
    ("leadership", "Ada Berg resigned as Chief Executive Officer of Fjordex, Inc."),
    (
        "leadership",
        "The Compensation Committee approved annual bonuses for the named executive"
        " officers of Fjordex.",
    ),
    ("leadership", "The Board elected Ada B. Berg as a director of the Company."),
    (
        "agreement",
        "On May 2, 2031, Fjordex entered into a supply agreement with Lakeline.",
    ),
    ("agreement", "Fjordex executed an amendment to the lease with Lakeline."),
    ("agreement", "Fjordex entered into an Agreement and Plan of Merger."),
    ("agreement_end", "Fjordex terminated the supply agreement with Lakeline."),
    ("agreement_end", "The lease was terminated by Fjordex on May 2, 2031."),
    ("agreement_end", "The loan was repaid in full on May 2, 2031."),
    ("acquisition_or_disposal", "Fjordex completed the acquisition of Lakeline."),
    ("acquisition_or_disposal", "Fjordex closed the sale of its boat division."),
    ("acquisition_or_disposal", "Fjordex consummated the merger with Lakeline."),
    (
        "results",
        "Fjordex issued a press release reporting its financial results for the third"
        " quarter ended May 2, 2031.",
    ),
    ("results", "Fjordex announced preliminary results for fiscal year 2031."),
    ("results", "Fjordex disclosed its results of operations for the quarter."),
    (
        "shareholder_vote",
        "At the annual meeting of shareholders, all proposals were approved.",
    ),
    ("shareholder_vote", "The matters submitted to a vote were decided as follows."),
    ("shareholder_vote", "Votes For 10 Votes Against 2 Broker Non-Votes 1"),
    ("bylaws", "The Board approved an amendment to the Company's Bylaws."),
    ("bylaws", "Fjordex filed a certificate of amendment to change its name."),
    ("bylaws", "The Board approved a change in the Company's fiscal year."),
    ("debt", "The information set forth in Item 1.01 is incorporated by reference."),
    ("debt", "Fjordex borrowed $10 million under the facility."),
    ("debt", "This creates a direct financial obligation of Fjordex."),
    ("share_issue", "The shares were sold in a private placement."),
    ("share_issue", "The sale was exempt from registration under Section 4(a)(2)."),
    ("share_issue", "Fjordex sold unregistered securities to one investor."),
    ("restructuring", "Fjordex adopted a restructuring plan."),
    ("restructuring", "A reduction in force of 40 people was approved."),
    ("restructuring", "Fjordex will be closing two plants in the north."),
    ("disclosure", "Fjordex will use the investor presentation on its website."),
    ("disclosure", "This is furnished under Regulation FD."),
    ("disclosure", "Fjordex updated its outlook for the year."),
    ("other", "Fjordex declared a quarterly dividend of $0.10 per share."),
    ("other", "A court dismissed the lawsuit against Fjordex."),
    ("other", "Nothing that any word here speaks for."),
]


@pytest.mark.parametrize(("label", "text"), STATED)
def test_class_of_a_statement(label, text):
    assert event_class(text) == label


def test_every_class_is_one_of_those_named():
    assert {label for label, _text in STATED} <= set(CLASSES)


def test_the_cover_of_a_form_says_nothing():
    cover = (
        "UNITED STATES SECURITIES AND EXCHANGE COMMISSION FORM 8-K"
        " Check the appropriate box below\nItem 8.01 "
    )
    assert event_class(cover + "Fjordex declared a dividend.") == "other"
