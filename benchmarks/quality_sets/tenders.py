"""Fields of eForms notices: `{id: {buyer_ids, buyer_names, cpv_main, ...}}`."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scrapers.extract.eforms import Party, read_eforms
from scrapers.extract.refusal import ParseRefused


def predict(split_dir: Path) -> dict[str, dict[str, Any]]:
    """What the reader of Doffin's and TED's notices says of each document."""
    with (split_dir / "input.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["id"]: _fields(row["xml"].encode(), row["file"]) for row in rows}


def _fields(body: bytes, name: str) -> dict[str, Any]:
    try:
        notice = read_eforms(body, name)
    except ParseRefused:
        return {}
    return {
        "form": notice.form,
        "title": notice.title,
        "buyer_ids": _all(notice.buyers, "company_id"),
        "buyer_names": _all(notice.buyers, "name"),
        "winner_ids": _all(notice.winners, "company_id"),
        "cpv_main": list(notice.main_cpv),
        "issue_date": notice.issued_on and notice.issued_on.isoformat(),
        "deadline": notice.deadline_on and notice.deadline_on.isoformat(),
    }


def _all(parties: Iterable[Party], field: str) -> list[str]:
    return [value for party in parties if (value := asdict(party)[field])]
