"""Who held a role before, as plays say it: from tenures, read as of a day."""

from datetime import datetime

from orchestration.scoring.people import listed, predecessor, tenures
from orchestration.scoring.plays import _extra


def _slot(name: str, **columns: object) -> dict:
    return {
        "tenure_id": name,
        "account_id": "a",
        "source": "company_pages",
        "person_key": name.lower(),
        "name": name,
        "title": "Salgsdirektør",
        "function": "sales",
        "seniority": 3,
        "is_interim": False,
        "is_left_censored": True,
        "known_at": datetime(2025, 1, 13),
        "from_lo": None,
        "from_hi": datetime(2025, 1, 6),
        "to_lo": None,
        "to_hi": None,
        "ended_by": None,
        "ended_known_at": None,
        "end_superseded_at": None,
    } | columns


MOVED = _slot(
    "Kari Nord",
    to_lo=datetime(2025, 3, 3),
    to_hi=datetime(2025, 3, 10),
    ended_by="moved",
    ended_known_at=datetime(2025, 3, 17),
)
NEW = {
    "person_name": "Ola Vik",
    "seniority": 3,
    "effective_pt": datetime(2025, 3, 20),
}


def test_a_predecessor_who_moved_within_the_company_is_told_with_the_tenure() -> None:
    known = tenures([MOVED], datetime(2025, 4, 1))
    before = predecessor(NEW, "sales", known)
    assert before is not None
    said = _extra(before, known, 0)[0]
    assert "Kari Nord fikk en annen rolle" in said.nb
    assert "hadde hatt rollen minst siden 6. januar 2025" in said.nb
    assert "took another role" in said.en


def test_an_observed_beginning_is_said_without_at_the_latest() -> None:
    began = MOVED | {"is_left_censored": False, "from_lo": datetime(2025, 1, 4)}
    known = tenures([began], datetime(2025, 4, 1))
    before = predecessor(NEW, "sales", known)
    assert before is not None
    assert _extra(before, known, 0)[0].nb.endswith("rollen siden 5. januar 2025.")


def test_what_became_known_later_is_not_told() -> None:
    assert predecessor(NEW, "sales", tenures([MOVED], datetime(2025, 3, 16))) is None
    assert tenures([MOVED], datetime(2025, 1, 12)) == []


def test_an_end_that_was_withdrawn_is_none() -> None:
    back = MOVED | {"end_superseded_at": datetime(2025, 3, 24)}
    assert predecessor(NEW, "sales", tenures([back], datetime(2025, 3, 20))) is not None
    assert predecessor(NEW, "sales", tenures([back], datetime(2025, 4, 1))) is None


def test_tenures_are_no_listings() -> None:
    assert listed(tenures([_slot("Kari Nord")], datetime(2025, 4, 1))) == []
