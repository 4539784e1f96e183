"""Without a recorded ground nobody is named in what is published; made up."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from orchestration.publish.opted_out import without_opted_out
from orchestration.publish.people import unnamed
from orchestration.publish.published import PUBLISHED, publish
from orchestration.publish.report import write_report
from orchestration.rights.policy import Policy, PolicyRefused, read_policy
from tests.publish.archive import archive, reader
from tests.scoring import made_up

AS_OF = made_up.AS_OF
PEOPLE = pl.DataFrame(
    {
        "name": ["Kari Nordmann", "Ola Hansen"],
        "person_key": ["kari nordmann", "ola hansen"],
        "title": ["Salgsdirektør", None],
        "notice_due_on": [date(2025, 3, 1), date(2025, 5, 1)],
    }
)


def by_role(as_of=date(2025, 4, 1), *, is_assessed=False, is_notified=False):
    return unnamed(
        PEOPLE, as_of, b"made up", is_assessed=is_assessed, is_notified=is_notified
    )


TABLE = pl.DataFrame(
    {
        "person_key": ["kari nordmann", "ola hansen", "per berg"],
        "subject": ["sales:3:kari nordmann", "it:3:ola hansen", None],
        "name": ["Kari Nordmann", "Ola Hansen", "Per Berg"],
        "talk_to_name": ["Kari Nordmann", "Ola Hansen", "Per Berg"],
        "why_now_nb": ["Kari Nordmann kom inn som sjef.", "Ola Hansens rolle", "Per"],
    }
)


def test_names_become_roles_and_keys_say_nothing() -> None:
    shown = by_role().tables({"t": TABLE})["t"]
    assert shown["name"].to_list() == ["Salgsdirektør", "rollens innehaver", "Per Berg"]
    assert shown["talk_to_name"].to_list() == [None, None, None]
    assert shown["why_now_nb"][0] == "Salgsdirektør kom inn som sjef."
    assert shown["person_key"].n_unique() == 3
    assert shown["subject"][0] == f"sales:3:{shown['person_key'][0]}"
    said = json.dumps(shown.to_dict(as_series=False), ensure_ascii=False).lower()
    assert "nordmann" not in said
    assert "hansen" not in said
    assert by_role().tables({"t": TABLE})["t"].equals(shown)


def test_an_assessment_names_people_until_their_notice_is_past_due() -> None:
    assert not by_role(is_assessed=True, is_notified=True)
    late = by_role(is_assessed=True)
    assert [name for name, _, _ in late.people] == ["Kari Nordmann"]
    shown = late.tables({"t": TABLE})["t"]
    assert shown["talk_to_name"].to_list() == [None, "Ola Hansen", "Per Berg"]


def test_no_name_is_in_what_is_published_nor_goes_to_a_crm(tmp_path: Path) -> None:
    tables = made_up.published_tables()
    names = sorted(
        {
            *tables["signals"]["person_name"].drop_nulls(),
            *made_up.people_events()["name"],
        }
    )
    assert len(names) > 1
    people = pl.DataFrame(
        {
            "name": names,
            "person_key": [name.lower() for name in names],
            "title": ["Leder"] * len(names),
            "notice_due_on": [date(2030, 1, 1)] * len(names),
        }
    )
    who = unnamed(people, AS_OF, b"made up", is_assessed=False, is_notified=False)
    visits, bodies = archive(tables["signals"])

    def report(folder, checked):
        write_report(
            folder,
            checked,
            accounts=made_up.accounts(48),
            home=tmp_path,
            visits=visits,
            read_payload=reader(bodies),
            quotes_only=True,
        )
        who.report(folder)

    version = publish(who.tables(tables), tmp_path, report, report_digest="by role")
    said = b"".join(f.read_bytes() for f in version.rglob("*") if f.is_file()).lower()
    parquet = "".join(
        str(pl.read_parquet(version / f"{name}.parquet").rows()) for name in PUBLISHED
    ).lower()
    for name in names:
        assert name.lower().encode() not in said
        assert name.lower() not in parquet
    # What a CRM gets is read from these.
    for name in ("crm_account_updates", "crm_tasks"):
        told = pl.read_parquet(version / f"{name}.parquet")
        assert told["talk_to_role"].drop_nulls().len() > 0
        assert told["talk_to_name"].drop_nulls().is_empty()


def test_a_policy_is_read_strictly(tmp_path: Path) -> None:
    file = tmp_path / "privacy.yml"
    assert read_policy(file) == Policy()
    file.write_text("legitimate_interest_assessment: Assessment 7\n")
    assert read_policy(file).legitimate_interest_assessment == "Assessment 7"
    for wrong in (
        "legitimate_intrest: x",
        "notice_record: true",
        "- a",
        "a: [",
        "notice_record: ''",
    ):
        file.write_text(wrong)
        with pytest.raises(PolicyRefused, match=r"privacy\.yml"):
            read_policy(file)


def test_who_opted_out_is_not_published_and_leaves_the_crm() -> None:
    tables = made_up.published_tables()
    scores = tables["account_scores"]
    gone = scores.filter(pl.col("attention_rank") == 1)["account_id"][0]
    opt_outs = pl.DataFrame(
        {"account_id": [gone, "other"], "domain": ["", "eksempel.example"]}
    )
    kept = without_opted_out(tables, opt_outs)
    for name in ("account_scores", "signals", "score_reasons", "account_timeline"):
        assert gone in set(tables[name]["account_id"]), name
        assert gone not in set(kept[name]["account_id"]), name
    assert kept["coverage"].equals(tables["coverage"])
    # A sync clears the fields of an account that is in the tables for CRMs no more.
    for name in ("crm_account_updates", "crm_tasks"):
        assert gone in set(tables[name]["account_id"]), name
        assert gone not in set(kept[name]["account_id"]), name


def test_a_domain_that_opted_out_takes_its_pages_along() -> None:
    pages = pl.DataFrame(
        {
            "account_id": ["a", "a", "a"],
            "url": [
                "https://eksempel.example/om",
                "https://www.eksempel.example/",
                "https://noteksempel.example/",
            ],
        }
    )
    opt_outs = pl.DataFrame({"account_id": ["a"], "domain": ["eksempel.example"]})
    kept = without_opted_out({"page_history": pages}, opt_outs)["page_history"]
    assert kept["url"].to_list() == ["https://noteksempel.example/"]
