"""What is used up is said before it is gone; made up."""

from datetime import date
from pathlib import Path

import pytest

from orchestration.doctor import examine
from scrapers.source import load_source
from tests.rights import made_up_home

DAYS = made_up_home.DAYS


def quotas(home: Path) -> list[tuple[str, bool]]:
    found = [f for f in examine(home, today=DAYS[0]) if f.subject == "quota"]
    return [(f.sentence, f.is_fault) for f in found]


def land(home: Path, day: date, n_pages: int, n_refused: int = 0) -> None:
    pages = [
        made_up_home.page(f"/{n}", b"<p>side</p>" * 9, "content")
        for n in range(n_pages)
    ]
    refused = [
        made_up_home.page(
            f"/for-mye/{n}", b"", "content", outcome="blocked", http_status=429
        )
        for n in range(n_refused)
    ]
    made_up_home.land(home, day, *pages, *refused)


def test_a_quiet_home_has_room_and_nothing_used_up(tmp_path: Path) -> None:
    land(tmp_path, DAYS[0], 2)
    ((sentence, is_fault),) = quotas(tmp_path)
    assert "more than ten years" in sentence
    assert not is_fault


def test_used_up_pages_and_a_service_that_has_enough_are_said(tmp_path: Path) -> None:
    budget = load_source("company_pages").max_pages_per_account
    land(tmp_path, DAYS[0], budget, 3)
    told = " ".join(sentence for sentence, _ in quotas(tmp_path))
    assert f"1 of 1 accounts used all of their {budget} pages" in told
    assert "refused as asking too much 3 times" in told
    land(tmp_path, DAYS[1], budget - 1)
    assert "accounts used all" not in " ".join(s for s, _ in quotas(tmp_path))


@pytest.mark.parametrize(
    ("quota", "is_fault", "told"),
    [
        ("1", False, "of 1 GB"),
        ("0.000001", True, "make room"),
        ("much", True, "LYTTEPOST_QUOTA_GB is 'much'"),
    ],
)
def test_a_home_may_become_no_larger_than_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quota: str,
    is_fault: bool,
    told: str,
) -> None:
    land(tmp_path, DAYS[0], 9)
    monkeypatch.setenv("LYTTEPOST_QUOTA_GB", quota)
    sentence, is_it = quotas(tmp_path)[0]
    assert told in sentence
    assert is_it == is_fault
