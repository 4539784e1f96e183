"""crm_account_updates and crm_tasks: one row each, and no row changes for nothing."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from orchestration.contracts.expectations import validate
from orchestration.contracts.odcs import contract
from orchestration.crm import tables as crm
from orchestration.scoring.plays import load_plays
from tests.scoring import made_up

DAY = made_up.AS_OF
PLAYS = load_plays()
STOPS = {play.id: play.stop for play in PLAYS.plays}


@pytest.fixture(scope="module")
def made():
    return made_up.scores()


@pytest.fixture(scope="module")
def scores(made) -> pl.DataFrame:
    return made.score_days


@pytest.fixture(scope="module")
def lists(made) -> pl.DataFrame:
    return made_up._lists(made)


@pytest.fixture(scope="module")
def listed(lists) -> str:
    return lists.filter("is_listed")["account_id"][0]


def on(frame: pl.DataFrame, day: date) -> pl.DataFrame:
    return frame.with_columns(pl.lit(day).alias("as_of"))


def changed(frame: pl.DataFrame, account: str, **values) -> pl.DataFrame:
    mine = pl.col("account_id") == account
    return frame.with_columns(
        pl.when(mine).then(pl.lit(v, frame.schema[c])).otherwise(pl.col(c)).alias(c)
        for c, v in values.items()
    )


def updates(scores, lists, accounts=None, opted_out=frozenset(), previous=None):
    accounts = made_up.accounts() if accounts is None else accounts
    return crm.account_updates(scores, lists, accounts, opted_out, previous)


def tasks(scores, lists, signals=None, opted_out=frozenset(), cooldown_days=30):
    return crm.tasks(
        scores,
        lists,
        made_up.signals() if signals is None else signals,
        made_up.accounts(),
        opted_out,
        stops=STOPS,
        cooldown_days=cooldown_days,
    )


def test_both_keep_their_contracts(scores, lists):
    for name, frame in (
        ("crm_account_updates", updates(scores, lists)),
        ("crm_tasks", tasks(scores, lists)),
    ):
        verdict = validate(contract(f"crm/{name}").in_warehouse, frame)
        assert verdict.is_kept, verdict.sentence()
        assert frame.height


def test_updated_at_is_the_day_from_which_the_row_reads_as_it_does(scores, lists):
    days = [DAY + timedelta(days=7 * i) for i in range(3)]
    account = made_up.account_id(0)
    history = pl.concat(
        [
            on(scores, days[0]),
            on(changed(scores, account, talk_to_name="Ny Person"), days[1]),
            on(changed(scores, account, talk_to_name="Ny Person"), days[2]),
        ]
    )
    listed = pl.concat([on(lists, day) for day in days])
    frame = updates(history, listed)
    at = dict(frame.select("account_id", "updated_at").iter_rows())
    assert at.pop(account) == datetime(*days[1].timetuple()[:3])
    assert set(at.values()) == {datetime(*days[0].timetuple()[:3])}
    # However many days came since the table was made, and if it never was.
    assert updates(history, listed, previous=frame).equals(frame)
    first = updates(on(scores, days[0]), on(lists, days[0]))
    assert updates(history, listed, previous=first).equals(frame)


def test_a_probability_that_moves_less_than_is_shown_changes_nothing(scores, lists):
    later = DAY + timedelta(days=1)
    moved = on(scores, later).with_columns(
        pl.col("probability").round(3) + 0.0001, pl.col("lift").round(1) + 0.01
    )
    history = pl.concat([scores, moved])
    frame = updates(history, pl.concat([lists, on(lists, later)]))
    assert set(frame["updated_at"]) == {datetime(*DAY.timetuple()[:3])}


def test_another_organisation_number_is_another_row_from_today(scores, lists):
    before = updates(scores, lists)
    accounts = changed(
        made_up.accounts(), made_up.account_id(0), org_number="923609016"
    )
    later = DAY + timedelta(days=1)
    after = updates(on(scores, later), on(lists, later), accounts, previous=before)
    differs = after.join(before, on="update_key", suffix="_was").filter(
        pl.col("row_hash") != pl.col("row_hash_was")
    )
    assert differs["account_id"].to_list() == [made_up.account_id(0)]
    assert differs["updated_at"].to_list() == [datetime(*later.timetuple()[:3])]


@pytest.mark.parametrize("how", ["opted out", "off the list"])
def test_an_account_that_is_gone_says_deleted_and_nothing_else(scores, lists, how):
    account, before = made_up.account_id(0), updates(scores, lists)
    accounts, out = made_up.accounts(), frozenset()
    if how == "opted out":
        out = frozenset([account])
    else:
        accounts = accounts.filter(pl.col("account_id") != account)
    for previous in (before, None):
        frame = updates(scores, lists, accounts, out, previous)
        row = frame.filter(pl.col("account_id") == account).row(0, named=True)
        assert row["is_deleted"]
        assert row["name"] is row["talk_to_name"] is row["probability"] is None
    assert updates(scores, lists, accounts, out, frame).equals(frame)


def test_no_row_is_there_twice_and_none_is_lost(scores, lists):
    frame = updates(scores, lists)
    assert frame["update_key"].n_unique() == frame.height == scores.height


def test_one_task_is_open_an_account_offer_and_play(scores, lists):
    days = [DAY + timedelta(days=7 * i) for i in range(4)]
    frame = tasks(
        pl.concat([on(scores, d) for d in days]),
        pl.concat([on(lists, d) for d in days]),
    )
    open_ = frame.filter(pl.col("status") == "open")
    assert open_.select("account_id", "offer", "play").is_unique().all()
    assert frame.height == lists.filter("is_listed").height
    assert set(frame["opened_on"]) == {DAY}
    assert set(frame["updated_at"]) == {datetime(*DAY.timetuple()[:3])}


def test_the_text_says_who_why_what_and_until_when(scores, lists, listed):
    row = tasks(
        scores,
        lists.with_columns(
            signal_lift=pl.lit(2.4), signal_fired=pl.lit(31, pl.Int64())
        ),
    ).filter(pl.col("account_id") == listed)
    (row,) = row.iter_rows(named=True)
    for language, words in (("nb", "2.4 ganger"), ("en", "2.4 times")):
        body = row[f"body_{language}"]
        assert row["talk_to_role"] in body
        assert row[f"why_now_{language}"] in body
        assert row[f"opening_question_{language}"] in body
        assert row[f"do_not_say_{language}"] in body
        assert row["evidence_url"] in body
        assert words in body
        assert "31" in body
        assert row["expires_on"].isoformat() in body


def test_a_lift_that_moves_is_no_reason_to_write_a_task_anew(scores, lists):
    before = tasks(scores, lists)
    after = tasks(scores, lists.with_columns(signal_lift=pl.lit(2.4)))
    assert after["row_hash"].equals(before["row_hash"])
    assert not after["body_nb"].equals(before["body_nb"])


def stopped(account: str, kind: str, day: date) -> pl.DataFrame:
    extra = made_up.signal(
        99, int(account[-3:]), kind, day, known_at=datetime(*day.timetuple()[:3])
    )
    return pl.concat([made_up.signals(), made_up._frame("signals", [extra])])


@pytest.mark.parametrize(
    ("state", "signal", "reason"),
    [
        ({"window_state": "closed"}, None, "window closed"),
        ({"window_state": "none", "play": None}, "insolvency", "insolvency"),
        ({"window_state": "none", "play": None}, "tender_open", "tender open"),
        ({"window_state": "none", "play": None}, None, "the change no longer stands"),
        ({"play": "reorg_or_merger"}, None, "another play came first"),
    ],
)
def test_a_task_closes_with_its_reason_and_names_nobody(
    scores, lists, listed, state, signal, reason
):
    later = DAY + timedelta(days=7)
    history = pl.concat([scores, on(changed(scores, listed, **state), later)])
    signals = stopped(listed, signal, later) if signal else None
    frame = tasks(history, lists, signals)
    first = frame.filter(
        (pl.col("account_id") == listed) & (pl.col("opened_on") == DAY)
    ).row(0, named=True)
    assert first["status"] == "closed"
    assert first["closed_reason"] == reason
    assert first["closed_on"] == later
    assert first["talk_to_name"] is first["why_now_nb"] is first["body_nb"] is None
    verdict = validate(contract("crm/crm_tasks").in_warehouse, frame)
    assert verdict.is_kept, verdict.sentence()


def test_a_post_that_was_filled_closes_what_rested_on_its_vacancy(scores, lists):
    # Whether such a vacancy is on the list is for weights to say, not for this test.
    account = lists.filter(pl.col("play") == "leader_gone_vacant")["account_id"][0]
    lists = changed(lists, account, is_listed=True)
    later = DAY + timedelta(days=7)
    gone = changed(scores, account, window_state="none", play=None)
    frame = tasks(
        pl.concat([scores, on(gone, later)]),
        lists,
        stopped(account, "functional_leader_appointed", later),
    )
    row = frame.filter(pl.col("account_id") == account).row(0, named=True)
    assert row["closed_reason"] == "role filled"


def test_an_account_that_opted_out_has_its_tasks_closed(scores, lists, listed):
    frame = tasks(scores, lists, opted_out=frozenset([listed]))
    row = frame.filter(pl.col("account_id") == listed).row(0, named=True)
    assert (row["status"], row["talk_to_name"]) == ("closed", None)


@pytest.mark.parametrize(("after_days", "n"), [(20, 1), (37, 2)])
def test_a_play_opens_again_only_after_its_cooldown(
    scores, lists, listed, after_days, n
):
    closed_on, again = DAY + timedelta(days=7), DAY + timedelta(days=after_days)
    history = pl.concat(
        [
            scores,
            on(changed(scores, listed, window_state="closed"), closed_on),
            on(scores, again),
        ]
    )
    frame = tasks(history, pl.concat([lists, on(lists, again)]))
    mine = frame.filter(pl.col("account_id") == listed)
    assert mine.height == n
    assert mine["task_key"].n_unique() == n


def test_what_is_beyond_the_attention_budget_is_no_task(scores, lists):
    frame = tasks(scores, lists)
    assert frame.height == PLAYS.attention_budget == 10
    assert lists.height > frame.height


def test_nothing_scored_is_nothing_to_say(scores, lists):
    frame = updates(scores.clear(), lists.clear())
    assert frame.is_empty()
    assert tasks(scores.clear(), lists.clear()).is_empty()
