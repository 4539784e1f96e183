"""A seeded, made-up market for property tests of history: hostile on purpose.

Failures, partial and empty lists, moved pages, returns, new titles and spellings, job
feeds with late closings, register changes, notices read twice. Nobody in it is real.
"""

import random
from datetime import date, datetime, timedelta

from tests.warehouse.home_of_rows import Home, end_of, sha, weeks

FIRST_DAY = date(2025, 1, 6)
_FIRST = [
    "Ada",
    "Bo",
    "Cai",
    "Dag",
    "Eli",
    "Fia",
    "Gro",
    "Hal",
    "Ida",
    "Jan",
    "Kai",
    "Liv",
    "Mia",
    "Nil",
    "Odd",
    "Per",
]
_LAST = [
    "Ask",
    "Berg",
    "Dal",
    "Eng",
    "Foss",
    "Gran",
    "Hage",
    "Iver",
    "Juv",
    "Kvam",
    "Lid",
    "Moe",
    "Nes",
    "Oss",
]
_TITLES = [
    "Daglig leder", "Salgsdirektør", "Økonomisjef", "HR Manager", "CTO", "Rådgiver",
    "Head of Marketing", None,
]  # fmt: skip


def _text_digest(text: str) -> str:
    return sha("text", text)


def _page(texts: list[tuple[str, str]]) -> dict:
    main = "\n".join(t for role, t in texts if role == "main")
    return {
        "title": "t",
        "language": "nb",
        "main_text": main,
        "text_digest": _text_digest(main),
        "blocks": [
            {"role": r, "text": t, "terms": t.lower().split()} for r, t in texts
        ],
        "nav_labels": [],
        "links": [],
    }


def _ad(title: str, place: str | None, **more: object) -> dict:
    return {
        "ad_id": sha(title, place)[7:19],
        "ad_status": "active",
        "title": title,
        "place": place,
        "terms": title.lower().split(),
        "is_listing": True,
    } | more


def _mark(name: str, evidence: str, **more: object) -> dict:
    return {
        "name": name,
        "category": "crm",
        "evidence": evidence,
        "is_used": True,
        "is_phased_out": False,
        "quote": name.lower(),
    } | more


def _entry(part: str, order_no: int, target: str, **more: object) -> dict:
    return {"part": part, "order_no": order_no, "target": target, "depth": 0} | more


def _frames(account: str, days: list[date]) -> dict[date, dict[str, list[dict]]]:
    """By day what the frame of a home page shows: technologies and menu."""
    # Draws of its own: what others draw stays as it was.
    rng = random.Random(f"frame {account}")
    marks, menu = ["Alfa", "Beta"], ["om", "jobb", "nytt"]
    shown: dict[date, dict[str, list[dict]]] = {}
    for day in days:
        if rng.random() < 0.06 and marks:
            marks.pop(rng.randrange(len(marks)))
        if rng.random() < 0.06:
            marks = sorted({*marks, rng.choice(["Alfa", "Beta", "Gamma", "Delta"])})
        if rng.random() < 0.08:
            rng.shuffle(menu)
        if rng.random() < 0.08:
            menu = [*menu[:4], f"ny-{rng.randrange(9)}"]
        # One visit in ten is of another variant of the page.
        menu_now = menu[::-1] if rng.random() < 0.1 else menu
        shown[day] = {
            "technologies": [_mark(name, "script") for name in marks]
            + [_mark("Epsilon", "page_text", is_used=rng.random() < 0.5)],
            "site_structure": [
                _entry("menu", n, f"/{word}", label=word.title())
                for n, word in enumerate(menu_now)
            ],
        }
    return shown


