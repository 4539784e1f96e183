"""Words of ads that a source wants gone are neither published nor told again."""

from pathlib import Path

import polars as pl

from orchestration.publish.evidence import evidence
from orchestration.scoring.sentences import _event
from scrapers.source import withdrawing_sources
from tests.publish.archive import archive, reader
from tests.scoring import made_up

JOB = made_up.signal_id(10)


def of_feed(signals: pl.DataFrame, **changes: str | None) -> pl.DataFrame:
    """The signals, with the one about a job told by the feed."""
    is_job = pl.col("signal_id") == JOB
    return signals.with_columns(
        pl.when(is_job).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in {"source": "nav_jobs", **changes}.items()
    )


def test_the_feed_is_a_source_that_withdraws_texts() -> None:
    assert withdrawing_sources() == {"nav_jobs"}


def test_of_a_page_of_the_feed_only_the_quote_is_shown(tmp_path: Path) -> None:
    own = made_up.signals()
    for signals, is_whole in ((own, True), (of_feed(own), False)):
        visits, bodies = archive(signals)
        told = evidence(JOB, tmp_path, signals, visits, reader(bodies))
        after = told.captures[1]
        assert after.is_verified
        assert after.excerpt is not None
        assert after.excerpt.found == "CRM-ansvarlig til salgsavdelingen"
        assert ("Arne Vold" in after.excerpt.before) == is_whole
        assert bool(after.text) == bool(after.source_text) == is_whole


def test_of_a_closed_ad_nothing_is_shown(tmp_path: Path) -> None:
    visits, bodies = archive(of_feed(made_up.signals()))
    signals = of_feed(made_up.signals(), quote_after="no longer advertised")
    told = evidence(JOB, tmp_path, signals, visits, reader(bodies))
    assert "CRM-ansvarlig" not in told.text()
    assert told.captures[1].is_verified


def test_no_sentence_quotes_the_feed() -> None:
    (job,) = made_up.signals().filter(pl.col("signal_id") == JOB).to_dicts()
    assert "CRM-ansvarlig" in _event(job).nb
    told = _event(job | {"source": "nav_jobs"})
    assert "CRM-ansvarlig" not in told.nb + told.en
    assert "stillinger om temaet" in told.nb.lower()
