"""`lyttepost new source`: two folders with a spider, a parser and a test that fails.

The test fails because the parser finds no records yet in the made-up body beside it:
what is to be written is one function. Signals are begun elsewhere.
"""

import importlib
import json
import pkgutil
import types
import typing
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

import scrapers.families
from orchestration.authoring.scaffold import (
    NotBegun,
    check_name,
    class_name,
    write_all,
)
from scrapers.records import RECORD_TYPES
from scrapers.source import LOOKUPS_DIR, SOURCES_DIR

FIRST_CASE = "first_page"
_HTML_FAMILIES = ("page",)

_SOURCE = """\
name: {name}
title: TO WRITE (whose information this is, in a few words)
called_nb: TO WRITE (what it is called inside a Norwegian sentence)
called_en: TO WRITE (what it is called inside an English sentence)
owner: TO WRITE (team that mends it)
cadence: daily
hosts: []
kinds: [{kind}]
market_wide: false
serves_history: false
licence: TO WRITE (what may be done with it)
robots_note: TO WRITE (what the publisher asks of crawlers)
republish_rule: TO WRITE (what may be shown to others)
retention_days: 1825
download_delay_s: 1.0
concurrency_per_host: 1
# What an account needs to be asked about: domains, org_number, or place (places.csv).
needs: {needs}
"""

_PAGE_SPIDER = '''\
"""TO WRITE: which pages are asked for, and in which order."""

from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Request, Response

from scrapers.families.{family} import {base}


class {cls}Spider({base}):
    """One page per account."""

    name = "{name}"

    async def start(self) -> AsyncIterator[Request]:
        """Ask the first page of every account."""
        for account in self.context.accounts:
            for domain in account.domains:
                yield self.ask(
                    f"https://{{domain}}/",
                    "list",
                    self._answered,
                    self._failed,
                    account_id=account.account_id,
                )

    def _answered(self, response: Response) -> None:
        """The visit is all there is to do: parse.py reads it."""

    def _failed(self, failure: Any) -> None:
        """The visit's outcome tells what happened."""
'''

_API_SPIDER = '''\
"""TO WRITE: which addresses are asked for, and in which order."""

from collections.abc import AsyncIterator

from scrapy.http import Request, Response

from scrapers.families.{family} import {base}


class {cls}Spider({base}):
    """One question per account."""

    name = "{name}"

    async def start(self) -> AsyncIterator[Request]:
        """Ask about every account."""
        for account in self.context.accounts:
            for address in account.addresses(self.name):
                yield self.ask(
                    address, "list", self._answered, account_id=account.account_id
                )

    def _answered(self, response: Response) -> None:
        """The visit is all there is to do: parse.py reads it."""
'''

_OTHER_SPIDER = '''\
"""TO WRITE: which addresses are asked for."""

from scrapers.families.{family} import {base}


class {cls}Spider({base}):
    """What scrapers/families/{family}.py asks a spider of its family to say."""

    name = "{name}"
'''

_JSON_PARSER = '''\
"""TO WRITE: what the publisher serves, in one or two sentences."""

from collections.abc import Iterator
from typing import Any

from scrapers.envelope import Envelope
{imports}
from scrapers.extract.json_body import {json_imports}
from scrapers.extract.refusal import ParseRefused
from scrapers.records import {record}

PARSER_VERSION = "1"


def parse(body: bytes, envelope: Envelope) -> Iterator[{record}]:
    """The {kind} of a payload.

    Raises:
        ParseRefused: the payload is not what the publisher serves for the scope.
    """
    if envelope.scope != "list":
        raise ParseRefused(
            f"The scope {{envelope.scope!r}} of {{envelope.url}} is not list."
        )
    document = read_json(body, envelope.content_type, envelope.url)
    for item in _items(document, envelope.url):
        yield _record(item)


def _items(document: Any, url: str) -> list[Any]:
    # TO WRITE: where the records are. In the made-up body they are in "items":
    #     return array(mapping(document, url)["items"], url)
    return []


def _record(item: dict[str, Any]) -> {record}:
    return {record}(
{arguments}
    )
'''