def _site(home: Home, rng: random.Random, account: str, days: list[date]) -> None:
    names = [
        f"{f} {rng.choice(_LAST)} {n}" for n, f in enumerate(rng.sample(_FIRST, 9))
    ]
    staff = [[n, rng.choice(_TITLES)] for n in names[: rng.randint(2, 7)]]
    spare = [n for n in names if n not in [s[0] for s in staff]]
    path, ads, words = "/team/", [], ["alfa beta gamma delta epsilon"]
    outage = 0
    frames = _frames(account, days)
    for day in days:
        at = end_of(day)
        if rng.random() < 0.08 and staff:
            spare.append(staff.pop(rng.randrange(len(staff)))[0])
        if rng.random() < 0.10 and spare:
            at_place = rng.randint(0, len(staff))
            staff.insert(at_place, [spare.pop(0), rng.choice(_TITLES)])
        if rng.random() < 0.06 and staff:
            rng.choice(staff)[1] = rng.choice(_TITLES)
        if rng.random() < 0.03 and staff:
            rng.choice(staff)[0] += "e"
        moved = rng.random() < 0.02
        if rng.random() < 0.25:
            ads.append(_ad(f"Selger {rng.randint(1, 6)}", rng.choice(["Oslo", None])))
        if ads and rng.random() < 0.2:
            ads.pop(rng.randrange(len(ads)))
        if rng.random() < 0.1:
            words.append(" ".join(rng.choices(_LAST, k=8)))
        if len(words) > 1 and rng.random() < 0.1:
            words.pop(rng.randrange(len(words)))
        outage = outage - 1 if outage else rng.choice([0] * 30 + [2])
        home.visit(
            account, f"https://{account}.example/", at,
            {"pages": [_page([("main", w) for w in words] + [("nav", "Hjem")])]}
            | frames[day],
            scope="home",
        )  # fmt: skip
        if moved:
            path = "/om/team/" if path == "/team/" else "/team/"
        old = "/team/" if path != "/team/" else "/om/team/"
        home.failed(account, at, old, status=404)
        roll = rng.random()
        if outage or roll < 0.05:
            home.failed(account, at, path)
            home.failed(account, at, "/jobb/", scope="careers")
            continue
        shown = [tuple(s) for s in staff]
        if roll < 0.10:
            shown = [s for s in shown if rng.random() < 0.5]
        home.people(account, at, shown, path)  # type: ignore[arg-type]
        own = ads if rng.random() > 0.05 else []
        home.visit(
            account, f"https://{account}.example/jobb/", at, {"job_ads": own},
            scope="careers",
        )  # fmt: skip


def _board(home: Home, rng: random.Random, account: str, days: list[date]) -> None:
    """A board in two pages, whose ads also stand on the site or in the feed."""
    url = f"https://boards.example/{account}/jobs"
    ads: list[dict] = []
    for day in days:
        if rng.random() < 0.4:
            n = rng.randint(1, 6)
            ads.append(
                rng.choice(
                    [
                        _ad(f"Selger {n}", "Oslo, Norge"),
                        _ad(f"Konsulent {n % 4 + 1}", "Bergen; Stavanger"),
                    ]
                )
            )
        if ads and rng.random() < 0.2:
            ads.pop(rng.randrange(len(ads)))
        shown = ads if rng.random() > 0.05 else []
        roll = rng.random()
        for number, part in enumerate((shown[:3], shown[3:])):
            if number and not part:
                continue
            read = roll > 0.05 or not number
            home.visit(
                account, f"{url}#{number}", end_of(day), {"job_ads": part},
                source="lever_jobs", scope="board",
                outcome="ok" if read else "http_error", status=200 if read else 404,
            )  # fmt: skip


def _register(
    home: Home, rng: random.Random, account: str, number: str, days: list[date]
) -> None:
    entity: dict = {
        "org_number": number, "name": account, "industry_codes": [], "remarks": [],
        "employees": 10, "is_bankrupt": False, "is_in_liquidation": False,
        "is_deleted": False,
    }  # fmt: skip
    board = ["a", "b", "c"]
    for day in days:
        if rng.random() < 0.1:
            entity = entity | {"business_address": f"Gata {rng.randint(1, 9)}"}
        if rng.random() < 0.1:
            entity = entity | {"employees": rng.choice([None, 10, 12])}
        if rng.random() < 0.1:
            board = rng.sample("abcdef", rng.randint(2, 4))
        if rng.random() < 0.1:
            continue
        where = {"source": "brreg_registry"}
        home.visit(
            account, f"https://reg.example/{number}", end_of(day),
            {"registry_entities": [entity]}, scope="entity", **where,
        )  # fmt: skip
        roles = [
            {
                "org_number": number, "group_code": "STYR", "role_code": "MEDL",
                "role_class": "board_member",
                "holder_type": "person", "holder_key": k, "holder_name": k.upper(),
                "is_resigned": False, "group_changed_on": day,
            }
            for k in sorted(board)
        ]  # fmt: skip
        home.visit(
            account, f"https://reg.example/{number}/roller", end_of(day),
            {"registry_roles": roles}, scope="roles", **where,
        )  # fmt: skip


