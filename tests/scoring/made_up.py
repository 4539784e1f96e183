"""A made-up day at the desk: frames in the shape of the contracts, made-up names.

Shared by the tests of scoring, publish and crm; nothing here is real.
"""

from datetime import date, datetime, timedelta

import polars as pl

from orchestration.contracts.frames import empty_frame, schema, shaped
from orchestration.contracts.odcs import CONTRACTS_DIR, contract
from orchestration.crm.tables import account_updates
from orchestration.crm.tables import tasks as crm_tasks
from orchestration.publish.dimensions import dimensions
from orchestration.publish.grounds import with_grounds
from orchestration.scoring.current import account_scores
from orchestration.scoring.model import ScoreTables, score_accounts
from orchestration.scoring.plays import load_plays
from orchestration.scoring.talk import talk_to_now
from orchestration.scoring.weights import load_weights

SIGNAL_TYPES = CONTRACTS_DIR.parent / "dbt_project" / "seeds" / "signal_types.csv"

AS_OF = date(2025, 12, 29)
OFFER = "crm_platform"
DERIVED = (
    "breadth",
    "size",
    "own_tender_recent",
    "leader_x_theme_jobs",
    "language_x_theme_jobs",
)

OFFERS = pl.DataFrame(
    {
        "offer": [OFFER],
        "label_nb": ["CRM og salgsstøtte"],
        "label_en": ["CRM and sales support"],
        "base_rate": [0.03],
        "horizon_days": [91],
        "is_default": [True],
    }
)

_COMPANIES = (
    "Fjordvik Møbler",
    "Nordlys Kraftteknikk",
    "Havbris Logistikk",
    "Skogheim Trelast",
    "Bergsund Elektro",
    "Solbakken Næringsmiddel",
    "Tindeland Maskin",
    "Kystlinja Transport",
    "Granåsen Byggvare",
    "Elvedal Emballasje",
    "Myrdal Renseteknikk",
    "Stormo Ventilasjon",
    "Vesterhavet Sjømat",
    "Lyngheim Instrument",
    "Brattli Stålbygg",
    "Åsane Kontorrekvisita",
    "Rosendal Hagesenter",
    "Fonnes Vannkraft",
    "Tverrelv Grus",
    "Sunndal Varmepumper",
)
_PEOPLE = (
    "Ingrid Solvang",
    "Tormod Haugdal",
    "Siri Nesbakken",
    "Pål Vikestrand",
    "Marte Lundefjell",
    "Eirik Tangvald",
    "Hege Brattrud",
    "Jonas Myklestøl",
)


def account_id(number: int) -> str:
    return f"acc-{number:03d}"


def signal_id(number: int) -> str:
    return f"{number:032x}"


def accounts(n: int = 48) -> pl.DataFrame:
    return _frame(
        "accounts",
        [
            {
                "account_id": account_id(i),
                "name": _COMPANIES[i % len(_COMPANIES)]
                + (f" {i // len(_COMPANIES)}" if i >= len(_COMPANIES) else ""),
                "country": "NO",
                "domains": [f"selskap{i}.example"],
                "segment": ("industri", "handel")[i % 2],
                "crm_ids": [f"csv_file:K-{i:04d}"] if i % 3 == 0 else [],
            }
            for i in range(n)
        ],
    )


def signal(number: int, account: int, signal_type: str, on: date, **given) -> dict:
    at = datetime(on.year, on.month, on.day, 12)
    ref = f"{number:032x}"
    return {
        "signal_id": signal_id(number),
        "account_id": account_id(account),
        "signal_type": signal_type,
        "subject": f"{signal_type}:{number}",
        "effective_lo": at - timedelta(days=3, hours=12),
        "effective_hi": at + timedelta(days=3, hours=12),
        "effective_pt": at,
        "known_at": at + timedelta(days=8),
        "strength": 0.8,
        "evidence_class": "observed_act",
        "before_ref": "b" + ref[1:],
        "after_ref": "a" + ref[1:],
        "status": "confirmed",
        "label_nb": signal_type,
        "label_en": signal_type,
        "family": "leadership" if "leader" in signal_type else "hiring",
        "awareness": "unaware",
        "source": "company_pages",
        "url": f"https://selskap{account}.example/om-oss/ledelse",
    } | given


