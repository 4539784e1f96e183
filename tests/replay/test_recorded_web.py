"""A recorded web answers as of the end of a day, and refuses a folder by field."""

import gzip
import http.client
import json
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from orchestration.replay.process import ServeFailed, serving
from orchestration.replay.recorded_web import (
    RecordedWeb,
    RecordedWebRefused,
    hosts,
    read_pages,
)

RECORDED = Path(__file__).parents[2] / "../shared/data/recorded_web"
ROW = {
    "url": "http://made-up.example/om-oss/",
    "valid_from": "2025-01-06T10:00:00Z",
    "status": 200,
    "content_type": "text/html; charset=utf-8",
    "body": "bodies/a.gz",
}


def web_of(folder: Path, rows: list[object]) -> Path:
    (folder / "bodies").mkdir(parents=True, exist_ok=True)
    (folder / "bodies/a.gz").write_bytes(gzip.compress(b"<p>first</p>"))
    (folder / "bodies/b.gz").write_bytes(gzip.compress(b"<p>second</p>"))
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "pages.jsonl").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def web(tmp_path: Path) -> RecordedWeb:
    rows = [
        ROW,
        {**ROW, "valid_from": "2025-01-08T23:59:59Z", "body": "bodies/b.gz"},
        {**ROW, "url": "https://made-up.example/list?page=2"},
        {
            **ROW,
            "url": "http://made-up.example/old",
            "status": 301,
            "body": None,
            "content_type": None,
            "location": "http://made-up.example/om-oss/",
        },
        {**ROW, "url": "http://next.example", "valid_from": "2025-01-07T00:00:00Z"},
    ]
    return RecordedWeb(web_of(tmp_path, rows))


@pytest.mark.parametrize(
    ("url", "day", "status", "body"),
    [
        ("http://made-up.example/om-oss/", "2025-01-05", 404, b"Not found.\n"),
        ("http://made-up.example/om-oss/", "2025-01-06", 200, b"<p>first</p>"),
        ("https://MADE-UP.example/om-oss/", "2025-01-07", 200, b"<p>first</p>"),
        ("http://made-up.example/om-oss/#x", "2025-01-08", 200, b"<p>second</p>"),
        ("http://made-up.example/om-oss/", "2030-01-01", 200, b"<p>second</p>"),
        ("http://made-up.example/om-oss", "2025-01-07", 404, b"Not found.\n"),
        ("http://made-up.example/om-oss/?", "2025-01-07", 200, b"<p>first</p>"),
        ("http://made-up.example/om-oss/?a=1", "2025-01-07", 404, b"Not found.\n"),
        ("http://made-up.example/list?page=2", "2025-01-07", 200, b"<p>first</p>"),
        ("http://next.example/", "2025-01-06", 404, b"Not found.\n"),
        ("http://next.example/", "2025-01-07", 200, b"<p>first</p>"),
    ],
)
def test_a_row_holds_until_the_next(
    web: RecordedWeb, url: str, day: str, status: int, body: bytes
) -> None:
    answer = web.answer("GET", url, date.fromisoformat(day), {})
    assert (answer.status, answer.body) == (status, body)


def test_an_unknown_host_is_a_name_error(web: RecordedWeb) -> None:
    answer = web.answer("GET", "http://other.example/", date(2025, 1, 7), {})
    assert answer.status == 502
    assert ("lyttepost-replay-error", "dns_error") in answer.headers


def test_a_redirect_keeps_its_location(web: RecordedWeb) -> None:
    answer = web.answer("GET", "http://made-up.example/old", date(2025, 1, 7), {})
    assert answer.status == 301
    assert dict(answer.headers)["location"] == "http://made-up.example/om-oss/"
    assert answer.body == b""


def test_conditional_requests(web: RecordedWeb) -> None:
    url, before = "http://made-up.example/om-oss/", date(2025, 1, 7)
    first = dict(web.answer("GET", url, before, {}).headers)
    tag, modified = first["etag"], first["last-modified"]

    def status(day: date, **headers: str) -> int:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.answer("GET", url, day, names).status

    after = date(2025, 1, 9)
    assert status(before, if_none_match=f'"x", {tag}') == 304
    assert status(before, if_none_match="W/" + tag) == 304
    assert status(after, if_none_match=tag) == 200
    assert status(before, if_modified_since=modified) == 304
    assert status(after, if_modified_since=modified) == 200
    assert status(before, if_modified_since="once") == 200
    assert status(after, if_none_match=tag, if_modified_since=modified) == 200
    unchanged = web.answer("GET", url, before, {"if-none-match": tag})
    assert (unchanged.body, dict(unchanged.headers)["etag"]) == (b"", tag)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({k: v for k, v in ROW.items() if k != "status"}, "status"),
        ({**ROW, "status": "200"}, "status"),
        ({**ROW, "status": 99}, "status"),
        ({**ROW, "url": "ftp://made-up.example/"}, "url"),
        ({**ROW, "url": "http:///x"}, "url"),
        ({**ROW, "valid_from": "yesterday"}, "valid_from"),
        ({**ROW, "valid_from": "2025-01-06T10:00:00"}, "valid_from"),
        ({**ROW, "valid_from": 7}, "valid_from"),
        ({**ROW, "content_type": 7}, "content_type"),
        ({**ROW, "body": "../../etc/passwd"}, "body"),
        ({**ROW, "body": "/etc/passwd"}, "body"),
        ({**ROW, "body": "bodies/none.gz"}, "body"),
        ({**ROW, "colour": "red"}, "colour"),
        (ROW, "valid_from"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: object, field: str) -> None:
    folder = web_of(tmp_path, [ROW, "", row])
    with pytest.raises(RecordedWebRefused) as refused:
        read_pages(folder)
    assert f"pages.jsonl: line 3: field {field!r}" in str(refused.value)