def _announced(
    home: Home, rng: random.Random, account: str, number: str, days: list[date]
) -> None:
    """A register's announcements by number, and an account's own feed without one."""
    told: list[dict] = []
    year = 2022
    for day in days:
        at = end_of(day)
        if rng.random() < 0.15:
            told.append(
                {
                    "announcement_id": f"k-{account}-{day}",
                    "category": "registry",
                    "event_type": "capital_increased",
                    "source_type": "Kapitalforhøyelse",
                    "title": "Kapitalforhøyelse",
                    "terms": ["kapitalforhøyelse"],
                    "party_role": "subject",
                    "party_org_number": number if rng.random() < 0.7 else None,
                    "published_at": at - timedelta(days=rng.randint(0, 9)),
                    "is_detail": False,
                }
            )
            if len(told) > 1 and rng.random() < 0.3:
                told[-1] |= {"corrects_id": told[-2]["announcement_id"]}
        home.visit(
            account, f"https://told.example/{number}", at,
            {"announcements": told[::-1]}, source="brreg_announcements", scope="list",
        )  # fmt: skip
        if told and rng.random() < 0.5:
            full = told[-1] | {"is_detail": True, "amount": 1e6, "currency": "NOK"}
            home.visit(
                account, f"https://told.example/{full['announcement_id']}", at,
                {"announcements": [full]}, source="brreg_announcements", scope="detail",
            )  # fmt: skip
        if rng.random() < 0.1:
            year += 1
        figures = {
            "org_number": number, "accounts_id": f"{number}-{year}",
            "accounts_type": "company", "period_from": date(year, 1, 1),
            "period_to": date(year, 12, 31), "currency": "NOK",
            "revenue": 10.0 if rng.random() < 0.9 else 11.0, "is_liquidation": False,
        }  # fmt: skip
        home.visit(
            account, f"https://filed.example/{number}", at,
            {"annual_accounts": [figures]}, source="brreg_accounts", scope="accounts",
        )  # fmt: skip


def _feeds(
    home: Home, rng: random.Random, numbers: dict[str, str], days: list[date]
) -> None:
    open_ads: dict[str, dict] = {}
    hits: list[dict] = []
    for day in days:
        at, items = end_of(day), []
        for account, number in numbers.items():
            if rng.random() < 0.2:
                name = f"nav-{account}-{day}"
                open_ads[name] = _ad(
                    f"Konsulent {rng.randint(1, 4)}", "Bergen", ad_id=name,
                    employer_name=f"{account} AS", employer_org_number=number,
                    modified_at=at - timedelta(days=rng.randint(0, 5)),
                    expires_at=at + timedelta(days=rng.randint(10, 90)),
                )  # fmt: skip
                items.append(open_ads[name])
            if rng.random() < 0.1:
                hits.append(
                    {
                        "notice_id": f"n-{account}-{day}",
                        "notice_type": "competition",
                        "source_type": "X",
                        "title": "Anskaffelse",
                        "cpv": ["48000000"],
                        "party_role": "buyer",
                        "party_org_number": number,
                        "published_at": at - timedelta(days=2),
                        "is_detail": False,
                    }
                )
        for name in [n for n in open_ads if rng.random() < 0.1]:
            shut = open_ads.pop(name) | {"ad_status": "inactive", "modified_at": at}
            items.append(shut | {"title": None, "employer_org_number": None})
        home.visit(
            None, f"https://feed.example/{day if rng.random() < 0.8 else 'tip'}", at,
            {"job_ads": items}, source="nav_jobs", scope="feed_page",
        )  # fmt: skip
        home.visit(
            None, "https://tenders.example/search", at, {"notices": hits[-10:]},
            source="doffin_notices", scope="search",
        )  # fmt: skip
        if hits and rng.random() < 0.7:
            full = hits[-1] | {"procedure_id": "p", "is_detail": True}
            home.visit(
                None, f"https://tenders.example/{full['notice_id']}", at,
                {"notices": [full]}, source="doffin_notices", scope="notice",
            )  # fmt: skip