_HTML_PARSER = '''\
"""TO WRITE: what the pages look like, in one or two sentences."""

from collections.abc import Iterator

from lxml import etree

from scrapers.envelope import Envelope
from scrapers.extract.html import parse_html, text_of
from scrapers.extract.refusal import ParseRefused
from scrapers.records import {record}

PARSER_VERSION = "1"


def parse(body: bytes, envelope: Envelope) -> Iterator[{record}]:
    """The {kind} of a page.

    Raises:
        ParseRefused: the payload is not a page of the scope.
    """
    if envelope.scope != "list":
        raise ParseRefused(
            f"The scope {{envelope.scope!r}} of {{envelope.url}} is not list."
        )
    for item in _items(parse_html(body, envelope.content_type)):
        yield _record(item)


def _items(root: etree._Element) -> list[etree._Element]:
    # TO WRITE: where the records are. In the made-up page each is an article:
    #     return list(root.iter("article"))
    return []


def _record(item: etree._Element) -> {record}:
    return {record}(
{arguments}
    )
'''


def families() -> dict[str, str]:
    """The base spider of each family, by the family's name."""
    out = {}
    for module in pkgutil.iter_modules(scrapers.families.__path__):
        loaded = importlib.import_module(f"scrapers.families.{module.name}")
        bases = [
            name
            for name, value in vars(loaded).items()
            if isinstance(value, type)
            and value.__module__ == loaded.__name__
            and name.endswith("Spider")
        ]
        if bases:
            out[module.name] = bases[0]
    return out


def new_source(root: Path, name: str, kind: str, family: str) -> list[Path]:
    """Begin a source below a project's folder.

    Args:
        root: the project's folder.
        name: `<publisher>_<what>`; the name of everything.
        kind: the kind of record it gives.
        family: the family its spider belongs to.

    Returns:
        the files written.

    Raises:
        NotBegun: with one sentence; then nothing is written.
    """
    check_name(name, "green_jobs")
    for folder in (SOURCES_DIR, LOOKUPS_DIR, root / "scrapers" / "sources"):
        if (folder / name).exists():
            raise NotBegun(f"there is a {folder.name[:-1]} {name} already")
    if kind not in RECORD_TYPES:
        raise NotBegun(
            f"{kind!r} is not a kind of record; there are {', '.join(RECORD_TYPES)}. A "
            "new kind is admitted when two sources fill it"
        )
    known = families()
    if family not in known:
        raise NotBegun(f"{family!r} is not a family; there are {', '.join(known)}")
    return write_all(root, _files(name, kind, family, known[family]))


def _files(name: str, kind: str, family: str, base: str) -> dict[str, str]:
    record_type = RECORD_TYPES[kind]
    is_html = family in _HTML_FAMILIES
    told = {
        "name": name,
        "kind": kind,
        "family": family,
        "base": base,
        "cls": class_name(name),
        "record": record_type.__name__,
        "needs": "domains" if is_html else "place",
    }
    spider = _OTHER_SPIDER
    if is_html:
        spider = _PAGE_SPIDER
    elif family == "json_api":
        spider = _API_SPIDER
    example = _example(record_type, is_html)
    code = f"scrapers/sources/{name}"
    case = f"tests/sources/{name}/{FIRST_CASE}"
    content_type = "text/html" if is_html else "application/json"
    envelope = {
        "source": name,
        "url": f"https://made-up.example/{name}",
        "scope": "list",
        "content_type": f"{content_type}; charset=utf-8",
        "http_status": 200,
    }
    body_name, body = _body(example, is_html)
    return {
        f"{code}/__init__.py": '"""One source: how it is fetched and read."""\n',
        f"{code}/source.yml": _SOURCE.format(**told),
        f"{code}/spider.py": spider.format(**told),
        f"{code}/parse.py": _parser(record_type, told, is_html),
        f"{case}/envelope.json": json.dumps(envelope, indent=1) + "\n",
        f"{case}/{body_name}": body,
        f"{case}/expected.jsonl": json.dumps({"kind": kind, **example}) + "\n",
    }