def test_a_body_behind_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.gz"
    secret.write_bytes(gzip.compress(b"secret"))
    folder = web_of(tmp_path / "web", [{**ROW, "body": "bodies/link.gz"}])
    os.symlink(secret, folder / "bodies/link.gz")
    with pytest.raises(RecordedWebRefused, match="points outside the folder"):
        read_pages(folder)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (["{"], "line 1: not JSON"),
        (["[]"], "line 1: the line is not a JSON object"),
        ([""], "there is no row in it"),
    ],
)
def test_a_broken_file_is_named(
    tmp_path: Path, rows: list[object], sentence: str
) -> None:
    with pytest.raises(RecordedWebRefused, match=sentence):
        read_pages(web_of(tmp_path, rows))


def test_a_folder_without_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordedWebRefused, match=r"no pages\.jsonl"):
        hosts(tmp_path)


def test_a_broken_body_is_an_error_and_not_an_empty_page(tmp_path: Path) -> None:
    folder = web_of(tmp_path, [ROW])
    (folder / "bodies/a.gz").write_bytes(b"not gzip")
    answer = RecordedWeb(folder).answer("GET", ROW["url"], date(2025, 1, 7), {})  # type: ignore[arg-type]
    assert answer.status == 500


def ask(proxy: str, url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    address = urlsplit(proxy)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", url, headers=names)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, body


def test_it_is_served_as_a_proxy_and_stopped(tmp_path: Path) -> None:
    folder = web_of(tmp_path, [ROW, {**ROW, "url": "http://made-up.example"}])
    day = "2025-01-06"
    with serving([sys.executable, "-m", "orchestration.replay", str(folder)]) as web:
        assert web.info["first_day"] == "2025-01-06"
        url = "http://made-up.example/om-oss/"
        status, headers, body = ask(web.proxy, url, lyttepost_replay_day=day)
        assert (status, body) == (200, b"<p>first</p>")
        status, _, body = ask(
            web.proxy, url, lyttepost_replay_day=day, if_none_match=headers["etag"]
        )
        assert (status, body) == (304, b"")
        # The target's authority holds, not the Host header; an empty path is "/".
        status, _, _ = ask(
            web.proxy,
            "http://made-up.example",
            lyttepost_replay_day=day,
            host="other.example",
        )
        assert status == 200
        status, _, body = ask(web.proxy, url)
        assert status == 400
        assert b"lacks the header Lyttepost-Replay-Day" in body
        status, _, body = ask(web.proxy, url, lyttepost_replay_day="6 January")
        assert status == 400
        assert b"'6 January' is not a day" in body
    with pytest.raises(ConnectionRefusedError):
        ask(web.proxy, url, lyttepost_replay_day=day)


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "orchestration.replay", str(tmp_path)]
    with (
        pytest.raises(ServeFailed, match=r"there is no pages\.jsonl"),
        serving(command),
    ):
        pytest.fail("nothing is served")


def test_a_child_that_never_comes_up_is_stopped() -> None:
    script = "import os, time; print(os.getpid(), flush=True, end=''); time.sleep(60)"
    with (
        pytest.raises(ServeFailed, match=r"was not ready after 1 s"),
        serving([sys.executable, "-c", script], timeout_s=1),
    ):
        pytest.fail("nothing is served")


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(ServeFailed), serving(["./no-such-command"]):
        pytest.fail("nothing is served")


@pytest.mark.parametrize("name", ["sourcegraph", "open_terms"])
def test_every_recorded_row_answers_on_its_day(name: str) -> None:
    folder = RECORDED / name
    if not folder.exists():
        pytest.skip("the recorded web is not beside this repository")
    folder = folder if (folder / "pages.jsonl").exists() else next(folder.iterdir())
    rows = read_pages(folder)
    web = RecordedWeb(folder)
    last_of_day = {(row.address, row.valid_from.date()): row for row in rows}
    first: dict[str, datetime] = {}
    for row in rows:
        first[row.address] = min(first.get(row.address, row.valid_from), row.valid_from)
        latest = last_of_day[row.address, row.valid_from.date()]
        if row.valid_from > latest.valid_from:
            last_of_day[row.address, row.valid_from.date()] = row
    for (address, day), row in last_of_day.items():
        answer = web.answer("GET", f"https://{address}", day, {})
        assert row.body is not None
        assert answer.body == gzip.decompress(row.body.read_bytes())
        assert answer.status == row.status
    for address, moment in first.items():
        day = moment.astimezone(UTC).date() - timedelta(days=1)
        assert web.answer("GET", f"http://{address}", day, {}).status == 404
    assert len(last_of_day) > 100


@pytest.mark.skipif(sys.platform != "linux", reason="the tie to the parent is Linux's")
def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    folder = web_of(tmp_path, [ROW])
    script = f"""
import sys, time
from orchestration.replay.process import serving
with serving([sys.executable, "-m", "orchestration.replay", {str(folder)!r}]) as web:
    print(web.proxy, flush=True)
    time.sleep(60)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert parent.stdout is not None
    proxy = parent.stdout.readline().strip()
    day = "2025-01-06"
    assert ask(proxy, str(ROW["url"]), lyttepost_replay_day=day)[0] == 200
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            ask(proxy, str(ROW["url"]), lyttepost_replay_day=day)
        except (ConnectionError, http.client.HTTPException):
            break
        time.sleep(0.05)
    with pytest.raises(ConnectionRefusedError):
        ask(proxy, str(ROW["url"]), lyttepost_replay_day=day)
