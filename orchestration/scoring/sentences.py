"""Reasons in words, Norwegian and English: each can be checked against a signal.

Wording only. A sentence says what was seen, when and where; never why somebody did it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from orchestration.scoring.people import has_left
from scrapers.source import load_source, source_names, withdrawing_sources


@dataclass(frozen=True)
class Words:
    """The same thing said in Norwegian and in English."""

    nb: str
    en: str


_MONTHS_NB = [
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
]
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

# What a type is called inside a sentence; the catalogue's labels are headings.
NOUNS: dict[str, Words] = {
    "functional_leader_appointed": Words("ny fagleder", "a new functional leader"),
    "functional_leader_replaced": Words(
        "fagleder skiftet ut", "a functional leader replaced"
    ),
    "functional_leader_departed": Words(
        "fagleder borte", "a functional leader no longer listed"
    ),
    "ceo_change": Words("ny daglig leder", "a new chief executive"),
    "hiring_surge": Words("flere utlysninger enn vanlig", "more job ads than usual"),
    "hiring_slowdown": Words(
        "færre utlysninger enn vanlig", "fewer job ads than usual"
    ),
    "theme_job_opened": Words(
        "stillinger om temaet lyst ut", "job ads about the theme"
    ),
    "website_language_shift": Words("nye ord på nettstedet", "new words on the site"),
    "posting_language_shift": Words("nye ord i annonsene", "new words in the job ads"),
    "market_dialogue": Words("markedsdialog kunngjort", "a market dialogue announced"),
    "tender_planning": Words(
        "planlagt anskaffelse kunngjort", "a planned procurement announced"
    ),
    "tender_open": Words("åpen konkurranse", "an open competition"),
    "tender_cancelled": Words("avlyst konkurranse", "a cancelled competition"),
    "contract_awarded": Words("kontrakt tildelt", "a contract awarded"),
    "name_or_brand_change": Words("nytt navn", "a new name"),
    "relocation": Words("ny adresse", "a new address"),
    "activity_code_change": Words("ny næringskode", "a new activity code"),
    "board_change": Words("endret styre", "a changed board"),
    "auditor_change": Words("ny revisor", "a new auditor"),
    "insolvency": Words("konkurs eller avvikling", "insolvency or winding up"),
    "merger_announced": Words("varslet fusjon", "an announced merger"),
    "merger_registered": Words("registrert fusjon", "a registered merger"),
    "demerger": Words("fisjon", "a demerger"),
    "acquisition_made": Words("oppkjøp", "an acquisition"),
    "acquired": Words("ny eier", "a new owner"),
    "capital_raised": Words("ny kapital", "new capital"),
    "public_grant_awarded": Words("offentlig støtte", "a public grant"),
    "partnership_announced": Words("annonsert samarbeid", "an announced partnership"),
    "reorganisation": Words("omorganisering", "a reorganisation"),
    "subsidiary_founded": Words("nytt datterselskap", "a new subsidiary"),
    "establishment_opened": Words("ny avdeling", "a new branch"),
    "establishment_closed": Words("nedlagt avdeling", "a closed branch"),
    "ownership_change": Words("ny eier", "a new owner"),
    "unit_count_trend": Words(
        "endret antall avdelinger", "a changed number of branches"
    ),
    "workforce_reduction": Words(
        "varslet nedbemanning", "an announced workforce reduction"
    ),
    "public_conflict": Words("offentlig sak", "a public case"),
    "negative_press_burst": Words("kritisk omtale", "critical press"),
    "contract_expiry_window": Words("avtale nær utløp", "a contract about to expire"),
    "direct_award_notice": Words(
        "varslet direkte tildeling", "an announced direct award"
    ),
    "rfi_or_quote_request_published": Words(
        "publisert forespørsel", "a published request"
    ),
    "public_investment": Words("vedtatt investering", "an approved investment"),
    "growth_step": Words(
        "vekst i regnskap eller ansatte", "growth in accounts or employees"
    ),
    "decline_step": Words(
        "fall i regnskap eller ansatte", "decline in accounts or employees"
    ),
    "financial_distress": Words("tapt egenkapital", "equity lost"),
    "facility_expansion": Words("utbygging", "a facility expansion"),
    "product_launched": Words("lansering", "a product launch"),
    "security_incident": Words("sikkerhetshendelse", "a security incident"),
    "technology_phase_out_stated": Words(
        "system som fases ut", "a system being phased out"
    ),
    "strategy_statement": Words("uttalt satsing", "a stated strategy"),
    "sustainability_or_compliance_focus": Words(
        "bærekraftfokus", "a focus on sustainability"
    ),
    "regulatory_deadline": Words("lovkrav med dato", "a dated legal duty"),
    "change_programme": Words("et endringsprogram", "a change programme"),
    "pre_tender_pattern": Words(
        "mønsteret før et anbud", "the pattern before a tender"
    ),
    "integration_after_merger": Words(
        "integrasjon etter fusjon", "integration after a merger"
    ),
    "professionalisation": Words("profesjonalisering", "professionalisation"),
    "retrenchment": Words("tilbaketrekning", "retrenchment"),
    "quiet_before_change": Words("stille før endring", "quiet before a change"),
    "already_decided": Words("behovet dekket allerede", "the need met already"),
    "unclassified_change": Words("endringer uten navn", "changes without a name"),
    "term_first_use": Words("et ord brukt for første gang", "a word used first"),
    "topic_attention_rise": Words("mer om temaet", "more about the topic"),
    "topic_attention_drop": Words("mindre om temaet", "less about the topic"),
    "silence_after_activity": Words(
        "stillhet etter aktivitet", "silence after activity"
    ),
    "interim_leader": Words(
        "leder på midlertidig basis", "a leader for the time being"
    ),
    "leader_role_advertised": Words(
        "lederstilling lyst ut", "a leading role advertised"
    ),
    "new_role_first_of_kind": Words(
        "første rolle av sitt slag", "a first role of its kind"
    ),
    "management_team_restructured": Words(
        "omlagt ledergruppe", "a restructured leadership"
    ),
    "founder_exit": Words("gründer ute av ledelsen", "a founder out of the leadership"),
    "leadership_turnover_cluster": Words("flere ledere borte", "several leaders gone"),
    "scope_collapse": Words("liste over folk kortet ned", "a list of people cut short"),
    "scope_expansion": Words("liste over folk utvidet", "a list of people extended"),
    "auditor_resigned": Words("fratrådt revisor", "a resigned auditor"),
    "accounts_late": Words("regnskap ikke levert i tide", "accounts not filed in time"),
    "board_resignations": Words(
        "styremedlemmer som har gått ut", "board members who left"
    ),
    "internal_unrest": Words(
        "flere tegn på uro samtidig", "several signs of unrest at once"
    ),
    "site_structure_change": Words("ny meny på nettstedet", "a new menu on the site"),
    "offering_added": Words("nytt tilbud", "a new offering"),
    "offering_removed": Words("tilbud fjernet", "an offering removed"),
    "priority_reorder": Words(
        "ny rekkefølge på tilbudene", "a new order of the offerings"
    ),
    "price_or_terms_change": Words(
        "endret pris eller vilkår", "a changed price or term"
    ),
    "site_edit_tempo_change": Words(
        "hyppigere endringer på nettstedet", "more frequent edits of the site"
    ),
    "publishing_tempo_change": Words(
        "endret tempo i nyhetene", "a changed tempo of news"
    ),
    "positioning_change": Words("ny omtale av seg selv", "new words about itself"),
    "customer_segment_shift": Words("ny kundegruppe", "a new customer segment"),
    "partner_removed": Words(
        "partner ikke lenger oppført", "a partner no longer listed"
    ),
    "technology_adopted": Words("ny teknologi i bruk", "a technology taken into use"),
    "technology_dropped": Words("teknologi tatt bort", "a technology taken away"),
    "new_subdomain_or_portal": Words("ny portal", "a new portal"),
    "certification_gained_or_lost": Words(
        "endret sertifisering", "a certification gained or lost"
    ),
    "role_filled": Words("stilling besatt", "a role filled"),
    "hiring_freeze": Words("stans i ansettelser", "a stop in hiring"),
    "procurement_role_opened": Words(
        "innkjøps- eller prosjektrolle lyst ut",
        "a procurement or project role advertised",
    ),
    "job_posting_opened": Words("stillinger lyst ut", "jobs advertised"),
    "hiring_location_new": Words("ansettelse på nytt sted", "hiring in a new place"),
    "replacement_loop": Words(
        "samme stilling lyst ut på nytt", "the same role advertised again"
    ),
    "role_mix_shift": Words("ny rollesammensetning", "a new mix of roles"),
    "skill_emergence": Words("ny kompetanse etterspurt", "a new skill asked for"),
    "hiring_tempo_change": Words("endret ansettelsestempo", "a changed time to fill"),
    "breadth": Words(
        "endring på flere områder samtidig", "change in several areas at once"
    ),
    "size": Words("antall ansatte", "number of employees"),
    "own_tender_recent": Words(
        "eget anbud det siste året", "a tender of its own within a year"
    ),
    "leader_x_theme_jobs": Words(
        "ny leder og stillinger om temaet samtidig",
        "a new leader and job ads about the theme at once",
    ),
    "language_x_theme_jobs": Words(
        "nye ord og stillinger om temaet samtidig",
        "new words and job ads about the theme at once",
    ),
}


# Types whose signals count something: said with the count, in both languages.
_COUNTED: dict[str, Words] = {
    "management_team_restructured": Words(
        "Ledergruppen er lagt om: {n} roller kom til, falt bort eller ble endret",
        "The leadership was restructured: {n} roles were added, removed or changed",
    ),
    "leadership_turnover_cluster": Words(
        "{n} ledere falt ut av oppføringen innen et halvt år",
        "{n} leaders left the listing within half a year",
    ),
    "scope_collapse": Words(
        "{n} personer ble tatt ut av listen i én redigering",
        "{n} people were taken off the list in one edit",
    ),
    "scope_expansion": Words(
        "{n} personer ble lagt til listen i én redigering",
        "{n} people were added to the list in one edit",
    ),
    "board_resignations": Words(
        "{n} styremedlemmer gikk ut utenom årsmøtet",
        "{n} board members left outside the season of general meetings",
    ),
}
_STATED: dict[str, Words] = {
    "accounts_late": Words(
        "Årsregnskapet er ikke levert innen fristen",
        "The annual accounts were not filed by the deadline",
    ),
    "internal_unrest": Words(
        "Flere ledere er ute, og register eller annonser viser uvanlige skifter",
        "Several leaders are gone, and register or ads show unusual changes",
    ),
}


_REGISTRY = frozenset(
    [
        "name_or_brand_change",
        "relocation",
        "activity_code_change",
        "board_change",
        "auditor_change",
    ]
)


_WATCH_STATES = {
    "fresh": Words("fersk", "fresh"),
    "stale": Words("gammel", "stale"),
    "blocked": Words("stengt ute", "blocked"),
    "unsupported": Words("ikke der for kontoen", "not there for the account"),
    "opted_out": Words("reservert", "opted out"),
    "unknown": Words("ukjent", "unknown"),
}


def noun(signal_type: str) -> Words:
    """What a type is called inside a sentence; its id when it has no wording yet."""
    return NOUNS.get(signal_type) or Words(
        signal_type.replace("_", " "), signal_type.replace("_", " ")
    )


def source_name(source: str) -> Words:
    """What a source is called inside a sentence; its id when it has no wording yet."""
    if source not in source_names():
        return Words(source, source)
    spec = load_source(source)
    return Words(spec.called_nb, spec.called_en)


def watch_state(state: str) -> Words:
    """How the watch of a source stands, inside a sentence."""
    return _WATCH_STATES[state]


def day(moment: date | datetime) -> Words:
    """A date as it is written in running text."""
    return Words(
        f"{moment.day}. {_MONTHS_NB[moment.month - 1]} {moment.year}",
        f"{moment.day} {_MONTHS_EN[moment.month - 1]} {moment.year}",
    )


def day_phrase(signal: Mapping[str, Any]) -> Words:
    """When it happened, no more exact than what was observed.

    `between … and …` when both ends are known and more than a day and a half apart,
    `by …` when only the latest moment is known, otherwise the day itself.
    """
    lo, hi = signal["effective_lo"], signal["effective_hi"]
    if lo is None and hi > signal["effective_pt"]:
        latest = day(hi)
        return Words(f"senest {latest.nb}", f"by {latest.en}")
    if lo is not None and hi - lo > timedelta(hours=36):
        first, last = day(lo), day(hi)
        if (lo.year, lo.month) == (hi.year, hi.month):
            first = Words(f"{lo.day}.", f"{lo.day}")
        elif lo.year == hi.year:
            first = Words(first.nb[: -len(" 2000")], first.en[: -len(" 2000")])
        return Words(
            f"mellom {first.nb} og {last.nb}", f"between {first.en} and {last.en}"
        )
    single = day(signal["effective_pt"])
    return Words(single.nb, f"on {single.en}")


def inside(title: str | None) -> str | None:
    """A title inside a sentence: its capital is kept when others follow."""
    if title and title[1:] == title[1:].lower():
        return title[:1].lower() + title[1:]
    return title


def present(
    signal_type: str,
    signals: Sequence[Mapping[str, Any]],
    n_signals: int,
    account_id: str | None = None,
) -> Words:
    """The sentence of a type that has signals, the decisive one first.

    Args:
        signal_type: the type or derived feature.
        signals: the signals behind it (contract columns), strongest first, not empty.
        n_signals: how many there are, which may be more than are given.
        account_id: whose reason it is; a signal of another account is told as such.
    """
    lead = signals[0]
    told = _event(lead) if lead["signal_type"] == signal_type else _together(signals)
    if lead["signal_type"] != signal_type:
        return _capital(
            Words(
                f"{noun(signal_type).nb}: {told.nb}.",
                f"{noun(signal_type).en}: {told.en}.",
            )
        )
    where = source_name(lead["source"])
    seen = day(lead["known_at"])
    via = Words("", "")
    if account_id is not None and lead["account_id"] != account_id:
        other = lead["account_id"]
        via = Words(f"I samme konsern, {other}: ", f"In the same group, {other}: ")
    rest = max(n_signals, len(signals)) - 1
    more = Words("", "")
    if rest:
        more = Words(f" Og {rest} til av samme slag.", f" And {rest} more of the kind.")
    return Words(
        f"{via.nb}{told.nb} (kilde: {where.nb}, kjent {seen.nb}).{more.nb}",
        f"{via.en}{told.en} (source: {where.en}, known {seen.en}).{more.en}",
    )


def measured(signal_type: str, value: float, mean: float) -> Words:
    """The sentence of a continuous measure that has a value but no signal to show."""
    name = noun(signal_type)
    return _capital(
        Words(
            f"{name.nb}: utslag {_nb(value)}, mot snittet {_nb(mean)} den dagen.",
            f"{name.en}: reading {value:.2f}, against a mean of {mean:.2f} that day.",
        )
    )


def size(value: float, mean: float) -> Words:
    """The sentence of how many work there: x of 0 is five, one more is four times that.

    Args:
        value: x of the account, from 0 (five or fewer) to 5 (5,120 or more).
        mean: x of the accounts that day.
    """
    at, usual = round(5 * 4**value), round(5 * 4**mean)
    return Words(
        f"Om lag {at} ansatte, mot {usual} hos en vanlig konto den dagen.",
        f"About {at} employees, against {usual} of a usual account that day.",
    )


def absent(signal_type: str, mean: float) -> Words:
    """The sentence of a type that was looked for and not seen."""
    name = noun(signal_type)
    return Words(
        f"Ikke sett: {name.nb} (snittet av kontoene den dagen er {_nb(mean)}).",
        f"Not seen: {name.en} (the mean of the accounts that day is {mean:.2f}).",
    )


def not_observed(signal_type: str) -> Words:
    """The sentence of a type that could not be looked for."""
    name = noun(signal_type)
    return Words(
        f"Ikke observert godt nok til å si noe om: {name.nb}. Teller verken for eller "
        "imot.",
        f"Not observed well enough to say anything about: {name.en}. Counts neither "
        "for nor against.",
    )


def sector(segment: str | None, contribution: float) -> Words:
    """The sentence of what the account's sector adds."""
    nb, en = (
        ("oftere", "more often") if contribution > 0 else ("sjeldnere", "less often")
    )
    name = segment or "?"
    return Words(
        f"Segmentet {name} kjøper {nb} enn snittet av kontoene.",
        f"The segment {name} buys {en} than the mean of the accounts.",
    )


