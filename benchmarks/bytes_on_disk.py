"""What is kept on disk: of a page that did not change, and of the archive as a whole.

Run: `python -m benchmarks.bytes_on_disk [--sites 50] [--pages 20] [--days 14]`. Visits
land through the product's own landing (WARC, journal, visits.parquet, latest.parquet,
_crawl.json), without a network: sites of made-up pages of 12 kB with the headers that
sites send. A page changes on one day in twenty; two thirds of those that did not are
answered 200 with the same bytes, the rest 304. Counted is every byte of the landing
folder. Of a day of which nothing changed: bytes for each page visited. Of all days:
bytes beside those of gzip (level 6) of each distinct payload on its own, in one file.
What is kept beside a payload weighs the less the larger this is, and real pages are
larger than these: where the labelled pages of `main_text` are, the archive is measured
of them too.
"""

import argparse
import gzip
import hashlib
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from benchmarks.children import peak_mb
from benchmarks.main_text import CONTENT
from benchmarks.measured import Measured, Skipped, beside
from benchmarks.noisy_web import NoisyWeb, path_of
from scrapers.landing import Capture, Landing

_FIRST_DAY = date(2026, 1, 5)
_SOURCE = "company_pages"
_CHANGE, _NOT_MODIFIED = 0.05, 1 / 3
_BYTES, _TIMES = 200.0, 1.1