_CLAIMS = (
    "merger_announced", "demerger", "acquisition_made", "acquired", "capital_raised",
    "partnership_announced",
)  # fmt: skip


def _told(at: datetime, name: str, **columns: object) -> dict:
    return {
        "announcement_id": name, "category": "press", "title": name, "terms": [],
        "published_at": at - timedelta(days=1), "party_role": "publisher",
        "is_detail": False, "event_claims": [], "claimed_parties": [],
    } | columns  # fmt: skip


def _press(
    home: Home, rng: random.Random, account: str, number: str, days: list[date]
) -> None:
    """A feed that claims this and that, and announcements of the register."""
    items: list[dict] = []
    filed: list[dict] = []
    for day in days:
        at = end_of(day)
        if rng.random() < 0.3:
            names = [f"{account} AS", rng.choice(["Nordmur AS", "Vestmur", "Sund"])]
            rng.shuffle(names)
            claim = rng.choice(_CLAIMS)
            items.insert(
                0,
                _told(
                    at, f"{account}-{day}", event_claims=[claim],
                    claimed_parties=rng.choice([names, names[1:], []]),
                    published_at=rng.choice([at - timedelta(days=2), None]),
                ),
            )  # fmt: skip
        if rng.random() < 0.15:
            event = rng.choice(
                ["merger_decided", "merger_completed", "capital_increased"]
            )
            row = _told(
                at, f"k-{account}-{day}", category="registry", event_type=event,
                party_role="subject", party_org_number=number,
            )  # fmt: skip
            filed.append(row)
            filed.append(
                row
                | {"party_role": "counterparty", "party_org_number": "812345672"}
                | {"party_name": rng.choice(["NORDMUR AS", "VESTMUR AS"])}
            )
        if rng.random() < 0.1:
            continue
        home.visit(
            account, f"https://{account}.example/feed", at,
            {"announcements": items[:10]}, source="press_feeds", scope="feed",
        )  # fmt: skip
        home.visit(
            account, f"https://kunngjoring.example/{number}", at,
            {"announcements": filed}, source="brreg_announcements", scope="list",
        )  # fmt: skip


def _grants(
    home: Home, rng: random.Random, numbers: dict[str, str], days: list[date]
) -> None:
    rows: list[dict] = []
    for day in days:
        at = end_of(day)
        for account, number in numbers.items():
            if rng.random() < 0.05:
                rows.append(
                    _told(
                        at, f"g-{account}-{day}", category="public_money",
                        event_type="public_grant_awarded", party_role="recipient",
                        party_org_number=number, amount=1e6, currency="NOK",
                        effective_on=day - timedelta(days=rng.randint(1, 40)),
                    )
                )  # fmt: skip
        home.visit(
            None, "https://grants.example/list.csv", at, {"announcements": rows},
            source="public_money_lists", scope="made_up",
        )  # fmt: skip


def market(seed: int, n_accounts: int = 40) -> tuple[Home, list[datetime]]:
    """A market of sites, boards, register, feeds, press, grants and notices.

    Returns:
        The rows, and the moments of its rounds. Half the sites are visited weekly and
        half, for a part of the time, every other day.
    """
    rng = random.Random(seed)
    home = Home()
    weekly = weeks(FIRST_DAY, 26)
    numbers = {}
    for n in range(n_accounts):
        account = f"konto{n:02d}"
        numbers[account] = f"{910000000 + n}"
        home.account(account, name=f"{account} AS", org_number=numbers[account])
        days = weekly if n % 2 else weeks(FIRST_DAY, 60, every=2)
        _site(home, rng, account, days)
        _register(home, rng, account, numbers[account], weekly)
        told = random.Random(f"{seed} {account}")
        _announced(home, told, account, numbers[account], weekly)
        if n % 4 == 0:
            _board(home, random.Random(f"{seed} {account}"), account, days)
        if n % 3 == 0:
            own = random.Random(f"{seed} press {account}")
            _press(home, own, account, numbers[account], weekly)
    _feeds(home, rng, numbers, weekly)
    _grants(home, random.Random(f"{seed} grants"), numbers, weekly)
    moments = sorted({v["fetched_at"] for v in home.rows["visits"]})
    return home, moments