def calibration(contribution: float) -> Words:
    """The sentence of what earlier forecasts and their outcomes add."""
    nb, en = (
        ("oftere", "more often") if contribution > 0 else ("sjeldnere", "less often")
    )
    return Words(
        f"Kontoer med slike tall har kjøpt {nb} enn modellen sa.",
        f"Accounts with figures like these have bought {en} than the model said.",
    )


def intercept(probability: float, base_rate: float, horizon_days: int) -> Words:
    """The sentence of the mean account that all contributions are measured against."""
    return Words(
        f"Gjennomsnittskontoen den dagen: {_percent_nb(probability)}; blant alle "
        f"kontoer er grunnraten {_percent_nb(base_rate)} på {horizon_days} dager.",
        f"The mean account that day: {probability:.1%}; over all accounts the base "
        f"rate is {base_rate:.1%} in {horizon_days} days.",
    )


def _event(signal: Mapping[str, Any]) -> Words:
    kind = signal["signal_type"]
    when = day_phrase(signal)
    name, title = signal["person_name"], signal["person_title"]
    if kind == "ceo_change" and not title:
        role = Words("daglig leder", "chief executive")
    else:
        role = Words(inside(title) or "leder", inside(title) or "leader")
    if name and kind == "founder_exit":
        return Words(
            f"{name} ({role.nb}), gründer, er ute av ledelse eller styre {when.nb}",
            f"{name} ({role.en}), a founder, left leadership or board {when.en}",
        )
    if name and (kind == "functional_leader_departed" or has_left(signal)):
        return Words(
            f"{name}, {role.nb}, falt ut av oppføringen {when.nb}",
            f"{name}, {role.en}, left the listing {when.en}",
        )
    if name and kind in ("functional_leader_appointed", "ceo_change"):
        return Words(
            f"{name} er ført opp som {role.nb}, ny {when.nb}",
            f"{name} is listed as {role.en}, new {when.en}",
        )
    if name and kind == "functional_leader_replaced":
        return Words(
            f"{name} overtok som {role.nb} {when.nb}",
            f"{name} took over as {role.en} {when.en}",
        )
    if name and kind == "interim_leader":
        return Words(
            f"{name} holder rollen midlertidig som {role.nb}, ny {when.nb}",
            f"{name} holds the role for the time being as {role.en}, new {when.en}",
        )
    told = noun(kind)
    effect = signal["effect"]
    if kind in _STATED:
        said = _STATED[kind]
        return Words(f"{said.nb}, {when.nb}", f"{said.en}, {when.en}")
    if kind in _COUNTED and effect is not None:
        said, count = _COUNTED[kind], f"{effect:.0f}"
        return Words(
            f"{said.nb.format(n=count)}, {when.nb}",
            f"{said.en.format(n=count)}, {when.en}",
        )
    if kind in ("hiring_surge", "hiring_slowdown") and effect is not None:
        told = Words(
            f"{told.nb}: {_nb(effect, 1)} ganger det vanlige",
            f"{told.en}: {effect:.1f} times the usual",
        )
    return _capital(
        Words(
            f"{told.nb}{_quote(signal).nb}, {when.nb}",
            f"{told.en}{_quote(signal).en}, {when.en}",
        )
    )