def _body(example: dict[str, Any], is_html: bool) -> tuple[str, str]:
    if is_html:
        title = next(v for v in example.values() if isinstance(v, str) and v)
        page = (
            "<!doctype html><title>Made up</title>\n"
            f"<p>Everything here is made up.</p><article>{title}</article>\n"
        )
        return "body.html", page
    # Times without a zone would be read as local ones.
    item = {k: f"{v}Z" if v == _VALUES[datetime] else v for k, v in example.items()}
    document = {"comment": "Everything here is made up.", "items": [item]}
    return "body.json", json.dumps(document, indent=1) + "\n"


def _of(annotation: Any) -> tuple[Any, bool]:
    """The type of a field without None, and whether None is allowed."""
    if isinstance(annotation, types.UnionType):
        (inner,) = [a for a in typing.get_args(annotation) if a is not type(None)]
        return inner, True
    return annotation, False


_VALUES: dict[Any, Any] = {
    int: 1,
    float: 1.0,
    bool: False,
    date: "2026-01-05",
    datetime: "2026-01-05T08:00:00",
}
# The expressions that read a field; {0} is its name.
_READ: dict[Any, str] = {
    str: 'string(item.get("{0}"))',
    int: 'int(number(item.get("{0}")) or 0)',
    float: 'number(item.get("{0}"))',
    bool: 'item.get("{0}") is True',
    date: 'iso_day(item.get("{0}"))',
    datetime: 'iso_instant(item.get("{0}"))',
}


def _example(record_type: type, is_html: bool) -> dict[str, Any]:
    """The one made-up record of the first case."""
    hints = typing.get_type_hints(record_type)
    out: dict[str, Any] = {}
    is_told = False
    for field in fields(record_type):
        kind, is_optional = _of(hints[field.name])
        if typing.get_origin(kind) is tuple:
            out[field.name] = []
        elif kind is str:
            is_shown = not is_html or not (is_told or is_optional)
            blank = None if is_optional else ""
            out[field.name] = f"made-up {field.name}" if is_shown else blank
            is_told = is_told or is_shown
        elif kind is bool:
            out[field.name] = False
        elif is_html and is_optional:
            out[field.name] = None
        else:
            out[field.name] = _VALUES[kind]
    return out


def _parser(record_type: type, told: dict[str, str], is_html: bool) -> str:
    if is_html:
        return _HTML_PARSER.format(
            **told, arguments="\n".join(_html_arguments(record_type))
        )
    arguments = list(_json_arguments(record_type))
    text = "\n".join(arguments)
    dates = sorted(name for name in ("iso_day", "iso_instant") if f"{name}(" in text)
    imports = f"from scrapers.extract.dates import {', '.join(dates)}" if dates else ""
    reads = ["read_json", *(n for n in ("number", "string") if f"{n}(" in text)]
    made = _JSON_PARSER.format(
        **told,
        arguments=text,
        imports=imports,
        json_imports=", ".join(sorted(reads)),
    )
    return made if imports else made.replace("Envelope\n\nfrom", "Envelope\nfrom")


def _json_arguments(record_type: type) -> list[str]:
    hints = typing.get_type_hints(record_type)
    lines = []
    for field in fields(record_type):
        kind, is_optional = _of(hints[field.name])
        if typing.get_origin(kind) is tuple:
            value = "()"
        elif kind is str and not is_optional:
            value = f'str(item["{field.name}"])'
        else:
            value = _READ[kind].format(field.name)
        lines.append(f"        {field.name}={value},")
    return lines


def _html_arguments(record_type: type) -> list[str]:
    hints = typing.get_type_hints(record_type)
    lines, is_told = [], False
    for field in fields(record_type):
        kind, is_optional = _of(hints[field.name])
        if typing.get_origin(kind) is tuple:
            value = "()"
        elif kind is bool:
            value = "False"
        elif is_optional:
            value = "None"
        elif kind is str:
            value = '""' if is_told else "text_of(item)"
            is_told = True
        else:
            value = repr(_VALUES[kind])
        lines.append(f"        {field.name}={value},")
    return lines
