"""All that is held of a person is told, with source, dates and ground; made up."""

from datetime import UTC, date, datetime
from pathlib import Path

from orchestration.rights.access import access
from orchestration.rights.erase import erase
from orchestration.rights.policy import LEGAL_BASIS
from orchestration.settings import DBT_DIR
from tests.rights import made_up_home
from tests.rights.made_up_home import PERSON


def test_what_is_held_before_and_after_an_erasure(tmp_path: Path) -> None:
    home = made_up_home.make(tmp_path)
    held = access(home, PERSON)
    assert {s.source for s in held.seen} == {"company_pages", "brreg_registry"}
    page = next(s for s in held.seen if s.url.endswith("/ledelsen"))
    assert (page.first_at.date(), page.last_at.date()) == (
        date(2026, 3, 2),
        date(2026, 3, 16),
    )
    assert page.account_id == "a1"
    assert held.notice_due_on == date(2026, 4, 2)
    assert any(table.startswith("published/") for table, _ in held.rows)
    assert any(name.endswith("index.db") for name in held.files)
    assert any(name.endswith(".warc.gz") for name in held.files)
    said = held.text()
    assert LEGAL_BASIS in said
    assert "kept for 1825 days" in said
    assert held.as_dict()["notice_due_on"] == "2026-04-02"

    erase(home, PERSON, datetime(2026, 4, 1, tzinfo=UTC))
    after = access(home, PERSON)
    assert (after.seen, after.rows, after.files) == ((), (), ())
    assert "erased here on 2026-04-01" in after.text()
    assert "Nothing is held here" in after.text()
    assert access(home, "Marte Solheim").seen


def test_the_tables_and_the_command_name_one_ground() -> None:
    macro = (DBT_DIR / "macros" / "people.sql").read_text()
    assert f"'{LEGAL_BASIS}'" in macro
