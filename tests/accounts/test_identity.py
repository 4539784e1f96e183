"""Who an account is, from little: made-up companies."""

from pathlib import Path

import pytest

from orchestration.accounts.given import given_text, read_given
from orchestration.accounts.identity import Known, candidates, decided
from orchestration.accounts.places import BAR
from orchestration.accounts.watch_list import AccountsRefused
from scrapers.extract.site_facts import site_facts
from scrapers.lookups.register_search.read import RegisterUnit, register_units


def unit(number: str, name: str, **other: object) -> RegisterUnit:
    values: dict[str, object] = {
        "former_names": (),
        "legal_form": "AS",
        "home_domain": None,
        "email_domain": None,
        "parent_org_number": None,
        "place": "BODØ",
        "employees": None,
        "is_gone": False,
        "is_insolvent": False,
        **other,
    }
    return RegisterUnit(number, name, **values)  # type: ignore[arg-type]


OWN = unit("999601391", "TINDVIK SJØMAT AS", home_domain="tindvik.example")
HOLDING = unit("999601392", "TINDVIK SJØMAT HOLDING AS")
OTHER = unit("999601393", "TINDVIK BYGG AS", home_domain="tindvik.example")


def number(known: Known, *units: RegisterUnit) -> str | None:
    best = decided(candidates(known, units), BAR)
    return best.unit.org_number if best else None


def test_the_same_name_is_the_company_and_a_holding_is_not() -> None:
    assert number(Known("Tindvik Sjoemat", ()), OWN, HOLDING) == OWN.org_number
    assert number(Known("Tindvik Sjømat", ()), HOLDING) is None
    assert candidates(Known("Tindvik Sjømat", ()), [HOLDING])


def test_two_of_the_same_name_are_asked_about() -> None:
    twin = unit("999601394", "TINDVIK SJØMAT AS", place="OSLO")
    known = Known("Tindvik Sjømat", ())
    assert number(known, OWN, twin) is None
    reasons = [c.sentence() for c in candidates(known, [OWN, twin])]
    assert len(reasons) == 2
    assert "OSLO" in reasons[1]
    # What the register says of the home page settles it.
    with_domain = Known("Tindvik Sjømat", ("tindvik.example",))
    assert number(with_domain, OWN, twin) == OWN.org_number


def test_a_domain_that_a_group_shares_is_settled_by_what_the_site_says() -> None:
    only_domain = Known("", ("tindvik.example",))
    assert number(only_domain, OWN, OTHER) is None
    named = Known("", ("tindvik.example",), site_names=("Tindvik Sjømat",))
    assert number(named, OWN, OTHER) == OWN.org_number
    stated = Known("", ("tindvik.example",), site_numbers=(OTHER.org_number,))
    assert number(stated, OWN, OTHER) == OTHER.org_number


def test_the_landlord_of_a_domain_is_not_the_company() -> None:
    landlord = unit("999601395", "LOFOTLYS EIENDOM AS", home_domain="tindvik.example")
    known = Known("Tindvik Sjømat", ("tindvik.example",))
    assert number(known, landlord) is None
    (found,) = candidates(known, [landlord])
    assert "the names differ" in found.reasons


def test_a_former_name_counts_and_the_deleted_do_not() -> None:
    renamed = unit("999601396", "NORDBLINK AS", former_names=("TINDVIK SJØMAT AS",))
    known = Known("Tindvik Sjømat", ())
    assert number(known, renamed) == renamed.org_number
    assert "former name" in candidates(known, [renamed])[0].sentence()
    gone = unit("999601397", "TINDVIK SJØMAT AS", is_gone=True)
    assert number(known, gone) is None
    assert number(known, OWN, gone) == OWN.org_number
    sole_trader = unit("999601398", "TINDVIK SJØMAT", legal_form="ENK")
    assert candidates(known, [sole_trader]) == []


