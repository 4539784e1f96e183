"""A change that breaks readers of a table needs a major version and a note."""

import copy

import pytest

from orchestration.contracts import changes

MADE_UP = {
    "version": "1.3.0",
    "key": ["account_id", "as_of"],
    "columns": {
        "account_id": {"type": "varchar", "required": True},
        "as_of": {"type": "date", "required": True},
        "score": {
            "type": "double",
            "required": False,
            "minimum": 0.0,
            "maximum": 1.0,
        },
        "state": {"type": "varchar", "required": True, "values": ["a", "b"]},
    },
}


def changed(version: str = "1.3.0", **columns: dict | None) -> dict:
    """The made-up promise with some of its columns changed (None: taken away)."""
    made = copy.deepcopy(MADE_UP) | {"version": version}
    for name, column in columns.items():
        if column is None:
            del made["columns"][name]
        else:
            made["columns"][name] = made["columns"].get(name, {}) | column
    return made


BREAKING = {
    "removed": {"score": None},
    "renamed": {"score": None, "points": {"type": "double", "required": False}},
    "another type": {"score": {"type": "bigint"}},
    "may be empty": {"state": {"required": False}},
    "required": {"score": {"required": True}},
    "narrower": {"score": {"minimum": 0.1}},
    "fewer values": {"state": {"values": ["a"]}},
    "a pattern": {"account_id": {"pattern": "^x"}},
    "a closed list": {"account_id": {"values": ["x"]}},
    "another rule": {"score": {"rules": [{"type": "made_up"}]}},
}
HARMLESS = {
    "a new column": {"extra": {"type": "double", "required": False}},
    "wider": {"score": {"minimum": -1.0}},
    "more values": {"state": {"values": ["a", "b", "c"]}},
}


def faults(tmp_path, after: dict) -> list[str]:
    return changes.faults({"bi/made_up": MADE_UP}, {"bi/made_up": after}, tmp_path)


@pytest.mark.parametrize("columns", BREAKING.values(), ids=BREAKING)
def test_what_breaks_readers_needs_a_major_version_and_a_note(tmp_path, columns):
    (name, *_) = columns
    same = faults(tmp_path, changed("1.3.0", **columns))
    assert any("make it version 2.0.0" in fault for fault in same)
    assert any("write docs/migrations/bi.made_up-2.md" in fault for fault in same)
    minor = faults(tmp_path, changed("1.4.0", **columns))
    assert any("breaks who reads version 1.3.0" in fault for fault in minor)
    (no_note,) = faults(tmp_path, changed("2.0.0", **columns))
    assert name in no_note
    note = tmp_path / "bi.made_up-2.md"
    note.write_text("Read something else.")
    (unnamed,) = faults(tmp_path, changed("2.0.0", **columns))
    assert unnamed == f"bi/made_up: bi.made_up-2.md does not name {name}"
    note.write_text(f"Instead of `{name}` read something else.")
    assert faults(tmp_path, changed("2.0.0", **columns)) == []
    assert len(faults(tmp_path, changed("1.4.0", **columns))) == 1


@pytest.mark.parametrize("columns", HARMLESS.values(), ids=HARMLESS)
def test_what_breaks_nobody_needs_a_minor_version(tmp_path, columns):
    (told,) = faults(tmp_path, changed("1.3.0", **columns))
    assert told.endswith("make it version 1.4.0")
    assert faults(tmp_path, changed("1.4.0", **columns)) == []


def test_another_key_breaks_readers(tmp_path):
    other = changed() | {"key": ["account_id"]}
    assert any("has the key (account_id)" in f for f in faults(tmp_path, other))


def test_a_version_never_goes_back_and_a_table_that_is_gone_is_told_of(tmp_path):
    (told,) = faults(tmp_path, changed("1.2.0"))
    assert "is below" in told
    (gone,) = changes.faults({"bi/made_up": MADE_UP}, {}, tmp_path)
    assert "write bi.made_up.md" in gone
    assert changes.faults({}, {"bi/made_up": MADE_UP}, tmp_path) == []


def test_a_rename_says_what_it_may_have_become():
    found = changes.changes(MADE_UP, changed(**BREAKING["renamed"]))
    assert [c.what for c in found if c.breaks] == ["is gone (renamed to points?)"]


def test_the_contracts_keep_what_was_published_last():
    missing = changes.faults(
        changes.read_lock(), changes.promised_now(), changes.MIGRATIONS
    )
    assert not missing, "\n".join(missing)


def test_the_lock_is_read_as_it_was_recorded(tmp_path):
    file = tmp_path / "lock.yml"
    changes.record(file)
    assert changes.read_lock(file) == changes.promised_now()
