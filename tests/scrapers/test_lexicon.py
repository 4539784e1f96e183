"""What an address and a label tell about a page."""

import pytest

from scrapers.families.page import clean_url, is_on
from scrapers.sources.company_pages.lexicon import PATHS
from scrapers.sources.company_pages.spider import (
    is_next_page,
    page_key,
    scope_of,
    scope_of_label,
    scope_of_path,
)

HOST = "http://eksempel.example"


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/team", "leadership"),
        ("/team/", "leadership"),
        ("/people", "leadership"),
        ("/about/leadership", "leadership"),
        ("/om-oss/ledelse", "leadership"),
        ("/om-oss/v%C3%A5re-folk", "leadership"),
        ("/Om_oss/Ledergruppen.html", "leadership"),
        ("/om-oss/leiinga", "leadership"),
        ("/om-oss/ledning", "leadership"),
        ("/om-os/direktion", "leadership"),
        ("/yritys/johtoryhmä", "leadership"),
        ("/en/about-us/management", "leadership"),
        ("/wer-wir-sind", "about"),
        ("/om-oss", "about"),
        ("/meistä", "about"),
        ("/ledige-stillinger", "careers"),
        ("/no/ledige-stillinger", "careers"),
        ("/lediga-jobb/", "careers"),
        ("/avoimet-tyopaikat", "careers"),
        ("/aktuelt", "news"),
        ("/about/news", "news"),
        ("/tjenester", "services"),
        ("/tenester/radgjeving", "services"),
        ("/produkter", "products"),
        ("/tuotteet", "products"),
        ("/no/priser", "prices"),
        ("/pricing", "prices"),
        ("/våre-kunder", "customers"),
        ("/referenser", "customers"),
        ("/samarbejdspartnere", "partners"),
        ("/om-oss/strategi", "strategy"),
        ("/bærekraft", "sustainability"),
        ("/vastuullisuus", "sustainability"),
        ("/investor-relations", "investor"),
        ("/sijoittajille", "investor"),
        ("/kontakt-oss", "contact"),
        ("/yhteystiedot", "contact"),
        ("/org-chart/", "organisation"),
        ("/om-konsernet/konsernstruktur", "organisation"),
        ("/terms-of-service", "content"),
        ("/ledige-stillinger/selger-oslo-17", "job"),
        ("/no/karriere/stilling/4711", "job"),
        ("/stilling/4711", "job"),
        ("/karriere/fordeler", "content"),
        ("/aktuelt/00042", "article"),
        ("/blog/2026/02/our-team", "article"),
        ("/nyheter/kategori", None),
        ("/team/ola-nordmann", "profile"),
        ("/hva-som-helst", None),
        ("/", None),
    ],
)
def test_an_address_tells_what_a_page_is(path: str, scope: str | None) -> None:
    assert scope_of_path(HOST + path) == scope


def test_the_name_of_a_subdomain_tells_of_its_front_page_only() -> None:
    assert scope_of_path("http://karriere.eksempel.example/") == "careers"
    assert scope_of_path("http://jobs.example/") is None
    assert scope_of_path("http://karriere.eksempel.example/x") is None


@pytest.mark.parametrize(
    ("label", "scope"),
    [
        ("Team", "leadership"),
        ("Vårt team", "leadership"),
        ("Ledergruppen", "leadership"),
        ("Konsernledelsen", "leadership"),
        ("Våre folk", "leadership"),
        ("Møt ledelsen!", "leadership"),
        ("Företagsledning", "leadership"),
        ("Jobb hos oss", "careers"),
        ("We’re hiring", "careers"),
        ("Om oss", "about"),
        ("Press", "news"),
        ("Teamarbeid og verktøy", None),
        ("Depresjon i arbeidslivet", None),
        ("Ny leder for de ansatte i Eksempel etter langt søk", None),
        ("", None),
    ],
)
def test_a_label_tells_what_its_link_leads_to(label: str, scope: str | None) -> None:
    assert scope_of_label(label) == scope


def test_the_address_is_believed_before_the_label() -> None:
    assert scope_of(f"{HOST}/ledige-stillinger/leder", "Team") == "job"
    assert scope_of(f"{HOST}/x/y", "Vårt team") == "leadership"


def test_words_of_paths_are_written_as_they_are_compared() -> None:
    for _, words in PATHS:
        assert {word for word in words if not word.isascii()} == set()
        assert {word for word in words if word != word.lower()} == set()


@pytest.mark.parametrize(
    ("address", "cleaned"),
    [
        ("HTTP://Eksempel.example", "http://eksempel.example/"),
        ("http://eksempel.example:80/a/#b", "http://eksempel.example/a/"),
        (f"{HOST}/a?utm_source=x&b=1&fbclid=2", f"{HOST}/a?b=1"),
        (f"{HOST}/våre folk", f"{HOST}/v%C3%A5re%20folk"),
        (f"{HOST}/v%C3%A5re", f"{HOST}/v%C3%A5re"),
        (f"{HOST}/rapport.PDF", None),
        ("mailto:post@eksempel.example", None),
        ("http://[eksempel", None),
        ("http://eksempel.example:x/", None),
        ("http:///a", None),
    ],
)
def test_an_address_is_written_in_one_way(address: str, cleaned: str | None) -> None:
    assert clean_url(address) == cleaned
    assert cleaned is None or clean_url(cleaned) == cleaned


def test_a_company_is_its_domains_and_their_subdomains() -> None:
    domains = ("eksempel.example",)
    assert is_on(f"{HOST}/a", domains)
    assert is_on("https://karriere.eksempel.example/", domains)
    assert not is_on("https://noteksempel.example/", domains)
    assert not is_on("https://eksempel.example.evil.example/", domains)


@pytest.mark.parametrize(
    ("address", "is_next"),
    [
        ("/jobb?page=2", True),
        ("/jobb/?side=3", True),
        ("/jobb/side/2", True),
        ("/jobb/page/2/", True),
        ("/jobb?page=1", False),
        ("/jobb", False),
        ("/jobb?page=2&avdeling=it", False),
        ("/andre?page=2", False),
        ("/jobb?page=to", False),
    ],
)
def test_later_pages_of_a_list_are_known(address: str, is_next: bool) -> None:
    assert is_next_page(HOST + address, f"{HOST}/jobb") is is_next


def test_spellings_of_one_page_have_one_key() -> None:
    assert page_key("https://www.eksempel.example/a/") == page_key(f"{HOST}/a")
    assert page_key(f"{HOST}/a?b=1") != page_key(f"{HOST}/a")
