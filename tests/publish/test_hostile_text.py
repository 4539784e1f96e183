"""Names, titles and quotes that mean harm, in what is published and in the report.

They are planted in every text column that comes from the web. What is published holds
no character that acts without being seen; no page of the report holds more than text.
"""

import functools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from orchestration.publish.overview import overview
from orchestration.publish.published import publish
from orchestration.publish.report import report_digest, write_report
from tests.publish.archive import archive, reader
from tests.scoring import made_up

HOSTILE = (
    "\x1b]0;eid\x07\x1b[2J\u202e<script>alert(1)</script>"
    "\"' onmouseover='alert(1)' <img src=x onerror=alert(1)>"
    "{{7*7}}{%raw%}<a href='javascript:alert(1)'>x</a></title></style>--><b>\x00\u200b"
)
# Of the web's own words; not ids, types and states, which are ours.
PLANTED = (
    "name",
    "title",
    "quote_before",
    "quote_after",
    "talk_to_name",
    "person_name",
)
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]"
)


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    def planted(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(
            pl.col(column) + HOSTILE for column in PLANTED if column in frame.columns
        )

    return {name: planted(t) for name, t in made_up.published_tables().items()}


@pytest.fixture(scope="module")
def home(
    tables: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    home = tmp_path_factory.mktemp("hostile") / "home"
    accounts = made_up.accounts().with_columns(pl.col("name") + HOSTILE)
    (home / "accounts").mkdir(parents=True)
    accounts.write_parquet(home / "accounts" / "accounts.parquet")
    visits, bodies = archive(made_up.published_tables()["signals"])
    hostile = {key: body + HOSTILE.encode() for key, body in bodies.items()}
    publish(
        tables,
        home,
        functools.partial(
            write_report,
            accounts=accounts,
            home=home,
            visits=visits,
            read_payload=reader(hostile),
        ),
        report_digest=report_digest(accounts),
    )
    return home


class Elements(HTMLParser):
    """Elements of a page, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(home: Path) -> Iterator[tuple[Path, str, dict[str, str | None]]]:
    for file in sorted((home / "published" / "current" / "report").rglob("*.html")):
        page = Elements()
        page.feed(file.read_text("utf-8"))
        for tag, attributes in page.found:
            yield file, tag, attributes


def test_no_page_does_more_than_show_text(home: Path) -> None:
    n = 0
    for file, tag, attributes in elements(home):
        n += 1
        assert tag not in ("script", "iframe", "object", "embed", "form", "img"), file
        assert not [name for name in attributes if name.startswith("on")], file
        for name in ("href", "src", "action"):
            link = (attributes.get(name) or "").strip().lower()
            assert not link.startswith(("javascript:", "data:", "//")), file
    assert n > 100


def test_templates_in_names_are_not_expanded(home: Path) -> None:
    page = (home / "published" / "current" / "report" / "index.html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)" in page
    assert "{{7*7}}" in page


def test_what_is_published_holds_no_character_that_acts_unseen(home: Path) -> None:
    n = 0
    for file in (home / "published" / "current").glob("*.parquet"):
        for column in pl.read_parquet(file).select(pl.col(pl.String)):
            for value in column.drop_nulls().unique():
                n += "alert(1)" in value
                assert not UNSEEN.search(value), f"{file.name}: {column.name}"
    assert n > 10


def test_a_terminal_is_not_written_to(home: Path) -> None:
    assert not UNSEEN.search(overview(home).replace("\n", ""))
