"""What every published table promises its readers: grain, joins, plain columns."""

import pytest

from orchestration.contracts import odcs
from orchestration.contracts.frames import polars_type
from orchestration.publish.published import PUBLISHED

KEYS = {
    "account_id": "dim_accounts.account_id",
    "signal_type": "dim_signal_types.signal_type",
    "source": "dim_sources.source",
    "signal_id": "signals.signal_id",
    "as_of": "dim_days.day",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_table_says_its_grain_and_what_it_is_joined_with(name):
    promise = odcs.contract(PUBLISHED[name])
    assert promise.grain
    for column, target in KEYS.items():
        if column in promise.column_names and target != f"{name}.{column}":
            assert promise.joins.get(column) == target, column


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_join_leads_to_the_key_of_a_published_table_of_the_same_type(name):
    promise = odcs.contract(PUBLISHED[name])
    kinds = {c.name: c.physical_type for c in promise.columns}
    for column, target in promise.joins.items():
        table, key = target.split(".")
        other = odcs.contract(PUBLISHED[table])
        assert other.primary_key == (key,)
        (wanted,) = [c.physical_type for c in other.columns if c.name == key]
        assert kinds[column].removesuffix("[]") == wanted, column


@pytest.mark.parametrize("name", PUBLISHED)
def test_no_column_hides_a_structure(name):
    for column in odcs.contract(PUBLISHED[name]).columns:
        assert "json" not in column.name
        assert "json" not in column.physical_type
        # A list of plain values at most: it is unnested and joined.
        assert not polars_type(column.physical_type.removesuffix("[]")).is_nested()


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"property": "joinKeys", "value": {"nobody": "a.b"}}, "nobody"),
        ({"property": "asOf", "value": {"known": "nothing"}}, "nothing"),
        ({"property": "asOf", "value": {"until": "name"}}, "either day or known"),
        ({"property": "other", "value": {}}, "other"),
    ],
)
def test_what_a_table_says_of_itself_is_read_strictly(
    tmp_path, monkeypatch, said, fault
):
    import yaml

    document = yaml.safe_load(
        (odcs.CONTRACTS_DIR / "accounts.odcs.yml").read_text(encoding="utf-8")
    )
    document["schema"][0]["customProperties"] = [said]
    (tmp_path / "t.odcs.yml").write_text(yaml.safe_dump(document))
    monkeypatch.setattr(odcs, "CONTRACTS_DIR", tmp_path)
    with pytest.raises(odcs.ContractError, match=fault):
        odcs.contract.__wrapped__("t")
