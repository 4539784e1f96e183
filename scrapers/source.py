"""A source's promise: `scrapers/sources/<source>/source.yml`, read strictly.

Sources are found by walking the folder; there is no registry to keep. Nothing is
fetched or parsed here.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from scrapers.account import Account

SOURCES_DIR = Path(__file__).parent / "sources"
# Asked by a command and never by the day's run.
LOOKUPS_DIR = Path(__file__).parent / "lookups"


class SourceRefused(ValueError):
    """A source.yml that cannot be understood; names file and key."""


@dataclass(frozen=True)
class SourceSpec:
    """What a source promises and how politely it is visited.

    ``called_*`` is what it is called inside a sentence, in Norwegian and English.
    ``needs_setting`` names the environment variable without which it cannot be asked.
    ``needs`` and ``countries`` say which accounts it can be asked about: those with a
    domain, an organisation number or a place of this source, in these countries
    (empty: any). Whom nothing concerns, no crawl is started for.
    ``text_is_withdrawn``: what it no longer shows must not be shown by us either.
    """

    name: str
    title: str
    owner: str
    cadence: str
    hosts: tuple[str, ...]
    kinds: tuple[str, ...]
    market_wide: bool
    serves_history: bool
    licence: str
    robots_note: str
    republish_rule: str
    retention_days: int
    download_delay_s: float
    concurrency_per_host: int
    records: Mapping[str, Mapping[str, int]]
    max_pages_per_account: int
    notes: str
    needs_setting: str
    called_nb: str
    called_en: str
    needs: str
    countries: tuple[str, ...]
    text_is_withdrawn: bool

    @property
    def label_nb(self) -> str:
        """What a page calls it in Norwegian, where no sentence goes before it."""
        return _capital(self.called_nb)

    @property
    def label_en(self) -> str:
        """What a page calls it in English, where no sentence goes before it."""
        return _capital(self.called_en)

    @property
    def written_kinds(self) -> tuple[str, ...]:
        """The promised kinds, and what the parse stage itself reads from them: the
        technologies that the texts of job ads name."""
        if "job_ads" in self.kinds and "technologies" not in self.kinds:
            return (*self.kinds, "technologies")
        return self.kinds


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_TYPES: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "title": str,
    "owner": str,
    "cadence": str,
    "hosts": list,
    "kinds": list,
    "market_wide": bool,
    "serves_history": bool,
    "licence": str,
    "robots_note": str,
    "republish_rule": str,
    "retention_days": int,
    "download_delay_s": (int, float),
    "concurrency_per_host": int,
    "records": dict,
    "max_pages_per_account": int,
    "notes": str,
    "needs_setting": str,
    "called_nb": str,
    "called_en": str,
    "needs": str,
    "countries": list,
    "text_is_withdrawn": bool,
}
NEEDS = ("", "domains", "org_number", "place")
_OPTIONAL: dict[str, Any] = {
    "records": {},
    "max_pages_per_account": 40,
    "notes": "",
    "needs_setting": "",
    "needs": "",
    "countries": [],
    "text_is_withdrawn": False,
}


def source_names() -> tuple[str, ...]:
    """Names of all sources, sorted."""
    return tuple(sorted(f.parent.name for f in SOURCES_DIR.glob("*/source.yml")))


def _folder(name: str) -> Path:
    """The folder of a source, or of a look-up of that name."""
    lookup = LOOKUPS_DIR / name
    return lookup if (lookup / "source.yml").exists() else SOURCES_DIR / name


@cache
def load_source(name: str) -> SourceSpec:
    """Read one source's promise.

    Raises:
        SourceRefused: naming the file and the key that is missing, unknown or of a
            wrong type.
    """
    file = _folder(name) / "source.yml"
    if not file.exists():
        raise SourceRefused(
            f"there is no source {name!r}; there are {', '.join(source_names())}"
        )
    where = f"scrapers/{file.parent.parent.name}/{name}/source.yml"
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise SourceRefused(f"{where}: is not a map of keys")
    unknown = sorted(set(document) - set(_TYPES))
    if unknown:
        raise SourceRefused(f"{where}: {', '.join(unknown)} is not understood")
    missing = sorted(set(_TYPES) - set(_OPTIONAL) - set(document))
    if missing:
        raise SourceRefused(f"{where}: {', '.join(missing)} is missing")
    values = {**_OPTIONAL, **document}
    for key, value in values.items():
        wanted = _TYPES[key]
        if not isinstance(value, wanted) or (
            wanted is not bool and isinstance(value, bool)
        ):
            raise SourceRefused(f"{where}: {key} is {value!r}, of a wrong type")
    if values["name"] != name:
        raise SourceRefused(
            f"{where}: name is {values['name']!r}, the folder is {name!r}"
        )
    if values["needs"] not in NEEDS:
        raise SourceRefused(
            f"{where}: needs is {values['needs']!r}, not one of {', '.join(NEEDS[1:])}"
        )
    for key in ("hosts", "countries", "kinds"):
        odd = [item for item in values[key] if not isinstance(item, str)]
        if odd:
            # YAML reads an unquoted NO as false.
            raise SourceRefused(f"{where}: {key} holds {odd[0]!r}, which is no word")
        values[key] = tuple(values[key])
    return SourceSpec(**values)


def concerned(spec: SourceSpec, accounts: Iterable[Account]) -> tuple[Account, ...]:
    """The accounts that a source can be asked about."""
    return tuple(
        account
        for account in accounts
        if (not spec.countries or account.country in spec.countries)
        and (
            not spec.needs
            or bool(
                account.addresses(spec.name)
                if spec.needs == "place"
                else getattr(account, spec.needs)
            )
        )
    )


@cache
def withdrawing_sources() -> frozenset[str]:
    """Sources whose texts may be shown only while they show them themselves."""
    return frozenset(n for n in source_names() if load_source(n).text_is_withdrawn)


def load_parser(name: str) -> ModuleType:
    """The source's `parse` module, with `parse` and `PARSER_VERSION`."""
    return importlib.import_module(f"scrapers.sources.{name}.parse")


def recognised(url: str) -> tuple[tuple[str, str], ...]:
    """Every (source, address) that shows what a link leads to.

    Asks the module `recognise` of each source that has one: its function
    ``recognise(url)`` gives the address that its spider takes, or None.
    """
    found = ((name, recognise(url)) for name, recognise in _recognisers())
    return tuple((name, address) for name, address in found if address)


@cache
def _recognisers() -> tuple[tuple[str, Callable[[str], str | None]], ...]:
    return tuple(
        (
            name,
            importlib.import_module(f"scrapers.sources.{name}.recognise").recognise,
        )
        for name in source_names()
        if (SOURCES_DIR / name / "recognise.py").exists()
    )


def load_spider(name: str) -> type:
    """A source's or look-up's spider: the class in `spider.py` of the same name.

    Raises:
        SourceRefused: when there is none.
    """
    package = _folder(name).parent.name
    module = importlib.import_module(f"scrapers.{package}.{name}.spider")
    for value in vars(module).values():
        if isinstance(value, type) and getattr(value, "name", None) == name:
            return value
    raise SourceRefused(f"scrapers/{package}/{name}/spider.py: no spider named {name}")