def test_an_answer_of_the_register_is_read_for_who_a_unit_is() -> None:
    body = """{"_embedded": {"enheter": [
      {"organisasjonsnummer": "999601391", "navn": "TINDVIK SJØMAT AS",
       "organisasjonsform": {"kode": "AS"}, "hjemmeside": "WWW.Tindvik.example/",
       "epostadresse": "post@tindvik.example", "overordnetEnhet": "999601392",
       "historiskeNavn": [{"navn": "VESTVIK AS"}], "konkurs": true,
       "forretningsadresse": {"poststed": "BODØ"}, "slettedato": "2024-01-01"},
      {"navn": "without a number"}]}}"""
    (found,) = register_units(body.encode())
    assert found.home_domain == found.email_domain == "tindvik.example"
    assert found.former_names == ("VESTVIK AS",)
    assert found.parent_org_number == "999601392"
    assert found.is_gone
    assert found.is_insolvent
    assert register_units(b'{"page": {"totalElements": 0}}') == ()
    assert register_units(b"<html>") == ()


SITE = """<html><head><title>Velkommen | Tindvik Sjømat</title>
<meta property="og:site_name" content="Tindvik Sjømat">
<link rel="alternate" type="application/rss+xml" href="/feed" title="Nytt">
<script type="application/ld+json">
{"@type": "Organization", "name": "Tindvik", "legalName": "Tindvik Sjømat AS"}</script>
</head><body><a href="https://jobs.example/tindvik">Ledige stillinger</a>
<iframe src="https://board.example/embed?for=tindvik"></iframe>
<p>Ring 999 601 392 for fisk.</p>
<footer>© 2025 Tindvik Sjømat AS. Org.nr.: NO 999 601 391 MVA</footer></body></html>"""


def test_a_page_says_who_it_is_and_where_else_it_speaks() -> None:
    facts = site_facts(SITE.encode(), "text/html", "https://tindvik.example/")
    assert facts.names[:2] == ("Tindvik Sjømat AS", "Tindvik")
    assert facts.org_numbers == ("999601391",)
    assert [f.url for f in facts.feeds] == ["https://tindvik.example/feed"]
    assert [link.url for link in facts.links] == [
        "https://jobs.example/tindvik",
        "https://board.example/embed?for=tindvik",
    ]
    assert site_facts(b"%PDF-1.4", None, "https://x.example/").names == ()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Tindvik Sjømat\nLofotlys AS\n", ["tindvik-sjomat", "lofotlys-as"]),
        ("999 601 391\nNO999601391MVA\n", ["999601391", "999601391-2"]),
        (
            "tindvik.example\nhttps://www.b.example/om\n",
            ["tindvik.example", "www.b.example"],
        ),
        ("name\nTindvik\nTindvik\n", ["tindvik", "tindvik-2"]),
        ("account_id;domain\nx1;a.example\n", ["x1"]),
    ],
)
def test_names_numbers_or_domains_alone_are_enough(
    tmp_path: Path, text: str, ids: list[str]
) -> None:
    file = tmp_path / "given.csv"
    file.write_text(text, encoding="utf-8")
    given = read_given(file)
    assert [row.account_id for row in given.rows] == ids
    # What is written reads the same again, so the ids stay.
    file.write_text(given_text(given.columns, given.rows), encoding="utf-8")
    again = read_given(file)
    assert [row.account_id for row in again.rows] == ids
    assert [row.domains for row in again.rows] == [row.domains for row in given.rows]


def test_other_columns_are_kept_and_bad_rows_told(tmp_path: Path) -> None:
    file = tmp_path / "given.csv"
    file.write_text("owner,name,org_number\nKari,Tindvik,\nOla,Feil,123456789\n")
    given = read_given(file)
    assert "Kari" in given_text(given.columns, given.rows)
    (fault,) = given.faults
    assert "line 3" in fault
    assert "MOD-11" in fault
    file.write_text("colour,shape\nred,round\n")
    with pytest.raises(AccountsRefused, match="none of the columns"):
        read_given(file)
