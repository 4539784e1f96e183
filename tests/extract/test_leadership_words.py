"""Posts said to be taken and left, in made-up sentences of six languages."""

import pytest

from scrapers.extract.leadership_words import (
    APPOINTED,
    BOARD,
    DEPARTED,
    INTERIM,
    leadership_claims,
)

CLAIMED = [
    # English
    (DEPARTED, "Ada Berg has resigned as Chief Financial Officer of Fjordex Inc."),
    (DEPARTED, "Mr. Berg informed the Company that he intends to retire in June 2031."),
    (DEPARTED, "Ada Berg will not stand for re-election at the annual meeting."),
    (DEPARTED, "Ada Berg, who has served as CFO since 2028, will step down in May."),
    (APPOINTED, "The Board appointed Ada B. Berg, age 48, as Chief Executive Officer."),
    (APPOINTED, "Fjordex names Ada Berg as its new CFO"),
    (APPOINTED, "Ada Berg joins Fjordex as Vice President, Sales"),
    (INTERIM, "Ada Berg was named interim CEO while the search goes on."),
    (INTERIM, "The Company appointed Ada Berg as acting Chief Financial Officer."),
    (INTERIM, "Fjordex appoints Ada Berg interim president"),
    (BOARD, "Fjordex elected Ada B. Berg to its Board of Directors."),
    (BOARD, "The Board appointed Ada Berg as a director, effective today."),
    (BOARD, "Ada Berg joins the board of Fjordex"),
    # Norwegian, bokmål and nynorsk
    (DEPARTED, "Daglig leder Ada Berg fratrer stillingen 1. mars."),
    (DEPARTED, "Konsernsjefen går av etter ti år i Fjordex"),
    (DEPARTED, "Ada Berg slutter som økonomidirektør i Fjordex"),
    (DEPARTED, "Dagleg leiar Ada Berg sluttar i Fjordex"),
    (DEPARTED, "Økonomisjefen seier opp stillinga"),
    (DEPARTED, "Rådmann Ada Berg trekkjer seg"),
    (APPOINTED, "Ada Berg er ansatt som ny salgsdirektør i Fjordex."),
    (APPOINTED, "Ada Berg blir ny konsernsjef"),
    (APPOINTED, "Fjordex henter Ada Berg som ny teknologidirektør"),
    (APPOINTED, "Ada Berg er tilsett som dagleg leiar i Fjordex."),
    (APPOINTED, "Ada Berg vert ny økonomisjef"),
    (APPOINTED, "Kommunen tilset Ada Berg som ny kommunedirektør"),
    (INTERIM, "Ada Berg er konstituert som daglig leder."),
    (INTERIM, "Ada Berg blir midlertidig ny leder i Fjordex"),
    (INTERIM, "Ada Berg er ansatt som fungerende direktør"),
    (INTERIM, "Ada Berg er tilsett som mellombels dagleg leiar"),
    (INTERIM, "Ada Berg vert ny fungerande rektor"),
    (INTERIM, "Ada Berg er konstituert som ny leiar"),
    (BOARD, "Ada Berg ble valgt inn i styret i Fjordex"),
    (BOARD, "Fjordex får nytt styremedlem"),
    (BOARD, "Ada Berg er valgt som styreleder"),
    (BOARD, "Ada Berg vart vald inn i styret"),
    (BOARD, "Ada Berg er vald til styreleiar"),
    (BOARD, "Ada Berg er ny styreleiar"),
    # Swedish
    (DEPARTED, "Finanschef Ada Berg lämnar Fjordex"),
    (DEPARTED, "Fjordex vd avgår"),
    (DEPARTED, "Ada Berg slutar som marknadschef"),
    (APPOINTED, "Ada Berg utses till verkställande direktör i Fjordex"),
    (APPOINTED, "Ada Berg blir ny vd för Fjordex"),
    (APPOINTED, "Fjordex rekryterar Ada Berg som ny finanschef"),
    (INTERIM, "Ada Berg utses till tillförordnad vd"),
    (INTERIM, "Ada Berg blir tf vd, som ny chef"),
    (INTERIM, "Fjordex utser Ada Berg till interim CFO"),
    (BOARD, "Ada Berg väljs in i styrelsen för Fjordex"),
    (BOARD, "Ada Berg föreslås till ny styrelseledamot"),
    (BOARD, "Ny styrelseordförande i Fjordex"),
    # Danish
    (DEPARTED, "Direktør Ada Berg fratræder sin stilling"),
    (DEPARTED, "Salgschef Ada Berg stopper i Fjordex"),
    (DEPARTED, "Koncernchefen træder tilbage"),
    (APPOINTED, "Ada Berg er udnævnt til administrerende direktør"),
    (APPOINTED, "Ada Berg bliver ny økonomichef i Fjordex"),
    (APPOINTED, "Fjordex ansætter Ada Berg som salgsdirektør"),
    (INTERIM, "Ada Berg er ansat som konstitueret direktør"),
    (INTERIM, "Ada Berg bliver midlertidig ny direktør"),
    (INTERIM, "Ada Berg udnævnt til fungerende chef"),
    (BOARD, "Ada Berg er valgt ind i bestyrelsen"),
    (BOARD, "Ny bestyrelsesformand i Fjordex"),
    (BOARD, "Ada Berg indtræder i bestyrelsen"),
    # Finnish
    (DEPARTED, "Toimitusjohtaja Ada Berg eroaa Fjordexista"),
    (DEPARTED, "Talousjohtaja jättää tehtävänsä"),
    (DEPARTED, "Toimitusjohtaja Ada Berg irtisanoutuu"),
    (APPOINTED, "Ada Berg on nimitetty Fjordexin toimitusjohtajaksi"),
    (APPOINTED, "Fjordexin uusi talousjohtaja on Ada Berg"),
    (APPOINTED, "Ada Berg aloittaa myyntijohtajana"),
    (INTERIM, "Ada Berg on nimitetty väliaikaiseksi toimitusjohtajaksi"),
    (INTERIM, "Väliaikainen toimitusjohtaja: Ada Berg valittiin johtajaksi"),
    (INTERIM, "Ada Berg nimitettiin vt. toimitusjohtajaksi"),
    (BOARD, "Ada Berg valittiin hallituksen jäseneksi"),
    (BOARD, "Ada Berg valittu hallituksen puheenjohtajaksi"),
    (BOARD, "Hallituksen uusi jäsen on Ada Berg"),
]