def leader(number: int, account: int, on: date, **given) -> dict:
    name = _PEOPLE[number % len(_PEOPLE)]
    return signal(
        number,
        account,
        given.pop("signal_type", "functional_leader_appointed"),
        on,
        **{
            "function": "sales",
            "seniority": 3,
            "person_name": name,
            "person_title": "Salgsdirektør",
            "quote_after": f"{name} Salgsdirektør",
        }
        | given,
    )


def signals() -> pl.DataFrame:
    """Leaders of several ages, jobs, language, a tender and an insolvency."""

    def days(n: int) -> date:
        return AS_OF - timedelta(days=n)

    rows = [
        leader(1, 0, days(40)),
        leader(2, 1, days(82)),
        leader(3, 2, days(9)),
        leader(4, 3, days(30), function="finance", person_title="Økonomidirektør"),
        leader(5, 4, days(55)),
        leader(6, 5, days(130)),
        leader(
            7,
            0,
            days(44),
            signal_type="functional_leader_departed",
            quote_before="Hege Brattrud Salgsdirektør",
            quote_after=None,
            person_name="Hege Brattrud",
        ),
        leader(
            8,
            6,
            days(60),
            signal_type="functional_leader_departed",
            person_name="Jonas Myklestøl",
            quote_before="Jonas Myklestøl Salgsdirektør",
            quote_after=None,
        ),
        signal(
            9,
            7,
            "ceo_change",
            days(25),
            source="brreg_registry",
            person_name="Tora Hestnes",
            quote_before="Daglig leder: Arne Vold",
            quote_after="Daglig leder: Tora Hestnes",
        ),
        signal(
            10,
            0,
            "theme_job_opened",
            days(12),
            quote_after="CRM-ansvarlig til salgsavdelingen",
        ),
        signal(
            11,
            8,
            "theme_job_opened",
            days(20),
            quote_after="Rådgiver kundereise og markedsautomatisering",
        ),
        signal(
            12,
            8,
            "website_language_shift",
            days(28),
            quote_after="vi samler kundedata i én kundeplattform",
            effect=3.7,
        ),
        signal(
            13,
            9,
            "market_dialogue",
            days(15),
            source="doffin_notices",
            quote_after="Markedsdialog: nytt system for kundeoppfølging",
            awareness="explicit",
            before_ref=None,
            evidence_class="filed_act",
        ),
        signal(14, 10, "tender_open", days(11), source="doffin_notices"),
        leader(15, 10, days(50)),
        signal(16, 11, "insolvency", days(16), source="brreg_registry"),
        signal(17, 12, "contract_awarded", days(33), source="doffin_notices"),
        signal(18, 4, "hiring_surge", days(10), effect=2.6, p_value=0.004),
        leader(19, 13, days(35), function="it", person_title="IT-direktør"),
        leader(20, 14, days(20), function="marketing", person_title="Markedsdirektør"),
        signal(21, 15, "auditor_change", days(40), source="brreg_registry"),
        leader(22, 16, days(65)),
    ]
    return _frame("signals", rows)


def features(
    as_of: date = AS_OF, n: int = 48, blind: tuple[int, ...] = (18,)
) -> pl.DataFrame:
    """Features of a day from the signals; accounts in `blind` were not observed."""
    known = signals().filter(pl.col("known_at") <= datetime(*as_of.timetuple()[:3], 23))
    groups = known.partition_by("account_id", "signal_type", as_dict=True)
    rows = []
    kinds = load_weights().signal_types
    for i in range(n):
        for kind in kinds:
            mine = groups.get((account_id(i), kind), known.clear())
            x = sum(
                0.8 * 0.5 ** ((as_of - pt.date()).days / 84)
                for pt in mine["effective_pt"]
            )
            if kind == "breadth":
                x = 1.0 if i in (0, 4, 8) else 0.0
            if kind == "leader_x_theme_jobs":
                x = 0.5 if i == 0 else 0.0
            if kind == "website_language_shift" and i >= 20:
                x = 0.1 * (i % 7)
            rows.append(
                {
                    "account_id": account_id(i),
                    "offer": OFFER,
                    "as_of": as_of,
                    "signal_type": kind,
                    "x": None if i in blind and kind not in DERIVED else float(x),
                    "x_raw": float(x),
                    "n_signals": mine.height,
                    "signal_ids": mine["signal_id"].to_list(),
                    "latest_known_at": mine["known_at"].max(),
                }
            )
    return _frame("account_features", rows)


