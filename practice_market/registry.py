"""data.brreg.no: entities and roles in the wire format of Enhetsregisteret v2.

A change shows here 1 to 10 days after it happened. The update feeds are simple: they
list filings in order, without the patch of each.
"""

import re
from datetime import date
from typing import Any
from urllib.parse import parse_qs

from practice_market import hostility, names
from practice_market.answer import Answer, Request, as_json
from practice_market.company import Market
from practice_market.draws import stream
from practice_market.story import Filing, Person, Story

HOST = "data.brreg.no"
_ROOT = "https://data.brreg.no/enhetsregisteret/api"
_ENTITY = b"application/vnd.brreg.enhetsregisteret.enhet.v2+json;charset=UTF-8"
_UNIT = b"application/vnd.brreg.enhetsregisteret.underenhet.v2+json;charset=UTF-8"
_ROLES = b"application/json"
_ROLE_NAMES = {
    "DAGL": "Daglig leder",
    "LEDE": "Styrets leder",
    "MEDL": "Styremedlem",
    "VARA": "Varamedlem",
    "REVI": "Revisor",
}
_GROUP_NAMES = {"DAGL": "Daglig leder", "STYR": "Styre", "REVI": "Revisor"}
_UNIT_FORM = "Underenhet til næringsdrivende og offentlig forvaltning"
_LONG_AGO = date(2019, 5, 14)


def _link(path: str) -> dict[str, Any]:
    return {"self": {"href": f"{_ROOT}/{path}"}}