SILENT = [
    # English
    "The Committee approved bonuses for each named executive officer.",
    "If he resigns for good reason, he is entitled to severance.",
    "Upon termination or retirement all awards vest.",
    "Ada Berg previously served as Chief Financial Officer of Lakeline.",
    "Ada Berg denies that she will resign as CEO.",
    "Ada Berg will serve as an advisor reporting to the President.",
    "Ms. Berg has not been named to any committee of the Board.",
    # Norwegian
    "Ada Berg har ikke tenkt å gå av som daglig leder, men rykter sier at hun slutter.",
    "Butikken slutter å selge ski.",
    "Ada Berg var tidligere ansatt som salgssjef i Lakeline.",
    "Laget trakk seg fra serien.",
    "Fjordex søkjer ei dyktig salskraft.",
    "Butikken sluttar å selje ski.",
    "Ada Berg var tidlegare tilsett som dagleg leiar i Lakeline.",
    # Swedish
    "Tåget avgår från spår tre.",
    "Ada Berg var tidigare anställd som finanschef.",
    "Vi söker en säljare till Malmö.",
    # Danish
    "Toget stopper i Odense.",
    "Butikken stopper salget af ski.",
    "Vi søger en sælger til Odense.",
    # Finnish
    "Juna lähtee raiteelta kolme.",
    "Etsimme myyjää Turkuun.",
    "Ada Berg oli aiemmin nimitetty talousjohtajaksi.",
]


