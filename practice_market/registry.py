"""data.brreg.no: entities, sub-units and roles as Enhetsregisteret v2 writes them.

A change shows here 1 to 10 days after it happened, and stands in an update feed from
that day: inclusive numbers for units, exclusive ones in strings for roles, the patch of
a change where it is asked for, no _embedded when there is nothing. No search shows more
than 10,000, and a unit that was removed from open data answers 410.
"""

import re
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from practice_market import annual_accounts, hostility, names
from practice_market.answer import Answer, Request, as_json, text
from practice_market.company import Market
from practice_market.draws import stream
from practice_market.story import ALWAYS, Filing, Person, Story
from practice_market.sub_units import SubUnit, sub_units

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
_CEILING = 10_000
_ROLE_FILINGS = ("DAGL", "LEDE", "VARA", "REVI")
# As large as the real ones, so that a cursor that starts at 0 is noticed.
_FIRST_NUMBER = {"enheter": 14_757_180, "underenheter": 9_204_511, "roller": 500}
_STEP = {"enheter": 3, "underenheter": 2, "roller": 1}
_KEYS = {"enheter": "oppdaterteEnheter", "underenheter": "oppdaterteUnderenheter"}
_LINKS = {"enheter": "enhet", "underenheter": "underenhet"}


def _link(path: str) -> dict[str, Any]:
    return {"self": {"href": f"{_ROOT}/{path}"}}


class Event(NamedTuple):
    """What an update feed tells; in order of day."""

    day: int
    number: str
    kind: str
    what: str