def _headers(draw: random.Random, day: date, etag: str) -> tuple[tuple[str, str], ...]:
    """Headers as sites send them; some are other ones every day."""
    return (
        ("Date", f"{day:%a, %d %b %Y} 06:{draw.randrange(60):02d}:00 GMT"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Server", "nginx"),
        ("ETag", etag),
        ("Vary", "Accept-Encoding"),
        ("Cache-Control", "max-age=0, private, must-revalidate"),
        ("X-Request-Id", f"{draw.getrandbits(128):032x}"),
        ("Strict-Transport-Security", "max-age=31536000"),
    )


class _Pages:
    """Bodies of pages, each of an edition that moves on now and then.

    Of ``real`` pages if there are any, else made up of so many kilobytes.
    """

    def __init__(
        self, sites: int, pages: int, kilobytes: int, real: Sequence[bytes] = ()
    ) -> None:
        self._real = real
        self._n_pages = pages
        self._web = NoisyWeb(pages, kilobytes)
        self._keys = [(site, page) for site in range(sites) for page in range(pages)]
        self._editions: Counter[tuple[int, int]] = Counter()
        self._draw = random.Random(7)

    def _body(self, site: int, page: int) -> bytes:
        edition = self._editions[site, page]
        news = f"<p>Nyhet {edition}: {random.Random(edition).getrandbits(256):x}</p>"
        if self._real:
            body = self._real[(site * self._n_pages + page) % len(self._real)]
            head, end, rest = body.rpartition(b"</body>")
            return head + news.encode() + end + rest
        host = f"s{site:06d}.example"
        text = self._web.page(f"http://{host}/{path_of(page)}", page, host).decode()
        # What a request put into it is left out: here a page is the same or is not.
        whole = text.split("<body>", 1)[1].split("<form>", 1)[0]
        return f"<!DOCTYPE html><html><body>{whole}{news}</html>".encode()

    def visits(self, day: date, is_still: bool) -> Iterator[Capture]:
        """A day's answers."""
        is_first = day == _FIRST_DAY
        for site, page in self._keys:
            changes = not is_first and not is_still and self._draw.random() < _CHANGE
            self._editions[site, page] += changes
            body = self._body(site, page)
            etag = f'"{hashlib.md5(body).hexdigest()}"'
            is_304 = (
                not is_first and not changes and self._draw.random() < _NOT_MODIFIED
            )
            yield Capture(
                account_id=f"a{site:06d}",
                scope="home" if page == 0 else "about",
                url=f"http://s{site:06d}.example/{path_of(page)}",
                outcome="not_modified" if is_304 else "ok",
                http_status=304 if is_304 else 200,
                headers=_headers(self._draw, day, etag),
                body=None if is_304 else body,
            )


def _land(home: Path, day: date, captures: Iterator[Capture]) -> dict[str, bytes]:
    """Land a day; the payloads of it by digest."""
    landing = Landing(home, _SOURCE, day, False)
    payloads = {}
    for capture in captures:
        visit = landing.land(capture)
        if capture.body is not None and visit.payload_digest is not None:
            payloads[visit.payload_digest] = capture.body
    landing.finish({"visits": len(landing.visits)})
    return payloads


def _size(folder: Path) -> Counter[str]:
    """Bytes of a folder by kind of file."""
    found: Counter[str] = Counter()
    for file in folder.rglob("*"):
        if file.is_file():
            kind = "warc" if file.name.endswith(".warc.gz") else file.name
            found[kind] += file.stat().st_size
    return found


def _landed(made: _Pages, days: int) -> tuple[Counter[str], Counter[str], int]:
    """Bytes of all days by kind of file, of one still day more, of gzip of payloads."""
    gzipped: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        landing = home / "landing"
        for number in range(days):
            day = _FIRST_DAY + timedelta(days=number)
            for digest, body in _land(home, day, made.visits(day, False)).items():
                if digest not in gzipped:
                    gzipped[digest] = len(gzip.compress(body, 6))
        whole = _size(landing)
        last = _FIRST_DAY + timedelta(days=days)
        _land(home, last, made.visits(last, is_still=True))
        grown = _size(landing)
        grown.subtract(whole)
    return whole, grown, sum(gzipped.values())


def _archive(name: str, whole: Counter[str], gzipped: int, size: str) -> Measured:
    return beside(
        name,
        "bytes",
        [sum(whole.values())],
        "gzip of the distinct payloads",
        [gzipped],
        _TIMES,
        is_ceiling=True,
        peak_mb=peak_mb(),
        size=size,
        note=", ".join(f"{kind} {n}" for kind, n in whole.most_common()),
    )


def measure(
    sites: int = 50,
    pages: int = 20,
    days: int = 14,
    kilobytes: int = 12,
    set_dir: Path = CONTENT,
) -> list[Measured | Skipped]:
    """Bytes of an unchanged page and day, and of the whole archive."""
    n_pages = sites * pages
    made = _Pages(sites, pages, kilobytes)
    whole, grown, gzipped = _landed(made, days)
    each = {kind: round(n / n_pages, 1) for kind, n in grown.most_common() if n}
    size = f"{sites} sites of {pages} pages, {kilobytes} kB, {days} days"
    found: list[Measured | Skipped] = [
        Measured(
            name="bytes_of_unchanged_page",
            unit="bytes a page and day (the ratio is bytes)",
            ours=sum(grown.values()) / n_pages,
            baseline_name="one byte",
            baseline=1.0,
            ratios=(sum(grown.values()) / n_pages,),
            goal=_BYTES,
            is_ceiling=True,
            peak_mb=peak_mb(),
            size=size,
            note=", ".join(f"{kind} {n}" for kind, n in each.items()),
        ),
        _archive("bytes_of_archive", whole, gzipped, size),
    ]
    name = "bytes_of_archive_of_real_pages"
    labelled = set_dir / "dev" / "pages.parquet"
    if not labelled.exists():
        why = f"the labelled set is not there ({set_dir.name} of the design folder)"
        return [*found, Skipped(name, why)]
    real = pl.read_parquet(labelled, columns=["html"], n_rows=n_pages)["html"].to_list()
    mean = sum(map(len, real)) // len(real) // 1024
    # Not more sites than there are pages for: one that stands at two addresses is kept
    # twice, and 2,000 addresses of 1,070 pages were measured as 1.59 times.
    of_real = min(sites, len(real) // pages)
    whole, _, gzipped = _landed(_Pages(of_real, pages, kilobytes, real), days)
    size = f"{of_real} sites of {pages} pages as labelled, {mean} kB, {days} days"
    return [*found, _archive(name, whole, gzipped, size)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, default=50)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--days", type=int, default=14)
    asked = parser.parse_args()
    for one in measure(asked.sites, asked.pages, asked.days):
        print(one)


if __name__ == "__main__":
    main()
