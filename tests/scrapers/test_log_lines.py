"""Log lines for machines: one JSON object each, with the source and the error."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from scrapers.log_lines import JsonLines
from scrapers.settings import logs_json
from tests.scrapers.conftest import MONDAY, NOT_FOUND, crawled
from tests.scrapers.test_crawl_boards import watch


def test_a_line_tells_what_and_where_and_why() -> None:
    try:
        raise OSError("ingen plass\nigjen")
    except OSError:
        record = logging.LogRecord(
            "scrapers.run", logging.ERROR, "", 1, "Å: %s", ("x",), sys.exc_info()
        )
    line = JsonLines(source="nav_jobs").format(record)
    assert "\n" not in line
    said = json.loads(line)
    assert said.pop("time").endswith("+00:00")
    assert "OSError: ingen plass\nigjen" in said.pop("error")
    assert said == {
        "level": "error",
        "logger": "scrapers.run",
        "message": "Å: x",
        "source": "nav_jobs",
    }


def test_a_crawl_logs_as_it_is_told(serve_web: Any, tmp_path: Path) -> None:
    web = serve_web({"kunngjort.example": lambda asked: NOT_FOUND})
    watch(tmp_path, "ocds_notices", "http://kunngjort.example/pakke.json")
    done = crawled(
        tmp_path, (MONDAY,), web.proxy, source="ocds_notices", LYTTEPOST_LOG="json"
    )
    (line,) = done.err.splitlines()
    said = json.loads(line)
    assert (said["level"], said["source"]) == ("error", "ocds_notices")
    assert "status 404 where a package was due" in said["message"]


@pytest.mark.parametrize(
    ("told", "is_json"), [("", False), ("plain", False), ("json", True)]
)
def test_what_the_setting_says(
    told: str, is_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LYTTEPOST_LOG", told)
    assert logs_json() is is_json
    monkeypatch.setenv("LYTTEPOST_LOG", "xml")
    with pytest.raises(ValueError, match="LYTTEPOST_LOG"):
        logs_json()