class Registry:
    """The registry of every company in the market."""

    def __init__(self, market: Market, stories: list[Story]) -> None:
        self.market = market
        self._by_number = {story.company.org_number: story for story in stories}
        self._units = {
            story.company.org_number: sub_units(market, story.company)
            for story in stories
        }
        self._by_unit = {
            unit.number: (story, unit)
            for story in stories
            for unit in self._units[story.company.org_number]
        }
        self._feeds = {
            "enheter": self._numbered("enheter", self._entity_events(stories)),
            "underenheter": self._numbered("underenheter", self._unit_events(stories)),
            "roller": self._numbered("roller", self._role_events(stories)),
        }
        self._auditors = {
            name: names.org_number(400_000 + 7 * number)
            for number, name in enumerate(names.AUDITORS)
        }

    def _numbered(self, feed: str, events: list[Event]) -> list[tuple[int, Event]]:
        """Events in the order of their days; a number never changes its event."""
        first, step = _FIRST_NUMBER[feed], _STEP[feed]
        return [(first + step * n, event) for n, event in enumerate(sorted(events))]

    def _entity_events(self, stories: list[Story]) -> list[Event]:
        return [
            Event(filing.filed, story.company.org_number, "Endring", filing.what)
            for story in stories
            for filing in story.filings
            if filing.what not in _ROLE_FILINGS
        ]

    def _role_events(self, stories: list[Story]) -> list[Event]:
        return [
            Event(filing.filed, story.company.org_number, "Endring", filing.what)
            for story in stories
            for filing in story.filings
            if filing.what in _ROLE_FILINGS
        ]

    def _unit_events(self, stories: list[Story]) -> list[Event]:
        events = []
        for story in stories:
            changed = [f for f in story.filings if f.what not in _ROLE_FILINGS]
            for unit in self._units[story.company.org_number]:
                events += [
                    Event(filing.filed, unit.number, "Endring", filing.what)
                    for filing in changed
                    if unit.is_listed(filing.filed)
                ]
                for day, kind in (
                    (unit.opened, "Ny"),
                    (unit.closed, "Sletting"),
                    (unit.removed, "Fjernet"),
                ):
                    if day is not None and day > ALWAYS:
                        events.append(Event(day, unit.number, kind, ""))
        return events

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

    def first_leader(self, story: Story) -> Person | None:
        """Who is the general manager until a filing says otherwise."""
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
        person = leader.person if leader else self.first_leader(story)
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

    def unit(self, story: Story, unit: SubUnit, day: int) -> dict[str, Any]:
        """A sub-unit (BEDR) as the registry holds it at the end of the day."""
        one, entity = story.company, self.entity(story, day)
        form = {
            "kode": "BEDR",
            "beskrivelse": _UNIT_FORM,
            "_links": _link("organisasjonsformer/BEDR"),
        }
        links = _link(f"underenheter/{unit.number}")
        name = entity["navn"] + unit.suffix
        if unit.closed is not None and day >= unit.closed:
            return {
                "organisasjonsnummer": unit.number,
                "navn": name,
                "organisasjonsform": form,
                "slettedato": self.market.date_of(unit.closed).isoformat(),
                "_links": links,
            }
        started = entity["stiftelsesdato"]
        if unit.opened > ALWAYS:
            started = self.market.date_of(unit.opened).isoformat()
        answer = {
            "organisasjonsnummer": unit.number,
            "navn": name,
            "organisasjonsform": form,
            "registreringsdatoEnhetsregisteret": started,
            "registrertIMvaregisteret": True,
            "naeringskode1": entity["naeringskode1"],
            "overordnetEnhet": one.org_number,
            "oppstartsdato": started,
            "beliggenhetsadresse": entity["forretningsadresse"],
            "_links": {
                **links,
                "overordnetEnhet": {"href": f"{_ROOT}/enheter/{one.org_number}"},
            },
        }
        if not unit.suffix:
            answer["antallAnsatte"] = one.employees
        return answer

    def answer(self, request: Request) -> Answer:
        """Answer one request to the registry."""
        day = request.day
        if request.path == "/robots.txt":
            return text(404, "Not Found")
        if request.path.startswith(annual_accounts.PATH):
            number = request.path.removeprefix(annual_accounts.PATH)
            return annual_accounts.answer(
                self.market, self._by_number.get(number), request
            )
        path = request.path.removeprefix("/enhetsregisteret/api/")
        if path.startswith("oppdateringer/"):
            return self._updates(path.removeprefix("oppdateringer/"), request)
        if hostility.is_registry_down(self.market, request.path, day):
            return as_json(500, {"status": 500, "error": "Internal Server Error"})
        if path in ("enheter", "underenheter"):
            return self._search(path, request)
        found = re.fullmatch(r"(enheter|underenheter)/(\d{9})(/roller)?", path)
        if found and found[1] == "enheter" and found[2] in self._by_number:
            story = self._by_number[found[2]]
            if found[3] is not None:
                return as_json(200, self.roles(story, day), _ROLES)
            return as_json(200, self.entity(story, day), _ENTITY)
        if found and found[1] == "underenheter" and found[2] in self._by_unit:
            story, unit = self._by_unit[found[2]]
            if unit.is_removed(day):
                return as_json(410, {"status": 410, "error": "Gone"})
            if unit.opened <= day and found[3] is None:
                return as_json(200, self.unit(story, unit, day), _UNIT)
        return as_json(404, {"status": 404, "error": "Not Found"})

    def _search(self, what: str, request: Request) -> Answer:
        """Look-up by numbers, parent, name or home page; nothing else."""
        asked = {k: v[0] for k, v in parse_qs(request.query).items()}
        size, number = _whole(asked, "size", 20), _whole(asked, "page", 0)
        if (number + 1) * size > _CEILING:
            return as_json(400, {"status": 400, "error": "Bad Request"})
        numbers = asked.get("organisasjonsnummer", "").split(",")
        day = request.day
        if what == "underenheter":
            parent = asked.get("overordnetEnhet", "")
            wanted = [*numbers, *(u.number for u in self._units.get(parent, ()))]
            found = [
                self.unit(story, unit, day)
                for story, unit in (
                    self._by_unit[n] for n in wanted if n in self._by_unit
                )
                if unit.is_listed(day)
            ]
        elif "navn" in asked or "hjemmeside" in asked:
            found = self._named(asked, day)
        else:
            stories = [self._by_number.get(number) for number in numbers]
            found = [self.entity(s, day) for s in stories if s is not None]
        shown = found[number * size : (number + 1) * size]
        content: dict[str, Any] = {
            "_links": {},
            "page": self._size(len(found), size, number),
        }
        if shown:
            content["_embedded"] = {what: shown}
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
        """The update feeds of A3: units as HAL, roles as CloudEvents."""
        feed = self._feeds.get(what)
        if feed is None:
            return as_json(404, {"status": 404, "error": "Not Found"})
        asked = {k: v[0] for k, v in parse_qs(request.query).items()}
        size, is_role = _whole(asked, "size", 100), what == "roller"
        if size > _CEILING:
            return as_json(400, {"status": 400, "error": "Bad Request"})
        events = [item for item in feed if item[1].day <= request.day]
        after = asked.get("afterId" if is_role else "oppdateringsid", "")
        moment = asked.get("afterTime" if is_role else "dato", "")[:10]
        if after.isdigit():
            # From the number itself for units, from the one after it for roles.
            least = int(after) + is_role
            events = [item for item in events if item[0] >= least]
        elif moment:
            first = (date.fromisoformat(moment) - self.market.start).days
            events = [item for item in events if item[1].day >= first]
        total, events = len(events), events[:size]
        if is_role:
            return as_json(200, [self._role_event(*item) for item in events])
        with_patch = asked.get("includeChanges") == "true"
        page = [self._unit_event(what, *item, with_patch) for item in events]
        content: dict[str, Any] = {"_links": {}, "page": self._size(total, size, 0)}
        if page:
            content["_embedded"] = {_KEYS[what]: page}
        return as_json(200, content)

    def _size(self, total: int, size: int, number: int) -> dict[str, int]:
        return {
            "size": size,
            "totalElements": total,
            "totalPages": -(-total // size),
            "number": number,
        }

    def _moment(self, day: int) -> str:
        return f"{self.market.date_of(day).isoformat()}T04:01:39.613Z"

    def _unit_event(
        self, what: str, number: int, event: Event, with_patch: bool
    ) -> dict[str, Any]:
        told: dict[str, Any] = {
            "oppdateringsid": number,
            "dato": self._moment(event.day),
            "organisasjonsnummer": event.number,
            "endringstype": event.kind,
            "_links": {
                _LINKS[what]: {"href": f"{_ROOT}/{what}/{event.number}"},
            },
        }
        if with_patch and event.kind == "Endring":
            told["endringer"] = [self._patch(what, event)]
        return told

    def _patch(self, what: str, event: Event) -> dict[str, Any]:
        """The change as RFC 6902 writes it."""
        if what == "enheter":
            unit = self.entity(self._by_number[event.number], event.day)
        else:
            unit = self.unit(*self._by_unit[event.number], event.day)
        key = event.what
        if key == "address":
            is_entity = what == "enheter"
            key = "forretningsadresse" if is_entity else "beliggenhetsadresse"
        return {"op": "replace", "path": f"/{key}", "value": unit[key]}

    def _role_event(self, number: int, event: Event) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": str(number),
            "source": f"{_ROOT}/enheter/{event.number}/roller",
            "type": "no.brreg.enhetsregisteret.rolle.oppdatert",
            "time": self._moment(event.day),
            "datacontenttype": "application/json",
            "data": {"organisasjonsnummer": event.number},
        }


def _whole(asked: dict[str, str], key: str, otherwise: int) -> int:
    """A whole number of a query."""
    value = asked.get(key, "")
    return int(value) if value.isdigit() else otherwise
