"""What happens to one company: the hidden process and all that it brings about.

SCIENCE 5.1 to 5.3: hidden states, causes that raise or lower the hazard of a need,
what each state emits, and nuisances that mean nothing. How any of it looks on a page
does not belong here.
"""

import random
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import exp

from practice_market import names
from practice_market.company import (
    HISTORY_DAYS,
    Company,
    Market,
    company,
    sector_effect,
    sector_shock,
)
from practice_market.draws import daily, negative_binomial, poisson, stream
from practice_market.titles import (
    FUNCTIONS,
    INTERIM,
    JOBS,
    LEADERS,
    MANAGERS,
    PRIMARY,
    THEME_JOBS,
)

DORMANT, EMERGING, ORGANISING, PROCURING, SERVED = range(5)
STATES = ("dormant", "emerging", "organising", "procuring", "served")
ALWAYS = -100_000
"""Day before anything: what was there when the simulation began."""


@dataclass(frozen=True)
class CauseKind:
    """A row of the table of causes in SCIENCE 5.1 (rates per week)."""

    name: str
    rate: float
    multiplier: float
    half_life_weeks: float
    recall: float
    false_rate: float


CAUSES = (
    CauseKind("leader_primary", 0.0056, 7.0, 8.0, 0.90, 0.0008),
    CauseKind("leader_other", 0.015, 1.5, 8.0, 0.90, 0.0015),
    CauseKind("reorg", 0.0025, 4.0, 12.0, 0.80, 0.0008),
    CauseKind("merger", 0.001, 3.5, 20.0, 0.95, 0.0002),
    CauseKind("unrest", 0.003, 2.0, 8.0, 0.70, 0.0015),
    CauseKind("hiring_freeze", 0.003, 0.25, 13.0, 0.80, 0.0008),
)
_TOGETHER = 1.8
_FLOOR = 0.05
BASE_HAZARD = 0.0018
_HAZARDS = {
    EMERGING: ((ORGANISING, 0.10), (DORMANT, 0.03)),
    ORGANISING: ((PROCURING, 0.125), (DORMANT, 0.02)),
    PROCURING: ((SERVED, 0.125),),
    SERVED: ((DORMANT, 1 / 26),),
}

_THEME_JOBS = (1.0, 2.5, 8.0, 5.0, 1.0)
_ALL_JOBS = (1.0, 1.15, 1.5, 1.2, 1.0)
_EDITS = (1.0, 1.3, 1.6, 1.4, 1.0)
_PRESS = (1.0, 1.2, 1.4, 1.2, 1.0)
_LANGUAGE_Z = (0.0, 0.5, 0.8, 0.5, 0.0)
_THEME_Z = (0.0, 0.6, 0.9, 0.6, 0.0)
_JOB_MIX_Z = (0.0, 0.3, 0.7, 0.5, 0.0)
_INITIATIVE = (0.004, 0.02, 0.04, 0.02, 0.004)
_PARTNERSHIP = (0.004, 0.006, 0.015, 0.01, 0.006)
_PRIOR_NOTICE = (0.0003, 0.002, 0.035, 0.01, 0.0003)
NUISANCES = (
    ("address_change", 0.01),
    ("auditor_change", 0.02),
    ("sponsor_news", 0.03),
    ("event_calendar", 0.04),
    ("photo_swap", 0.05),
    ("social_links", 0.07),
    ("unrelated_job", 0.09),
    ("legal_text", 0.12),
    ("footer_counter", 0.15),
    ("deputy_board_member", 0.02),
)
CPV = (
    ("48445000", "Programvare for styring av kundekontakt"),
    ("48445000", "Programvare for styring av kundekontakt"),
    ("48451000", "Programvare for forretningsstyring"),
    ("48611000", "Databaseprogramvare"),
    ("72212445", "Utvikling av programvare for styring av kundekontakt"),
    ("72222300", "IT-tjenester"),
    ("72263000", "Implementering av programvare"),
    ("72322000", "Datastyring"),
)
CONTENT_SLOTS = 4
"""Paragraphs of each page of text."""
_JOB_TILT = 0.7
_MIN_TEAM = 3