def _quote(signal: Mapping[str, Any]) -> Words:
    if signal["source"] in withdrawing_sources():
        # A sentence of an earlier day must not change when an ad is closed.
        return Words("", "")
    before, after = signal["quote_before"], signal["quote_after"]
    if before and after and signal["signal_type"] in _REGISTRY:
        return Words(
            f": «{before}» ble til «{after}»", f': "{before}" became "{after}"'
        )
    if after:
        return Words(f": «{after}»", f': "{after}"')
    if before:
        return Words(f": før sto det «{before}»", f': before it said "{before}"')
    return Words("", "")


def _together(signals: Sequence[Mapping[str, Any]]) -> Words:
    kinds = list(dict.fromkeys(s["signal_type"] for s in signals))
    first = {k: next(s for s in signals if s["signal_type"] == k) for k in kinds}
    return Words(
        "; ".join(f"{noun(k).nb} {day_phrase(first[k]).nb}" for k in kinds),
        "; ".join(f"{noun(k).en} {day_phrase(first[k]).en}" for k in kinds),
    )


def _capital(words: Words) -> Words:
    return Words(
        words.nb[:1].upper() + words.nb[1:], words.en[:1].upper() + words.en[1:]
    )


def _nb(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def _percent_nb(value: float) -> str:
    return f"{100 * value:.1f} %".replace(".", ",")
