"""JobPosting data as pages really carry it, all of it made up here."""

import json
from datetime import datetime

import pytest

from scrapers.extract.board_ads import epoch_instant, feed_instant
from scrapers.extract.html import parse_html
from scrapers.extract.job_lists import job_ads
from scrapers.extract.markup_text import markup_to_text
from scrapers.records.job_ads import JobAd

POSTING = json.dumps(
    {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": "Utvikler",
        "datePosted": "2026-01-02",
        "validThrough": "2026-02-03T23:59:00+01:00",
        "hiringOrganization": "Eksempel AS",
        "jobLocation": [
            {
                "@type": "Place",
                "address": {"@type": "PostalAddress", "addressLocality": "Oslo"},
            },
            {"@type": "Place", "address": {"addressLocality": "Bergen"}},
        ],
        "identifier": {"@type": "PropertyValue", "name": "Eksempel", "value": "77"},
        "employmentType": ["FULL_TIME", "CONTRACTOR"],
        "description": "&lt;p&gt;Bygg &amp;amp; drift&lt;/p&gt;",
    }
)
QUOTED = '<script type="application/ld+json">{}</script>'
FORMS = {
    "as it should be": QUOTED.format(POSTING),
    "type without quotes": f"<script type=application/ld+json>{POSTING}</script>",
    "type with a charset": (
        f'<script type="application/ld+json; charset=utf-8">{POSTING}</script>'
    ),
    "type in capitals": f'<SCRIPT TYPE="Application/LD+JSON">{POSTING}</SCRIPT>',
    "control characters": QUOTED.format(POSTING.replace("Bygg", "Bygg\n\t\x01")),
    "cdata behind slashes": QUOTED.format(f"//<![CDATA[\n{POSTING}\n//]]>"),
    "cdata in comments": QUOTED.format(f"/*<![CDATA[*/{POSTING}/*]]>*/"),
    "comment of markup": QUOTED.format(f"<!--{POSTING}-->"),
    "slashes on lines": QUOTED.format(f"\n//\n{POSTING}\n//\n"),
    "comment on a line": QUOTED.format(f"// stillingen\n{POSTING}"),
    "list": QUOTED.format(f"[{POSTING}]"),
    "graph": QUOTED.format(f'{{"@graph": [{POSTING}]}}'),
    "item of a list": QUOTED.format(
        f'{{"@type": "ItemList", "itemListElement": [{{"item": {POSTING}}}]}}'
    ),
    "after another value": QUOTED.format(f'{{"@type": "WebSite"}}\n{POSTING}'),
    "semicolon": QUOTED.format(f"{POSTING};"),
    "trailing comma": QUOTED.format(f"{POSTING[:-1]},}}"),
    "entities": QUOTED.format(POSTING.replace("&", "&amp;").replace('"', "&quot;")),
    "byte order mark": QUOTED.format(f"\ufeff{POSTING}"),
    "escaped apostrophe": QUOTED.format(POSTING.replace("Bygg", "Bygg\\'")),
    "type as an address": QUOTED.format(
        POSTING.replace('"JobPosting"', '"https://schema.org/JobPosting"')
    ),
}


def ads_of(head: str, scope: str = "job") -> list[JobAd]:
    page = f"<html><body><h1>Velkommen</h1>{head}<p>Tekst.</p></body></html>"
    root = parse_html(page.encode(), "text/html; charset=utf-8")
    return list(job_ads(root, "https://eksempel.example/jobb/1", scope, "nb"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scope", ["job", "content"])
def test_a_posting_is_read_in_whatever_frame(form: str, scope: str) -> None:
    (ad,) = ads_of(FORMS[form], scope)
    assert ad.title == "Utvikler"
    assert ad.employer_name == "Eksempel AS"
    assert ad.place == "Oslo, Bergen"
    assert ad.posted_at == datetime(2026, 1, 2)
    assert ad.expires_at == datetime(2026, 2, 3, 22, 59)
    assert (ad.description or "").startswith("Bygg")
    assert "drift" in (ad.description or "")
    assert ad.is_listing == (scope != "job")


@pytest.mark.parametrize(
    "organisation", [{"@type": "Organization", "name": "Annet AS"}, ["Annet AS"]]
)
def test_an_employer_may_be_an_object_or_a_list(organisation: object) -> None:
    posting = json.loads(POSTING) | {"hiringOrganization": organisation}
    (ad,) = ads_of(QUOTED.format(json.dumps(posting)))
    assert ad.employer_name == "Annet AS"


@pytest.mark.parametrize("text", ["", "null", "{", "<!-- -->", "{'a': 1}", "NaN,"])
def test_a_script_without_json_is_passed_by(text: str) -> None:
    assert ads_of(QUOTED.format(text), "content") == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tue, 06 Oct 2026 09:30:00 +0200", datetime(2026, 10, 6, 7, 30)),
        ("Tue, 06 Oct 2026 09:30:00 GMT", datetime(2026, 10, 6, 9, 30)),
        ("2026-10-06T09:30:00+02:00", datetime(2026, 10, 6, 7, 30)),
        ("not a date", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_of_feeds(written: str | None, read: datetime | None) -> None:
    assert feed_instant(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (1790000000000, datetime(2026, 9, 21, 14, 13, 20)),
        (1790000000, None),
        ("1790000000000", None),
        (True, None),
        (float("inf"), None),
        (None, None),
    ],
)
def test_dates_in_milliseconds(written: object, read: datetime | None) -> None:
    assert epoch_instant(written) == read


@pytest.mark.parametrize("times", [0, 1, 2])
def test_markup_may_be_escaped_once_or_twice(times: int) -> None:
    text = "<p>Bygg &amp; drift</p><ul><li>SQL</li></ul>"
    for _ in range(times):
        for raw, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(raw, escaped)
    assert markup_to_text(text) == "Bygg & drift\nSQL"