class Registry:
    """The registry of every company in the market."""

    def __init__(self, market: Market, stories: list[Story]) -> None:
        self.market = market
        self._by_number = {story.company.org_number: story for story in stories}
        self._by_unit = {story.company.unit_number: story for story in stories}
        self._feed = sorted(
            (filing.filed, story.company.org_number, filing.what)
            for story in stories
            for filing in story.filings
        )
        self._auditors = {
            name: names.org_number(400_000 + 7 * number)
            for number, name in enumerate(names.AUDITORS)
        }

    def _latest(self, story: Story, what: str, day: int) -> Filing | None:
        found = None
        for filing in story.filings:
            if filing.what == what and filing.filed <= day:
                found = filing
        return found

    def entity(self, story: Story, day: int) -> dict[str, Any]:
        """The entity as the registry holds it at the end of the day."""
        one = story.company
        rng = stream("registry", one.org_number)
        founded = date(rng.randint(1975, 2012), rng.randint(1, 12), rng.randint(1, 28))
        name = self._latest(story, "navn", day)
        address = self._latest(story, "address", day)
        code, described = names.NACE[one.sector]
        nace = self._latest(story, "naeringskode1", day)
        if nace is not None:
            code, _, described = nace.value.partition("|")
        street = stream("street", one.org_number)
        road = f"{street.choice(names.STREETS).replace('_', ' ')}"
        lines = [address.value if address else f"{road} {street.randint(1, 90)}"]
        place = {
            "land": "Norge",
            "landkode": "NO",
            "postnummer": one.postal_code,
            "poststed": one.city,
            "adresse": lines,
            "kommune": one.city,
            "kommunenummer": one.municipality,
        }
        form = "ASA" if one.employees > 1500 else "AS"
        described_form = {"AS": "Aksjeselskap", "ASA": "Allmennaksjeselskap"}[form]
        entity: dict[str, Any] = {
            "organisasjonsnummer": one.org_number,
            "navn": name.value if name else f"{one.name} {form}".upper(),
            "organisasjonsform": {
                "kode": form,
                "beskrivelse": described_form,
                "_links": _link(f"organisasjonsformer/{form}"),
            },
            "hjemmeside": f"www.{one.domain}",
            "registreringsdatoEnhetsregisteret": founded.isoformat(),
            "registrertIMvaregisteret": True,
            "naeringskode1": {"kode": code, "beskrivelse": described},
            "antallAnsatte": one.employees,
            "harRegistrertAntallAnsatte": True,
            "forretningsadresse": place,
            "stiftelsesdato": founded.isoformat(),
            "institusjonellSektorkode": {
                "kode": "2100",
                "beskrivelse": "Private aksjeselskaper mv.",
            },
            "registrertIForetaksregisteret": True,
            "registrertIStiftelsesregisteret": False,
            "registrertIFrivillighetsregisteret": False,
            "sisteInnsendteAarsregnskap": "2023",
            "konkurs": False,
            "underAvvikling": False,
            "underTvangsavviklingEllerTvangsopplosning": False,
            "maalform": "Nynorsk" if one.language == "nn" else "Bokmål",
            "aktivitet": [f"{one.sector} og det som hører til."],
            "registreringsdatoForetaksregisteret": founded.isoformat(),
            "registrertIPartiregisteret": False,
            "erIKonsern": name is not None,
            "kapital": {
                "belop": 100_000.00 * rng.randint(1, 90),
                "antallAksjer": 1000 * rng.randint(1, 50),
                "type": "Aksjekapital",
                "valuta": "NOK",
            },
            "paategninger": [],
            "_links": _link(f"enheter/{one.org_number}"),
            "respons_klasse": "Enhet",
        }
        if one.employees < 5:
            del entity["antallAnsatte"]
        if name is not None:
            entity["historiskeNavn"] = [
                {
                    "navn": f"{one.name} {form}".upper(),
                    "fraDato": founded.isoformat(),
                    "tilDato": self.market.date_of(name.filed).isoformat(),
                }
            ]
        return entity

    def _first_leader(self, story: Story) -> Person | None:
        leaders = [post for post in story.posts if post.function == "general"]
        return leaders[0].person if leaders else None

    def _person_role(self, code: str, person: Person, order: int) -> dict[str, Any]:
        first, _, middle = person.first.partition(" ")
        named = {"fornavn": first, "etternavn": person.last}
        if middle:
            named = {"fornavn": first, "mellomnavn": middle, "etternavn": person.last}
        return {
            "type": {
                "kode": code,
                "beskrivelse": _ROLE_NAMES[code],
                "_links": _link(f"roller/rolletyper/{code}"),
            },
            "person": {"fodselsdato": person.born, "navn": named, "erDoed": False},
            "fratraadt": False,
            "avregistrert": False,
            "rekkefolge": order,
        }

    def _group(
        self, code: str, changed: int | None, roles: list[dict[str, Any]]
    ) -> dict[str, Any]:
        day = self.market.date_of(changed) if changed is not None else _LONG_AGO
        return {
            "type": {
                "kode": code,
                "beskrivelse": _GROUP_NAMES[code],
                "_links": _link(f"roller/rollegruppetyper/{code}"),
            },
            "sistEndret": day.isoformat(),
            "roller": roles,
        }

    def roles(self, story: Story, day: int) -> dict[str, Any]:
        """The roles as the registry holds them at the end of the day."""
        one, groups = story.company, []
        leader = self._latest(story, "DAGL", day)
        person = leader.person if leader else self._first_leader(story)
        if person is not None:
            role = self._person_role("DAGL", person, 0)
            groups.append(self._group("DAGL", leader.filed if leader else None, [role]))
        board, changed = [], None
        for order, role_name in enumerate(("LEDE", "MEDL1", "MEDL2", "VARA")):
            filing = self._latest(story, role_name, day)
            holder = story.first_holders[role_name]
            if filing is not None and filing.person is not None:
                holder = filing.person
                changed = max(changed or filing.filed, filing.filed)
            board.append(self._person_role(role_name[:4], holder, order))
        groups.append(self._group("STYR", changed, board))
        audit = self._latest(story, "REVI", day)
        auditor = audit.value if audit else one.auditor
        form = auditor.rsplit(" ", 1)[1]
        described = {"AS": "Aksjeselskap", "DA": "Ansvarlig selskap med delt ansvar"}
        unit = {
            "organisasjonsnummer": self._auditors[auditor],
            "organisasjonsform": {
                "kode": form,
                "beskrivelse": described[form],
                "_links": _link(f"organisasjonsformer/{form}"),
            },
            "navn": [auditor],
            "erSlettet": False,
            "_links": _link(f"enheter/{self._auditors[auditor]}"),
        }
        revision = {
            "type": {
                "kode": "REVI",
                "beskrivelse": "Revisor",
                "_links": _link("roller/rolletyper/REVI"),
            },
            "enhet": unit,
            "fratraadt": False,
            "avregistrert": False,
            "rekkefolge": 0,
        }
        groups.append(self._group("REVI", audit.filed if audit else None, [revision]))
        return {
            "rollegrupper": groups,
            "_links": {
                "self": {"href": f"{_ROOT}/enheter/{one.org_number}/roller"},
                "enhet": {"href": f"{_ROOT}/enheter/{one.org_number}"},
            },
        }

    def unit(self, story: Story, day: int) -> dict[str, Any]:
        """The one sub-unit (BEDR) of a company."""
        one, entity = story.company, self.entity(story, day)
        return {
            "organisasjonsnummer": one.unit_number,
            "navn": entity["navn"],
            "organisasjonsform": {
                "kode": "BEDR",
                "beskrivelse": _UNIT_FORM,
                "_links": _link("organisasjonsformer/BEDR"),
            },
            "registreringsdatoEnhetsregisteret": entity["stiftelsesdato"],
            "registrertIMvaregisteret": True,
            "naeringskode1": entity["naeringskode1"],
            "antallAnsatte": one.employees,
            "overordnetEnhet": one.org_number,
            "oppstartsdato": entity["stiftelsesdato"],
            "beliggenhetsadresse": entity["forretningsadresse"],
            "_links": {
                **_link(f"underenheter/{one.unit_number}"),
                "overordnetEnhet": {"href": f"{_ROOT}/enheter/{one.org_number}"},
            },
        }

    def answer(self, request: Request) -> Answer:
        """Answer one request to the registry."""
        day = request.day
        path = request.path.removeprefix("/enhetsregisteret/api/")
        if path.startswith("oppdateringer/"):
            return self._updates(path.removeprefix("oppdateringer/"), request)
        if hostility.is_registry_down(self.market, request.path, day):
            return as_json(500, {"status": 500, "error": "Internal Server Error"})
        if path in ("enheter", "underenheter"):
            return self._search(path, request)
        found = re.fullmatch(r"(enheter|underenheter)/(\d{9})(/roller)?", path)
        story = None
        if found:
            kind, number, roles = found.groups()
            known = self._by_number if kind == "enheter" else self._by_unit
            story = known.get(number)
            if story is not None and kind == "underenheter" and roles is None:
                return as_json(200, self.unit(story, day), _UNIT)
            if story is not None and kind == "enheter":
                if roles is not None:
                    return as_json(200, self.roles(story, day), _ROLES)
                return as_json(200, self.entity(story, day), _ENTITY)
        return as_json(404, {"status": 404, "error": "Not Found"})

    def _search(self, what: str, request: Request) -> Answer:
        """Look-up by numbers, parent, name or home page; nothing else."""
        asked = {k: v[0] for k, v in parse_qs(request.query).items()}
        numbers = asked.get("organisasjonsnummer", "").split(",")
        if what == "underenheter":
            stories = [self._by_unit.get(number) for number in numbers]
            stories.append(self._by_number.get(asked.get("overordnetEnhet", "")))
            found = [self.unit(s, request.day) for s in stories if s is not None]
        elif "navn" in asked or "hjemmeside" in asked:
            found = self._named(asked, request.day)
        else:
            stories = [self._by_number.get(number) for number in numbers]
            found = [self.entity(s, request.day) for s in stories if s is not None]
        page = self._size(len(found), 20)
        content: dict[str, Any] = {"_links": {}, "page": page}
        if found:
            content["_embedded"] = {what: found}
        return as_json(200, content, _UNIT if what == "underenheter" else _ENTITY)

    def _named(self, asked: dict[str, str], day: int) -> list[dict[str, Any]]:
        """Entities whose name has all the words asked for, or that home page."""
        words = re.findall(r"\w+", asked.get("navn", "").upper())
        home = asked.get("hjemmeside")
        entities = (self.entity(story, day) for story in self._by_number.values())
        return [
            entity
            for entity in entities
            if (home is None or entity["hjemmeside"] == home)
            and all(word in re.findall(r"\w+", entity["navn"]) for word in words)
        ]

    def _updates(self, what: str, request: Request) -> Answer:
        """The update feeds of A3: entities as HAL, roles as CloudEvents."""
        asked = {k: v[0] for k, v in parse_qs(request.query).items()}
        size = int(asked["size"]) if asked.get("size", "").isdigit() else 100
        is_role = what == "roller"
        events = [
            (number, *event)
            for number, event in enumerate(self._feed)
            if event[0] <= request.day
            and (event[2] in ("DAGL", "LEDE", "VARA", "REVI")) == is_role
        ]
        after = asked.get("afterId" if is_role else "oppdateringsid", "")
        moment = asked.get("afterTime" if is_role else "dato", "")[:10]
        if after.isdigit():
            least = int(after) + 1 if is_role else int(after)
            events = [event for event in events if event[0] >= least]
        elif moment:
            first = (date.fromisoformat(moment) - self.market.start).days
            events = [event for event in events if event[1] >= first]
        events = events[: min(size, 10_000)]
        if is_role:
            return as_json(200, [self._role_event(*event) for event in events])
        if what != "enheter":
            return as_json(200, {"_links": {}, "page": self._size(0, size)})
        page = [self._entity_event(*event) for event in events]
        content: dict[str, Any] = {"_links": {}, "page": self._size(len(page), size)}
        if page:
            content["_embedded"] = {"oppdaterteEnheter": page}
        return as_json(200, content)

    def _size(self, total: int, size: int) -> dict[str, int]:
        return {
            "size": size,
            "totalElements": total,
            "totalPages": 1 if total else 0,
            "number": 0,
        }

    def _moment(self, day: int) -> str:
        return f"{self.market.date_of(day).isoformat()}T04:01:39.613Z"

    def _entity_event(
        self, number: int, day: int, org_number: str, what: str
    ) -> dict[str, Any]:
        return {
            "oppdateringsid": number,
            "dato": self._moment(day),
            "organisasjonsnummer": org_number,
            "endringstype": "Endring",
            "_links": {"enhet": {"href": f"{_ROOT}/enheter/{org_number}"}},
        }

    def _role_event(
        self, number: int, day: int, org_number: str, what: str
    ) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": str(number),
            "source": f"{_ROOT}/enheter/{org_number}/roller",
            "type": "no.brreg.enhetsregisteret.rolle.oppdatert",
            "time": self._moment(day),
            "datacontenttype": "application/json",
            "data": {"organisasjonsnummer": org_number},
        }
