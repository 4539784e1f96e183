"""Words of job ads: the skills of the seed are written as readers write terms."""

import csv
from pathlib import Path

import pytest

from scrapers.extract.terms import terms_of

SEED = Path(__file__).parents[2] / "dbt_project" / "seeds" / "job_skills.csv"
ROWS = list(csv.DictReader(SEED.open(encoding="utf-8")))
LANGUAGES = ("nb", "nn", "sv", "da", "en")


def test_every_skill_is_named_in_five_languages() -> None:
    for skill in {row["skill"] for row in ROWS}:
        named = {row["language"] for row in ROWS if row["skill"] == skill}
        assert named >= set(LANGUAGES), skill


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_ad_that_names_a_skill_has_its_term(language: str) -> None:
    rows = [row for row in ROWS if row["language"] == language]
    assert len(rows) > 50
    for row in rows:
        assert row["term"] in terms_of(f"x y {row['phrase']}.", language), row
