"""A made-up archive: visits and bytes behind the made-up signals, without a crawl."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import contract

PAGE = """<!doctype html><html lang="nb"><head><title>Ledelsen</title>
<script>alert("archived")</script></head><body>
<nav>Hjem Om oss Karriere</nav>
<h1>Ledelsen</h1><p>Vi er et norsk selskap med kunder i hele landet.</p>
<div class="person"><h3>Arne Vold</h3><p>Daglig leder</p></div>
<div class="person"><p>{line}</p></div>
<p>Hovedkontoret ligger ved fjorden. <b onclick="x()">Velkommen innom.</b></p>
</body></html>"""


def archive(signals: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, bytes]]:
    """Visits (contract landing/visits) and bytes by visit_id."""
    rows: list[dict[str, Any]] = []
    bodies: dict[str, bytes] = {}
    for s in signals.iter_rows(named=True):
        for side, at in (
            ("before", s["effective_lo"] or s["effective_hi"] - timedelta(days=7)),
            ("after", s["effective_hi"]),
        ):
            ref = s[f"{side}_ref"]
            if ref is None:
                continue
            line = s[f"quote_{side}"] or "Kontakt oss gjerne."
            body = PAGE.format(line=line).encode()
            bodies[ref] = body
            rows.append(
                {
                    "visit_id": ref,
                    "source": s["source"],
                    "account_id": s["account_id"],
                    "scope": "leadership",
                    "url": s["url"],
                    "fetched_at": datetime(at.year, at.month, at.day, 23, 59, 59),
                    "outcome": "ok",
                    "http_status": 200,
                    "content_type": "text/html; charset=utf-8",
                    "payload_digest": f"sha256:{hashlib.sha256(body).hexdigest()}",
                    "n_bytes": len(body),
                    "truncated": False,
                    "redirect_chain": [],
                    "warc_file": f"day={at:%Y-%m-%d}/pages.warc.gz",
                    "warc_offset": 1024,
                }
            )
    wanted = schema(contract("landing/visits"))
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in wanted}, schema=wanted
    )
    return frame, bodies


def reader(bodies: Mapping[str, bytes]):
    """A read_payload over the made-up bytes."""

    def read_payload(home: Path, source: str, visit: Mapping[str, Any]) -> bytes:
        return bodies[visit["visit_id"]]

    return read_payload