def coverage_daily(as_of: date = AS_OF, n: int = 48) -> pl.DataFrame:
    """Fresh for all but: 17 watched for 30 days, 18 blocked, 19 never seen."""
    rows = []
    for i in range(n):
        since = datetime(2025, 1, 6, 23, 59, 59)
        if i == 17:
            since = datetime(as_of.year, as_of.month, as_of.day) - timedelta(days=30)
        for source in ("company_pages", "brreg_registry"):
            seen = not (i == 19 and source == "company_pages")
            state = "fresh" if seen else "unknown"
            if i == 18 and source == "company_pages":
                state = "blocked"
            rows.append(
                {
                    "account_id": account_id(i),
                    "source": source,
                    "as_of": as_of,
                    "state": state,
                    "evidence_visits": 40 if seen else 0,
                    "visits": 50,
                    "observed_since": since if seen else None,
                    "last_evidence_at": (
                        datetime(as_of.year, as_of.month, as_of.day) if seen else None
                    ),
                    "last_outcome": "ok" if state == "fresh" else "blocked",
                    "note": None if state == "fresh" else "made up",
                    "reached_through": None,
                }
            )
    return pl.DataFrame(
        rows,
        schema_overrides={
            "observed_since": pl.Datetime("us"),
            "last_evidence_at": pl.Datetime("us"),
            "reached_through": pl.String(),
        },
    )


def people_events() -> pl.DataFrame:
    """A chief executive there from the start, and a sales director who left."""

    def event(account: int, name: str, title: str, kind: str, at: datetime, **given):
        return {
            "account_id": account_id(account),
            "person_key": name.lower(),
            "name": name,
            "title": title,
            "function": "sales",
            "seniority": 3,
            "event": kind,
            "source": "company_pages",
            "url": f"https://selskap{account}.example/om-oss/ledelse",
            "effective_lo": at - timedelta(days=3, hours=12),
            "effective_hi": at + timedelta(days=3, hours=12),
            "effective_pt": at,
            "known_at": at + timedelta(days=8),
            "superseded_at": None,
            "is_left_censored": False,
        } | given

    start = {"effective_lo": None, "is_left_censored": True}
    gone = datetime(2025, 11, 15, 12)
    rows = [
        event(
            6,
            "Gro Tveiten",
            "Daglig leder",
            "appeared",
            datetime(2025, 1, 13),
            function="general",
            seniority=4,
            **start,
        ),
        event(
            0,
            "Hege Brattrud",
            "Salgsdirektør",
            "appeared",
            datetime(2025, 1, 6),
            **start,
        ),
        event(0, "Hege Brattrud", "Salgsdirektør", "gone", gone),
    ]
    return pl.DataFrame(
        rows,
        schema_overrides={
            name: pl.Datetime("us")
            for name in ("effective_lo", "effective_hi", "superseded_at")
        },
    )


def scores(as_of: date = AS_OF, n: int = 48) -> ScoreTables:
    return score_accounts(
        features(as_of, n),
        coverage_daily(as_of, n),
        OFFERS,
        load_weights(),
        signals=signals(),
        plays=load_plays(),
        people_events=people_events(),
        accounts=accounts(n),
    )