@dataclass(frozen=True)
class Person:
    """Somebody made up; a name variant shows from renamed_on."""

    key: str
    first: str
    last: str
    born: str
    renamed_on: int | None = None
    variant: str = ""

    def name(self, day: int) -> str:
        """The name as the company writes it on that day."""
        if self.renamed_on is not None and day >= self.renamed_on:
            return self.variant
        return f"{self.first} {self.last}"


@dataclass
class Post:
    """A person in a role from start (inclusive) to end (exclusive)."""

    person: Person
    function: str
    title: str
    rank: int
    section: int
    start: int
    end: int | None = None

    def holds(self, day: int) -> bool:
        """True when the role is held on that day."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass
class Job:
    """An advertised job; day ranges as in Post."""

    key: str
    title: str
    function: str
    is_theme: bool
    rho: float
    opened: int
    closed: int
    on_site: bool
    on_feed: bool
    feed_lag: int
    is_masked: bool


@dataclass(frozen=True)
class Article:
    """A news item that shows from its day."""

    day: int
    kind: str
    serial: int
    rho: float
    subject: str = ""


@dataclass(frozen=True)
class Edit:
    """A paragraph that is written anew."""

    day: int
    page: int
    slot: int
    serial: int
    rho: float
    opens_with_theme: bool


@dataclass(frozen=True)
class Cause:
    """A cause: true ones move the hazard, visible ones show, false ones only show."""

    day: int
    kind: str
    is_true: bool
    is_visible: bool


@dataclass(frozen=True)
class Filing:
    """A change in the registry: it happened on day and shows there from filed."""

    day: int
    filed: int
    what: str
    value: str
    person: Person | None = None


@dataclass
class Tender:
    """A procurement of what the watched offer sells."""

    serial: int
    published: int
    cpv: str
    what: str
    value: int
    months: int
    decided: int | None = None
    is_cancelled: bool = False
    winner: str = ""


@dataclass(frozen=True)
class PriorNotice:
    """A planning notice or market dialogue; tender_serial joins it to what follows."""

    day: int
    is_dialogue: bool
    tender_serial: int | None
    serial: int


@dataclass
class Story:
    """All that happens to a company, in order of time."""

    company: Company
    states: bytearray = field(default_factory=bytearray)
    causes: list[Cause] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    nuisances: list[tuple[int, str]] = field(default_factory=list)
    filings: list[Filing] = field(default_factory=list)
    tenders: list[Tender] = field(default_factory=list)
    prior_notices: list[PriorNotice] = field(default_factory=list)
    section_changes: list[int] = field(default_factory=list)
    pages: int = 2

    def state(self, day: int) -> int:
        """The hidden state at the end of a day."""
        return self.states[day + HISTORY_DAYS]

    @cached_property
    def first_holders(self) -> dict[str, Person]:
        """Chair, members and deputy of the board when the simulation began."""
        rng = stream("board", self.company.org_number)
        holders = {}
        for number, role in enumerate(("LEDE", "MEDL1", "MEDL2", "VARA")):
            holders[role] = new_person(
                rng, self.company, f"board-{number}", may_change=False
            )
        return holders


def new_person(
    rng: random.Random, one: Company, key: str, *, may_change: bool, day: int = 0
) -> Person:
    """Somebody new; with may_change 3 % will be written otherwise some day."""
    first, last = names.person(rng, one.language)
    born = (
        f"{rng.randint(1960, 1990)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    )
    person = Person(f"{one.account_id}-{key}", first, last, born)
    if rng.random() >= 0.03 or not may_change:
        return person
    other = names.person(rng, one.language)[1]
    variant = rng.choice(
        (f"{first[0]}. {last}", f"{first} {other}", f"{first} {last}-{other}")
    )
    return replace(person, renamed_on=day + rng.randint(20, 200), variant=variant)


class _Life:
    """The simulation of one company, day by day (builds a Story)."""

    def __init__(self, market: Market, one: Company) -> None:
        self.market, self.one = market, one
        self.story = Story(one)
        self.hidden = stream(market.seed, "hidden", one.index)
        self.seen = stream(market.seed, "seen", one.index)
        self.people = stream(market.seed, "people", one.index)
        self.sector = sector_effect(market, one.sector)
        self.intensity = dict.fromkeys((kind.name for kind in CAUSES), 0.0)
        self.frozen_until = ALWAYS
        self.serial = 0
        self.story.pages = 2 + (self.people.random() < 0.4)
        self._first_team()

    def _next(self) -> int:
        self.serial += 1
        return self.serial

    # People

    def _somebody(self, day: int) -> Person:
        return new_person(
            self.people,
            self.one,
            f"{self._next():04d}",
            may_change=not self.market.calm,
            day=day,
        )

    def _first_team(self) -> None:
        rng, titles = self.people, LEADERS[self.one.language]
        wanted = max(4, min(10, round(6 + 1.3 * self.one.size)))
        others = [f for f in FUNCTIONS if f not in ("general", PRIMARY)]
        rng.shuffle(others)
        chosen = ["general", PRIMARY, *others][: max(4, wanted - 2)]
        if rng.random() < 0.08:
            chosen.remove(PRIMARY)
        for rank, function in enumerate(chosen):
            self._take(function, rng.choice(titles[function]), rank, 0, ALWAYS)
        managers = list(MANAGERS[self.one.language])
        rng.shuffle(managers)
        for rank, (function, title) in enumerate(managers[: wanted - len(chosen)]):
            self._take(function, title, 20 + rank, 1, ALWAYS)

    def _take(
        self, function: str, title: str, rank: int, section: int, day: int
    ) -> Post:
        post = Post(self._somebody(max(day, 0)), function, title, rank, section, day)
        self.story.posts.append(post)
        return post

    def _settled(self, day: int) -> list[Post]:
        """Posts held now whose end is not decided yet."""
        return [p for p in self.story.posts if p.start <= day and p.end is None]

    def _succeed(self, old: Post, day: int) -> Post:
        title = old.title
        for word in INTERIM.values():
            title = title.removeprefix(f"{word} ")
        title = title[0].upper() + title[1:]
        return self._take(old.function, title, old.rank, old.section, day)

    def _change_leader(self, functions: tuple[str, ...], day: int) -> None:
        rng = self.people
        leaders = [
            p for p in self._settled(day) if p.section == 0 and p.function in functions
        ]
        taken = {p.function for p in self._settled(day)}
        free = [f for f in functions if f not in taken]
        is_new = bool(free) and (not leaders or rng.random() < 0.2)
        if is_new:
            function = rng.choice(free)
            title = rng.choice(LEADERS[self.one.language][function])
            self._take(function, title, FUNCTIONS.index(function), 0, day)
            return
        if not leaders:
            return
        old = rng.choice(leaders)
        old.end = day
        if rng.random() < 0.65:
            new = self._succeed(old, day)
        else:
            gap = rng.randint(21, 60)
            if rng.random() < 0.4:
                word = INTERIM[self.one.language]
                title = old.title
                if not title[:2].isupper():
                    title = title[0].lower() + title[1:]
                acting = self._take(old.function, f"{word} {title}", old.rank, 0, day)
                acting.end = day + gap
            new = self._succeed(old, day + gap)
        if old.function == "general":
            self._file(new.start, "DAGL", "", new.person)
        if rng.random() < 0.5:
            self._news(
                "leader",
                new.start + rng.randint(0, 3),
                subject=(f"{new.person.first} {new.person.last}|{new.title}"),
            )

    # What shows

    def _file(
        self, day: int, what: str, value: str, person: Person | None = None
    ) -> None:
        lag = 1 if self.market.calm else self.people.randint(1, 10)
        self.story.filings.append(Filing(day, day + lag, what, value, person))

    def _news(self, kind: str, day: int, rho: float = 0.03, subject: str = "") -> None:
        self.story.articles.append(Article(day, kind, self._next(), rho, subject))

    def _show(self, kind: str, day: int) -> None:
        rng = self.people
        if kind == "leader_primary":
            self._change_leader((PRIMARY,), day)
        elif kind == "leader_other":
            self._change_leader(tuple(f for f in FUNCTIONS if f != PRIMARY), day)
        elif kind == "reorg":
            self.story.section_changes.append(day)
            self._news("reorg", day + rng.randint(0, 3))
            if rng.random() < 0.3:
                code, text = rng.choice(names.OTHER_NACE)
                self._file(day, "naeringskode1", f"{code}|{text}")
        elif kind == "merger":
            partner = rng.choice(("Sund", "Varg", "Tinde", "Nes", "Brot"))
            self._news("merger", day + rng.randint(0, 3), subject=partner)
            if rng.random() < 0.5:
                legal = f"{self.one.name} {partner} AS".upper()
                self._file(day + rng.randint(7, 30), "navn", legal)
            self._file(day, "LEDE", "", self._board_member())
        elif kind == "unrest":
            settled = [p for p in self._settled(day) if p.function != "general"]
            room = max(0, len(self._settled(day)) - _MIN_TEAM)
            count = min(rng.randint(3, 6), room, len(settled))
            for post in rng.sample(settled, count):
                post.end = day + rng.randint(0, 21)
                if rng.random() < 0.7:
                    self._succeed(post, post.end + rng.randint(30, 90))
        elif kind == "hiring_freeze":
            self.frozen_until = day + 70
            for job in self.story.jobs:
                if job.closed > day and rng.random() < 0.8:
                    job.closed = max(job.opened + 1, day + rng.randint(0, 10))

    def _board_member(self) -> Person:
        return new_person(
            self.people, self.one, f"board-{self._next()}", may_change=False
        )

    # The hidden process

    def _hazard(self) -> float:
        level = {name: min(value, 1.0) for name, value in self.intensity.items()}
        factor = 1.0
        for kind in CAUSES:
            factor *= 1.0 + (kind.multiplier - 1.0) * level[kind.name]
        both = min(level["leader_primary"], level["unrest"])
        factor *= 1.0 + (_TOGETHER - 1.0) * both
        base = BASE_HAZARD * self.market.need_scale
        return base * exp(0.4 * self.one.size + self.sector) * max(factor, _FLOOR)

    def _causes(self, day: int) -> None:
        rng = self.hidden
        for kind in CAUSES:
            self.intensity[kind.name] *= 0.5 ** (1.0 / (7.0 * kind.half_life_weeks))
            if rng.random() < daily(kind.rate):
                self.intensity[kind.name] += 1.0
                is_visible = rng.random() < kind.recall
                self.story.causes.append(Cause(day, kind.name, True, is_visible))
                if is_visible:
                    self._show(kind.name, day)
            if rng.random() < daily(kind.false_rate):
                self.story.causes.append(Cause(day, kind.name, False, True))
                self._show(kind.name, day)

    def _step(self, state: int, day: int) -> int:
        draw = self.hidden.random()
        if state == DORMANT:
            return EMERGING if draw < daily(self._hazard()) else DORMANT
        for target, weekly in _HAZARDS[state]:
            hazard = daily(weekly)
            if draw < hazard:
                if target == PROCURING:
                    self._open_tender(day)
                elif target == SERVED:
                    self._decide_tender(day)
                return target
            draw -= hazard
        return state

    def _open_tender(self, day: int) -> None:
        rng = self.seen
        cpv, what = rng.choice(CPV)
        self.story.tenders.append(
            Tender(
                serial=len(self.story.tenders),
                published=day,
                cpv=cpv,
                what=what,
                value=round(400_000 * exp(0.5 * self.one.size) * rng.uniform(0.6, 4)),
                months=rng.choice((24, 36, 48)),
            )
        )

    def _decide_tender(self, day: int) -> None:
        rng, tender = self.seen, self.story.tenders[-1]
        tender.decided = day
        tender.is_cancelled = rng.random() < 0.08
        tender.winner = rng.choice(names.VENDORS)

    # Emissions

    def _week(self, day: int, state: int) -> None:
        rng, a = self.seen, self.one.activity
        shock = sector_shock(self.market, self.one.sector, day)
        language = rng.gauss(_LANGUAGE_Z[state], 1.0) + (1.2 if shock else 0.0)
        theme = rng.gauss(_THEME_Z[state], 1.0) + (1.0 if shock else 0.0)
        mix = rng.gauss(_JOB_MIX_Z[state], 1.0)
        rho = 0.02 + 0.02 * max(language + 1.0, 0.0)
        mention = 0.04 + 0.06 * max(theme + 1.0, 0.0)

        tempo = 0.15 if day < self.frozen_until else 1.0
        mean = 0.02 * a**0.5 * _THEME_JOBS[state] * tempo
        for _ in range(poisson(rng, mean)):
            function, title = rng.choice(THEME_JOBS[self.one.language])
            self._job(function, title, day, rho=0.12 + rho, is_theme=True)
        for _ in range(negative_binomial(rng, 0.5 * a * _ALL_JOBS[state] * tempo, 3.0)):
            self._usual_job(day, rho, mix)

        for _ in range(min(8, negative_binomial(rng, a * _EDITS[state], 2.0))):
            self.story.edits.append(
                Edit(
                    day + rng.randrange(7),
                    rng.randrange(self.story.pages + 2),
                    rng.randrange(CONTENT_SLOTS),
                    self._next(),
                    rho,
                    rng.random() < mention,
                )
            )
        for _ in range(min(6, negative_binomial(rng, 0.4 * a * _PRESS[state], 2.0))):
            self._news("general", day + rng.randrange(7), rho)
        if rng.random() < _INITIATIVE[state]:
            self._news("initiative", day + rng.randrange(7), rho)
        if rng.random() < _PARTNERSHIP[state]:
            self._news("partnership", day + rng.randrange(7), rho)
        if rng.random() < _PRIOR_NOTICE[state]:
            follows = state in (EMERGING, ORGANISING)
            self.story.prior_notices.append(
                PriorNotice(
                    day + rng.randrange(5),
                    rng.random() < 0.6,
                    len(self.story.tenders) if follows else None,
                    self._next(),
                )
            )
        for name, rate in NUISANCES:
            for _ in range(poisson(rng, rate * a**0.7)):
                self._nuisance(name, day + rng.randrange(7))

    def _usual_job(self, day: int, rho: float, mix: float) -> None:
        rng, titles = self.seen, JOBS[self.one.language]
        weights = [1.0, 1.0, 2.0, 1.5, 0.8, 3.0, 0.7, 0.5, 0.7, 0.4]
        weights[FUNCTIONS.index(PRIMARY)] *= exp(_JOB_TILT * mix)
        function = rng.choices(FUNCTIONS, weights=weights)[0]
        self._job(function, rng.choice(titles[function]), day, rho, is_theme=False)

    def _job(
        self, function: str, title: str, day: int, rho: float, *, is_theme: bool
    ) -> None:
        rng = self.seen
        opened = day + rng.randrange(7)
        board = rng.random()
        self.story.jobs.append(
            Job(
                key=f"{self.one.index:05d}-{self._next():05d}",
                title=title,
                function=function,
                is_theme=is_theme,
                rho=rho,
                opened=opened,
                closed=opened + rng.randint(14, 42),
                on_site=board < 0.75,
                on_feed=board < 0.20 or board >= 0.75,
                feed_lag=0 if self.market.calm else rng.randint(0, 2),
                is_masked=rng.random() < 0.10,
            )
        )

    def _nuisance(self, name: str, day: int) -> None:
        self.story.nuisances.append((day, name))
        rng = self.people
        if name == "address_change":
            street = rng.choice(names.STREETS).replace("_", " ")
            self._file(day, "address", f"{street} {rng.randint(1, 90)}")
        elif name == "auditor_change":
            self._file(day, "REVI", rng.choice(names.AUDITORS))
        elif name == "deputy_board_member":
            self._file(day, "VARA", "", self._board_member())
        elif name == "sponsor_news":
            self._news("sponsor", day)
        elif name == "unrelated_job":
            title = rng.choice(JOBS[self.one.language]["operations"])
            self._job("operations", title, day, 0.0, is_theme=False)

    def live(self) -> Story:
        """Run from HISTORY_DAYS before the market opens to its last day."""
        state = DORMANT
        for day in range(-HISTORY_DAYS, self.market.days):
            if day % 7 == 0:
                self._week(day, state)
            self._causes(day)
            state = self._step(state, day)
            self.story.states.append(state)
        for items in (self.story.articles, self.story.edits, self.story.causes):
            items.sort(key=_by_day)
        self.story.nuisances.sort()
        self.story.filings.sort(key=lambda filing: (filing.filed, filing.day))
        return self.story


def _by_day(item: Article | Edit | Cause) -> int:
    return item.day


def tell(market: Market, index: int) -> Story:
    """The story of the index-th company."""
    return _Life(market, company(market, index)).live()