# Kinds told of one sentence of a filing, and no other.
FILED = [
    ({DEPARTED}, "Mr. Berg and Fjordex agreed to part ways on June 1, 2031."),
    ({DEPARTED}, "Fjordex terminated, without cause, the employment of Ada Berg."),
    (
        {DEPARTED},
        "It was agreed that Mr. Berg's employment with Fjordex would terminate in May.",
    ),
    ({DEPARTED}, "The employment of Ada Berg as President was terminated on May 3."),
    ({DEPARTED}, "Ada Berg has elected to retire from the Board in May."),
    ({DEPARTED}, "She does not intend to stand for re-election as a director."),
    ({DEPARTED}, "The Board removed Ada Berg from her position as President."),
    ({DEPARTED}, "Fjordex eliminated the position of Chief Operating Officer."),
    ({DEPARTED}, "Ada Berg's position as Chief Operating Officer was eliminated."),
    ({DEPARTED}, "Ada Berg will transition from Chief Financial Officer to adviser."),
    ({DEPARTED}, "Ada Berg left the employ of Fjordex on June 1, 2031."),
    (
        {DEPARTED},
        "Following his appointment as Chief Executive Officer of Lakeline, Mr. Berg"
        " notified Fjordex that he was resigning from the Board.",
    ),
    ({APPOINTED}, "Ada Berg has accepted the position of Chief Financial Officer."),
    ({APPOINTED}, "Ada Berg will take over as Chief Executive Officer in May."),
    ({APPOINTED}, "Ada Berg began her employment as Chief Technology Officer."),
    ({APPOINTED}, "Her title was changed to Chief Commercial Officer."),
    ({APPOINTED}, "The Board confirmed Ada Berg as Chief Executive Officer."),
    (
        {APPOINTED},
        "Ada Berg will perform the functions of principal financial officer.",
    ),
    ({INTERIM}, "Ada Berg agreed to serve as Chief Executive Officer for an interim."),
    ({BOARD}, "The shareholders elected Ada Berg and Ola Vik as directors in May."),
    ({BOARD}, "The Board appointed Ada Berg to fill the new seat."),
    ({BOARD}, "The Board elected Ada Berg to the newly created directorship."),
    ({BOARD}, "Ada Berg joined the Company's Board of Directors on May 3, 2031."),
    (set(), "The base salaries of the named executive officers, the President among."),
    (
        set(),
        "The committee appointed by the Board approved targets for the Chief Executive"
        " Officer.",
    ),
    (set(), "The plan covers elected officers such as the Chief Executive Officer."),
    (set(), "Non-employee directors elected to the Board receive a retainer."),
    (set(), "Each director elected at the annual meeting will receive 2,000 shares."),
    (set(), "A director who retires from the Board after ten years will be paid."),
    (set(), "Directors may elect to defer fees paid by the Board of Directors."),
    (set(), "The shareholders re-elected Ada Berg as a director."),
]


@pytest.mark.parametrize(("kinds", "text"), FILED)
def test_a_filing_claims_what_it_says_and_no_more(kinds, text):
    assert {claim.kind for claim in leadership_claims(text)} == kinds


@pytest.mark.parametrize(("kind", "text"), CLAIMED)
def test_a_change_is_claimed(kind, text):
    assert kind in {claim.kind for claim in leadership_claims(text)}


@pytest.mark.parametrize("text", SILENT)
def test_nothing_is_claimed(text):
    assert leadership_claims(text) == ()


def test_people_and_titles_of_the_sentence_are_named():
    (claim,) = leadership_claims("Fjordex appoints Ada B. Berg as Chief Risk Officer.")
    assert claim.people == ("Ada B. Berg",)
    assert claim.titles == ("Chief Risk Officer",)