def published_tables(as_of: date = AS_OF) -> dict[str, pl.DataFrame]:
    """The published tables of the made-up day; the histories without rows."""
    made = scores(as_of)
    coverage = shaped(contract("bi/coverage"), coverage_daily(as_of))
    timeline = signals().select(
        "account_id",
        pl.col("effective_pt").alias("happened_at"),
        "known_at",
        "signal_id",
        "signal_type",
        "family",
        pl.col("label_nb").alias("line_nb"),
        pl.col("label_en").alias("line_en"),
        pl.col("url").alias("evidence_url"),
    )
    histories = (
        "people_history",
        "role_slot_history",
        "job_ad_history",
        "page_history",
        "registry_history",
        "notice_history",
        "technology_history",
        "announcement_history",
        "annual_accounts_history",
        "signal_parts",
        "account_edges",
        "sector_shifts",
    )
    tables = {
        "account_scores": account_scores(
            made.score_days, made.score_reasons, _lists(made), accounts()
        ),
        "score_reasons": made.score_reasons,
        "account_score_history": _history(made),
        "talk_to_now": _lists(made),
        "signals": signals(),
        "account_timeline": timeline,
        "coverage": coverage,
        **_runs(as_of),
        **crm_tables(made),
    } | {
        **{name: empty_frame(contract(f"bi/{name}")) for name in histories},
        **{
            name: empty_frame(contract(f"scores/{name}"))
            for name in ("score_record", "score_reliability", "signal_performance")
        },
    }
    held = signals().select(
        "account_id",
        pl.col("person_name").alias("name"),
        "source",
        pl.col("known_at").dt.date().alias("seen_on"),
    )
    keys = ("account_id", "source", "announcement_id", "name")
    tables = with_grounds(
        tables,
        held,
        pl.DataFrame(schema=dict.fromkeys(keys, pl.String)),
    )
    return tables | dimensions(
        tables,
        signal_types=pl.read_csv(SIGNAL_TYPES),
        accounts=accounts(),
        sources=empty_frame(contract("sources")),
    )


def _runs(as_of: date) -> dict[str, pl.DataFrame]:
    """What two sources gave on two days; one was not measured on the first."""
    days = [as_of - timedelta(days=7), as_of]
    runs = [
        {
            "day": day,
            "source": source,
            "visits": 12,
            "answered": 9,
            "accounts": 6,
            "requests": 14,
            "new_digests": 4,
            "records": 31,
            "unreadable": 1,
            "quarantined_rows": 2,
            "signals_born": 3,
            "bytes": 480_000,
            "archive_bytes": 120_000,
            "crawl_seconds": 4.5,
            "parse_seconds": 0.25 if day == as_of else None,
        }
        for day in days
        for source in ("brreg_registry", "company_pages")
    ]
    ended = [("http_error", 2), ("ok", 7), ("not_modified", 2), ("timeout", 1)]
    outcomes = [
        {
            "day": run["day"],
            "source": run["source"],
            "outcome": outcome,
            "visits": n,
            "is_answered": outcome in ("ok", "not_modified"),
        }
        for run in runs
        for outcome, n in ended
    ]
    return {
        "source_runs": _frame("bi/source_runs", runs),
        "source_run_outcomes": _frame("bi/source_run_outcomes", outcomes),
    }


def _history(made: ScoreTables) -> pl.DataFrame:
    """As of days that nobody wrote down."""
    return shaped(
        contract("scores/account_score_history"),
        made.score_days.with_columns(
            is_written_down=pl.lit(value=False),
            written_at=pl.lit(None, pl.Datetime("us")),
        ),
    )


def crm_tables(made: ScoreTables, previous: pl.DataFrame | None = None) -> dict:
    """What a CRM is to hold, by the name of its table."""
    lists = _lists(made)
    plays = load_plays()
    return {
        "crm_account_updates": account_updates(
            made.score_days, lists, accounts(), frozenset(), previous
        ),
        "crm_tasks": crm_tasks(
            made.score_days,
            lists,
            signals(),
            accounts(),
            frozenset(),
            stops={play.id: play.stop for play in plays.plays},
            cooldown_days=plays.days_between_plays,
        ),
        "reactive_share": empty_frame(contract("crm/reactive_share")),
    }


def _lists(made: ScoreTables) -> pl.DataFrame:
    return talk_to_now(
        made.score_days,
        made.score_reasons,
        signals(),
        empty_frame(contract("scores/signal_performance")),
        plays=load_plays(),
        owners={},
        exclusivity={},
    )


def _frame(path: str, rows: list[dict]) -> pl.DataFrame:
    wanted = schema(contract(path))
    for row in rows:
        unknown = set(row) - set(wanted)
        assert not unknown, unknown
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in wanted}, schema=wanted
    )
