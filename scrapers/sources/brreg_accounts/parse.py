"""Annual accounts of Regnskapsregisteret, in JSON and in XML.

The register serves key figures of the ordinary plans only: a company that files as a
bank or an insurer is answered with a refusal, which is read here as what it is. What
changed between two years is not decided here.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from lxml import etree

from scrapers.envelope import Envelope
from scrapers.extract.dates import iso_day
from scrapers.extract.json_body import mapping, number, read_json, string, warn_unread
from scrapers.extract.refusal import NothingReadable, ParseRefused
from scrapers.extract.xml_body import read_xml
from scrapers.records import AnnualAccounts

PARSER_VERSION = "1"

_TYPES = {"SELSKAP": "company", "KONSERN": "group"}
_PLAN = re.compile(r"\(([A-ZÆØÅ]+)\)")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,6})?")
_KNOWN_KEYS = frozenset(
    (
        "id",
        "journalnr",
        "regnskapstype",
        "regnskapDokumenttype",
        "virksomhet",
        "regnskapsperiode",
        "valuta",
        "avviklingsregnskap",
        "oppstillingsplan",
        "revisjon",
        # The register's own spelling.
        "regnkapsprinsipper",
        "egenkapitalGjeld",
        "eiendeler",
        "resultatregnskapResultat",
        "_links",
        "links",
    )
)


def parse(body: bytes, envelope: Envelope) -> Iterator[AnnualAccounts]:
    """Every set of accounts of a payload, most often one: the latest year.

    Raises:
        NothingReadable: no accounts are filed, or they follow a plan that the register
            does not serve; the sentence says which.
        ParseRefused: the payload is not what the register serves.
    """
    if envelope.http_status == 404:
        raise NothingReadable(f"No accounts are filed at {envelope.url}.")
    if envelope.http_status >= 500:
        raise NothingReadable(_refusal(body, envelope))
    if body.lstrip()[:1] == b"<":
        payload = _items_of_xml(body, envelope.url)
    else:
        payload = read_json(body, envelope.content_type, envelope.url)
    for item in payload if isinstance(payload, list) else [payload]:
        yield _accounts(mapping(item, f"The accounts of {envelope.url}"), envelope.url)


def _refusal(body: bytes, envelope: Envelope) -> str:
    """Why the register did not serve accounts, as far as it says."""
    found = _PLAN.search(body.decode("utf-8", "replace"))
    if found:
        return (
            f"The accounts of {envelope.url} follow the plan {found[1]}, which the "
            "register does not serve."
        )
    return (
        f"The register answers {envelope.http_status} for {envelope.url} and names no "
        "plan; banks and insurers are answered so."
    )


def _accounts(item: Mapping[str, Any], url: str) -> AnnualAccounts:
    warn_unread("annual accounts", item, _KNOWN_KEYS)
    given_id = item.get("id")
    is_number = isinstance(given_id, int) and not isinstance(given_id, bool)
    accounts_id = str(given_id) if is_number else string(given_id)
    org_number = string(_at(item, "virksomhet", "organisasjonsnummer"))
    currency = string(item.get("valuta"))
    if accounts_id is None or org_number is None or currency is None:
        raise ParseRefused(
            f"The accounts of {url} lack their id, organisation number or currency."
        )
    # Where the type is left out, only companies' own accounts are served.
    stated = item.get("regnskapstype", "SELSKAP")
    if not isinstance(stated, str) or stated not in _TYPES:
        raise ParseRefused(f"The accounts of {url} have the unknown type {stated!r}.")
    return AnnualAccounts(
        org_number=org_number,
        accounts_id=accounts_id,
        accounts_type=_TYPES[stated],
        period_from=_day(item, "fraDato", url),
        period_to=_day(item, "tilDato", url),
        currency=currency,
        revenue=_amount(
            item,
            "resultatregnskapResultat driftsresultat driftsinntekter",
            "sumDriftsinntekter",
        ),
        operating_costs=_amount(
            item,
            "resultatregnskapResultat driftsresultat driftskostnad",
            "sumDriftskostnad",
        ),
        operating_result=_amount(
            item, "resultatregnskapResultat driftsresultat", "driftsresultat"
        ),
        result_before_tax=_amount(
            item, "resultatregnskapResultat", "ordinaertResultatFoerSkattekostnad"
        ),
        result=_amount(item, "resultatregnskapResultat", "aarsresultat"),
        total_assets=_amount(item, "eiendeler", "sumEiendeler"),
        equity=_amount(item, "egenkapitalGjeld egenkapital", "sumEgenkapital"),
        debt=_amount(item, "egenkapitalGjeld gjeldOversikt", "sumGjeld"),
        is_unaudited=_flag(_at(item, "revisjon", "ikkeRevidertAarsregnskap")),
        is_liquidation=_flag(item.get("avviklingsregnskap")) is True,
    )


def _at(item: Mapping[str, Any], *path: str) -> Any:
    value: Any = item
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _amount(item: Mapping[str, Any], path: str, key: str) -> float | None:
    value = _at(item, *path.split(), key)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return number(value)


def _flag(value: Any) -> bool | None:
    if not isinstance(value, str | int):
        return None
    return {"true": True, "false": False, True: True, False: False}.get(value)


def _day(item: Mapping[str, Any], key: str, url: str) -> date:
    day = iso_day(_at(item, "regnskapsperiode", key))
    if day is None:
        raise ParseRefused(f"The accounts of {url} do not say their {key}.")
    return day


def _items_of_xml(body: bytes, url: str) -> list[Any]:
    """The items of the XML form, which has the names of the JSON form."""
    root = read_xml(body, url)
    items = root.findall("item")
    return [_object(item) for item in items] if items else [_object(root)]


def _object(element: etree._Element) -> Any:
    if len(element) == 0:
        return (element.text or "").strip()
    return {str(child.tag): _object(child) for child in element}
