"""explain: everything about a number, and why there is none."""

import json
import math

import pytest

from orchestration.scoring.explain import NotExplained, explain
from tests.scoring import made_up


@pytest.fixture(scope="module")
def tables():
    made = made_up.scores()
    lists = made_up.published_tables()
    return {
        "account_scores": lists["account_scores"],
        "account_score_history": lists["account_score_history"],
        "talk_to_now": lists["talk_to_now"],
        "score_reasons": made.score_reasons,
        "accounts": made_up.accounts(),
        "coverage_daily": made_up.coverage_daily(),
    }


def test_a_scored_account_is_told_with_number_reasons_play_and_coverage(tables):
    told = explain("Fjordvik Møbler", None, tables | {"accounts": made_up.accounts(20)})
    text = told.text()
    for said in (
        "Probability ",
        "90 % interval",
        "Base rate   3.0%",
        "Tormod Haugdal",
        "Snakk med / talk to: Tormod Haugdal, Salgsdirektør",
        "act before 2026-02-17",
        "evidence: " + made_up.signal_id(1),
        "company_pages: fresh",
    ):
        assert said in text
    as_dict = json.loads(json.dumps(told.as_dict()))
    p = as_dict["score"]["probability"]
    total = sum(r["contribution"] for r in as_dict["reasons"])
    assert math.isclose(total, math.log(p / (1 - p)), abs_tol=1e-9)
    assert as_dict["reasons"][0]["signal_type"] == "intercept"


def test_an_abstained_account_is_told_why_and_gets_no_number(tables):
    told = explain(made_up.account_id(18), None, tables)
    assert "No probability: No fresh observation" in told.text()
    assert "company_pages: blocked" in told.text()
    assert "Probability " not in told.text()
    assert told.reasons == ()


@pytest.mark.parametrize(
    ("account", "as_of", "said"),
    [
        ("Nobody AS", None, "no account"),
        ("Havbris", made_up.date(2020, 1, 1), "fits 3 accounts"),
        ("acc-000", made_up.date(2020, 1, 1), "no score as of 2020-01-01"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(tables, account, as_of, said):
    with pytest.raises(NotExplained, match=said):
        explain(account, as_of, tables)
