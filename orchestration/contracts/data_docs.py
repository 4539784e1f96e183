"""Great Expectations' data docs as files that open from disk and fetch nothing.

Its own renderers write the sections of a page; here they get a frame without the styles
and scripts that its frame fetches from elsewhere, and lose what only those bring to
life. Which pages link here, and in which language, is the report's business.
"""

import html
import re
from collections.abc import Sequence
from pathlib import Path

from orchestration.contracts.expectations import rendered
from orchestration.contracts.judged import Judged

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
body{margin:0;background:#f7f6f2;color:#18222c;font:16px/1.5 system-ui,-apple-system,
"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;overflow-wrap:anywhere}
header,main{max-width:62rem;margin:0 auto;padding:1.2rem 1.5rem}
a{color:#0d6b72}h1{font-size:1.7rem;margin:.2rem 0}
h5,h6{font-size:1.05rem;margin:1.1rem 0 .3rem}
.ge-section{background:#fff;border:1px solid #e3e0d8;border-radius:10px;
padding:.4rem 1.2rem 1rem;margin:0 0 1rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;
border-bottom:1px solid #e3e0d8}
.badge{background:#d9ebea;border-radius:4px;padding:0 .3rem}
.ok{color:#0d6b72}.not{color:#a13d1f;font-weight:600}
pre{white-space:pre-wrap}
@media print{body{background:#fff}.ge-section{break-inside:avoid;border:0}}
"""
_SCRIPTS = re.compile(r"<(script|style)\b.*?</\1>|<(link|img|input)\b[^>]*>", re.S)
# Collapsed by a script elsewhere, so shown; to pages that are not written.
_LINKS = re.compile(r"</?(?:a|button)\b[^>]*>", re.S)
_HANDLERS = re.compile(r"\s(?:on\w+|data-\w[\w-]*|href|role|aria-\w+)=\"[^\"]*\"")
_ICONS = (
    (re.compile(r"<i class=\"fas fa-check[^>]*></i>"), '<span class="ok">met</span>'),
    (
        re.compile(r"<i class=\"fas fa-times[^>]*></i>"),
        '<span class="not">not met</span>',
    ),
    (re.compile(r"<i class=\"[^>]*></i>"), ""),
)
_HIDDEN_HEADS = re.compile(r"<thead hidden>.*?</thead>", re.S)
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
# It knows its tables by another name than ours, which stands in the heading.
_ASSET = re.compile(r"<br>\s*Data asset: None")
_EMPTY_LINES = re.compile(r"\n\s*\n+")


def page_name(path: str) -> str:
    """The file of a contract's page."""
    return f"{path.replace('/', '.')}.html"


def write_data_docs(folder: Path, verdicts: Sequence[Judged]) -> list[str]:
    """Write one page a contract that was judged; which files were written.

    Args:
        folder: an existing folder.
        verdicts: what the checks found last; without rows there is nothing to show.
    """
    written = []
    for one in verdicts:
        if one.judged:
            name = page_name(one.path)
            (folder / name).write_text(_page(one), encoding="utf-8")
            written.append(name)
    return written


def _page(one: Judged) -> str:
    title = html.escape(f"{one.path} {one.version}")
    sections = rendered(one.path, one.judged, one.n_rows, one.day)
    rows = "".join(
        f"<tr><td>{day}</td><td>{n}</td><td>{broken}</td></tr>"
        for day, n, broken in reversed(one.trend)
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="robots" content="noindex">
<title>{title} – contract check</title>
<style>{_STYLE}</style>
</head>
<body>
<header><p><a href="../en/run.html">Lyttepost: the run</a></p>
<h1>{title}</h1>
<p>{html.escape(one.sentence)}. Severity: {html.escape(one.severity)}.</p></header>
<main>
{"".join(_cleaned(section) for section in sections)}
<div class="ge-section"><h5>Day by day</h5>
<table><thead><tr><th scope="col">Day</th><th scope="col">Rows</th>
<th scope="col">Rows that break it</th></tr></thead><tbody>{rows}</tbody></table></div>
</main>
</body>
</html>
"""


def _cleaned(section: str) -> str:
    """A section without what asks for a script, a network or another page."""
    text = _ASSET.sub("", _SCRIPTS.sub("", section))
    for pattern, words in _ICONS:
        text = pattern.sub(words, text)
    text = _HIDDEN_HEADS.sub("", _HANDLERS.sub("", _LINKS.sub("", text)))
    numbers: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        # Made at random for each page; the same page is to be the same file.
        return numbers.setdefault(found[0], f"part-{len(numbers)}")

    return _EMPTY_LINES.sub("\n", _UUID.sub(numbered, text))
