"""Which record an account is: the surest key decides, and a doubt is never a pick."""

import pytest

from orchestration.crm.destinations.protocol import RemoteCompany
from orchestration.crm.matching import AMBIGUOUS, proposals

NUMBER = "923609016"


def account(key="a", name="Fjordvik Møbler AS", org_number=None, domain=None):
    return {"account_id": key, "name": name, "org_number": org_number, "domain": domain}


def found(accounts, *companies):
    made = {m.key: m for m in proposals(accounts, companies)}
    assert len(made) == len(accounts)
    return made


@pytest.mark.parametrize(
    "written", [NUMBER, "923 609 016", "NO923609016MVA", "NO 923 609 016 MVA"]
)
def test_an_organisation_number_is_found_however_it_is_written(written):
    match = found(
        [account(org_number=NUMBER, domain="x.example")],
        RemoteCompany("1", "Et annet navn", written),
        RemoteCompany("2", "Fjordvik Møbler AS", None, "x.example"),
    )["a"]
    assert (match.remote_id, match.found_by) == ("1", "organisation number")
    assert not match.is_approved


@pytest.mark.parametrize(
    "written", ["x.example", "www.x.example", "https://www.X.example/om-oss"]
)
def test_then_the_domain(written):
    match = found([account(domain="x.example")], RemoteCompany("2", "?", None, written))
    assert (match["a"].remote_id, match["a"].found_by) == ("2", "domain")


def test_then_the_name_with_its_score():
    match = found(
        [account(name="Fjordvik Møbler AS")],
        RemoteCompany("3", "FJORDVIK MØBLER"),
        RemoteCompany("4", "Havbris Logistikk AS"),
    )["a"]
    assert (match.remote_id, match.found_by, match.score) == ("3", "name", 100.0)


def test_a_name_with_another_number_is_another_company():
    match = found(
        [account(org_number=NUMBER)], RemoteCompany("3", "Fjordvik Møbler", "974760673")
    )["a"]
    assert (match.remote_id, match.found_by) == (None, "nothing")


def test_what_is_like_nothing_goes_into_the_queue_to_create():
    match = found([account()], RemoteCompany("4", "Havbris Logistikk AS"))["a"]
    assert (match.remote_id, match.found_by) == (None, "nothing")


@pytest.mark.parametrize(
    "companies",
    [
        [RemoteCompany("1", "A", NUMBER), RemoteCompany("2", "B", "923 609 016")],
        [
            RemoteCompany("1", "Fjordvik Møbler"),
            RemoteCompany("2", "Fjordvik møbler AS"),
        ],
    ],
)
def test_two_that_would_do_are_a_doubt(companies):
    number = NUMBER if companies[0].org_number else None
    match = found([account(org_number=number)], *companies)["a"]
    assert (match.remote_id, match.found_by) == (None, AMBIGUOUS)


def test_two_accounts_are_not_one_record():
    matches = found(
        [account("a", domain="x.example"), account("b", domain="x.example")],
        RemoteCompany("1", "X", None, "x.example"),
    )
    assert {m.found_by for m in matches.values()} == {AMBIGUOUS}
    assert {m.remote_id for m in matches.values()} == {None}
