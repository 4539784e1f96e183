"""What fails for a while is tried again by runs that nobody waits for."""

from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from orchestration import progress, settings
from orchestration.crawl import CrawlFailed
from orchestration.defs.daily import defs as daily
from orchestration.defs.landing import assets
from orchestration.defs.patience import again_later, unforeseen
from scrapers.crawl_context import NETWORK_GONE

SCHEDULED = {"dagster/schedule_name": "every_morning"}
BY_SENSOR = {"dagster/sensor_name": "downstream_follows"}


def context(tags: dict[str, str], retry_number: int = 0) -> Any:
    """As much of a step's context as is looked at."""
    return SimpleNamespace(
        run=SimpleNamespace(tags=tags),
        retry_number=retry_number,
        partition_keys=["2026-01-05"],
    )


def test_waits_double_and_nobody_is_kept_waiting() -> None:
    assert again_later(context({}), 5, 600) is None
    for tags in (SCHEDULED, BY_SENSOR):
        waits = []
        for number in range(5):
            later = again_later(context(tags, number), 5, 600)
            assert later is not None
            assert later.max_retries == 5
            waits.append(later.seconds_to_wait)
        assert waits == [600, 1200, 2400, 4800, 9600]


@pytest.mark.parametrize(
    ("tags", "reason", "raised"),
    [
        (SCHEDULED, f"{NETWORK_GONE}: 5 hosts say nothing", dg.RetryRequested),
        ({}, f"{NETWORK_GONE}: 5 hosts say nothing", dg.Failure),
        (SCHEDULED, "the spider failed on 9 of 9 answers", dg.Failure),
    ],
)
def test_a_crawl_waits_for_the_network_and_for_nothing_else(
    tags: dict[str, str],
    reason: str,
    raised: type[Exception],
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise CrawlFailed(f"the crawl ended with exit code 1: 2026-01-05: {reason}")

    settings.use_home(tmp_path)
    monkeypatch.setattr(assets, "crawl", gone)
    monkeypatch.setattr(assets, "refuse_past_days", lambda *_: None)
    monkeypatch.setattr(assets, "days_of", lambda *_: [assets.date(2026, 1, 5)])
    monkeypatch.setattr(
        assets, "read_accounts", lambda _: (SimpleNamespace(account_id="a"),)
    )
    monkeypatch.setattr(assets, "concerned", lambda spec, asked: asked)
    raw = assets.raw_asset(assets.load_source("company_pages"))
    function = raw.op.compute_fn.decorated_fn  # type: ignore[attr-defined]
    with pytest.raises(raised) as error:
        function(context(tags), assets.Asked())
    if raised is dg.Failure:
        assert reason in str(error.value.description)


def test_what_nobody_foresaw_is_tried_again_with_longer_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = unforeseen()
    assert policy is not None
    waits = [policy.calculate_delay(n) for n in (1, 2, 3)]
    assert (policy.max_retries, waits) == (3, [60, 180, 420])
    (job,) = daily().jobs or ()
    assert job.op_retry_policy == policy  # type: ignore[union-attr]
    # Who gave a command is told at once.
    monkeypatch.setattr(progress, "_listeners", [lambda line, is_tick: None])
    (job,) = daily().jobs or ()
    assert job.op_retry_policy is None  # type: ignore[union-attr]


def test_a_sentence_is_not_tried_again_and_an_accident_is() -> None:
    calls: list[str] = []

    @dg.asset
    def breaks() -> None:
        calls.append("breaks")
        if len(calls) < 3:
            raise OSError("no space left on the device")

    @dg.asset
    def refuses() -> None:
        calls.append("refuses")
        raise dg.Failure("there is no key", allow_retries=False)

    at_once = dg.RetryPolicy(max_retries=3, delay=0, backoff=dg.Backoff.EXPONENTIAL)
    for asset, n, is_done in ((breaks, 3, True), (refuses, 1, False)):
        calls.clear()
        job = dg.define_asset_job("one", selection=[asset], op_retry_policy=at_once)
        made = dg.Definitions(assets=[asset], jobs=[job])
        done = made.resolve_job_def("one").execute_in_process(raise_on_error=False)
        assert (len(calls), done.success) == (n, is_done)
