"""A version of the model from features and outcomes: rows, audits, fit and report.

What may be learned and how stands in `learning`; here the rows of the watch become
designs, a leak refuses the model in one sentence, and what was found is put in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from orchestration.scoring.backtest import (
    LEAST_FOLDS,
    Judged,
    Model,
    backtest,
    base_rate_model,
    folds,
    points_model,
    prior_model,
)
from orchestration.scoring.calibration import auc
from orchestration.scoring.challenger import MIN_OUTCOMES, monotone_boosting
from orchestration.scoring.coefficients import (
    Coefficients,
    Vector,
    anchored_intercept,
)
from orchestration.scoring.day import Desk, day_of
from orchestration.scoring.estimator import NotFitted, Prior
from orchestration.scoring.exploration import MOST_WEIGHT, label_weights
from orchestration.scoring.labels import Labels, outcome_days
from orchestration.scoring.learning import (
    HORIZON,
    HORIZONS,
    PUBLICATION_LAG,
    SECTOR_SPREAD,
    STEP,
    Design,
    Leak,
    Learned,
    Population,
    design,
    learn,
    on_landmarks,
    other_horizon,
    sector_columns,
    shuffled_auc,
)
from orchestration.scoring.model import CODE_VERSION, SECTOR_COLUMN
from orchestration.scoring.recalibration import Identity, Map, choose_map
from orchestration.scoring.versions import FORMAT, OfferModel, said_of
from orchestration.scoring.weights import Weights

# Fewer first outcomes than this teach less than they disturb (SCIENCE 6: E = 20).
LEAST_EVENTS = 20
SHUFFLED = (0.47, 0.53)
_SECTOR = "sector"
# Repeats of the shuffle: until chance moves the mean by less than this.
_SHUFFLE_SD = 0.007
_MOST_SHUFFLES = 200


class NotEnough(NotFitted):
    """Too few outcomes to learn from; the experts' model stays."""


@dataclass(frozen=True)
class Calls:
    """The lists by which accounts were called, where a CRM has told of a call."""

    lists: pl.DataFrame  # contract talk_to_now
    since: date  # the first day of a task that somebody did


@dataclass(frozen=True)
class Rows:
    """The rows of one offer that can be learned from, with who they are."""

    population: Population
    accounts: tuple[str, ...]


@dataclass(frozen=True)
class OfferFit:
    """What was learned for an offer, and what the report tells of it."""

    model: OfferModel
    main: Learned
    design: Design
    names: tuple[str, ...]
    audit: Mapping[str, Any]
    judged: Sequence[Judged]
    why_not_judged: str | None
    challenger: str


@dataclass(frozen=True)
class Trained:
    """A model to be written: what it says, its report and the report as a page."""

    said: dict[str, Any]
    report: dict[str, Any]
    page: str


def training_rows(at: Desk, offer: str, cut: date) -> Rows:
    """Every landmark up to a cut with the accounts that would have been scored.

    Columns are the types of the scorecard, and one a segment.
    """
    days = np.array([d.toordinal() for d in at.days if d <= cut], dtype=np.int64)
    landmarks = [date.fromordinal(int(d)) for d in days[on_landmarks(days)]]
    accounts: list[str] = []
    blocks, when, since = [], [], []
    for as_of in landmarks:
        seen = day_of(at, offer, as_of)
        accounts += seen.accounts
        blocks.append(seen.x)
        when.append(np.full(len(seen.accounts), as_of.toordinal(), dtype=np.int64))
        since += [seen.observed_since[a].toordinal() for a in seen.accounts]
    x = np.vstack(blocks) if blocks else np.zeros((0, len(at.weights.signal_types)))
    names: tuple[str, ...] = at.weights.signal_types
    if at.segments and accounts:
        segments = [at.segments.get(a, "") for a in accounts]
        sectors, told = sector_columns(segments)
        kept = [k for k, name in enumerate(told) if name != SECTOR_COLUMN]
        x = np.hstack([x, sectors[:, kept]])
        names = (*names, *(told[k] for k in kept))
    _, place = np.unique(np.array(accounts, dtype=object), return_inverse=True)
    return Rows(
        Population(
            names=names,
            account=place.astype(np.int64),
            day=np.concatenate(when) if when else np.zeros(0, dtype=np.int64),
            x=x,
            observed_since=np.array(since, dtype=np.int64),
            # Who has an open tender is abstained, and is not among the rows.
            open_tender=np.zeros(len(accounts), dtype=bool),
        ),
        tuple(accounts),
    )


def refuse_the_future(features: pl.DataFrame) -> None:
    """Refuse features of a day that rest on what became known after it.

    Raises:
        Leak: naming the types.
    """
    late = features.filter(pl.col("latest_known_at").dt.date() > pl.col("as_of"))
    if late.height:
        kinds = ", ".join(sorted(late["signal_type"].unique()))
        raise Leak(
            f"{late.height} features rest on what became known after their day "
            f"({kinds}); no model was written"
        )


def refuse_overlap(rows: Design, cut: date) -> None:
    """Refuse rows whose window was not closed and published at the cut (purge).

    Raises:
        Leak: with the first such day.
    """
    open_rows = rows.day + rows.horizon + PUBLICATION_LAG > cut.toordinal()
    if open_rows.any():
        day = date.fromordinal(int(rows.day[open_rows].min()))
        raise Leak(
            f"rows of {day} have a window that was not closed {PUBLICATION_LAG} days "
            f"before the cut {cut}; no model was written"
        )


def refuse_shuffled(rows: Design, prior: Prior, seed: int = 0) -> tuple[float, int]:
    """Refuse rows from which shuffled outcomes can be foretold.

    Returns:
        The AUC, and of how many shuffles it is the mean.

    Raises:
        Leak: the AUC lies outside [.47, .53].
    """
    # Of an AUC by chance: about .29 / sqrt(positive rows judged).
    by_chance = 0.29 / np.sqrt(max(float(rows.y.sum()) / 2.0, 1.0))
    repeats = int(np.clip(np.ceil((by_chance / _SHUFFLE_SD) ** 2), 4, _MOST_SHUFFLES))
    found = shuffled_auc(rows, prior, repeats, seed)
    if not SHUFFLED[0] <= found <= SHUFFLED[1]:
        raise Leak(
            f"outcomes shuffled at random are foretold with AUC {found:.3f}, outside "
            f"{SHUFFLED[0]} to {SHUFFLED[1]}: rows see outcomes by some path; no model "
            "was written"
        )
    return found, repeats


def train(
    at: Desk,
    outcomes: pl.DataFrame,
    features: pl.DataFrame,
    *,
    target: str,
    cut: date,
    offers: Sequence[str] = (),
    calls: Calls | None = None,
) -> Trained:
    """Learn a version from what was known at a cut.

    Args:
        at: what scoring reads.
        outcomes: contract outcomes.
        features: contract account_features, for the audit.
        target: `tender` or `crm`; never both.
        cut: outcomes known by the end of this day count.
        offers: which; all by default. Offers with too few outcomes stay the experts'.
        calls: whom lists sent people to, by which `crm` labels are weighed.

    Raises:
        Leak: an audit found that rows know the outcome.
        NotEnough: no offer has the outcomes it takes.
    """
    refuse_the_future(features.filter(pl.col("as_of") <= cut))
    labels = Labels(outcomes)
    fits: dict[str, OfferFit] = {}
    short: dict[str, str] = {}
    for offer in offers or at.wanted:
        try:
            fits[offer] = fit_offer(at, labels, offer, target, cut, calls)
        except NotEnough as error:
            short[offer] = str(error)
    if not fits:
        raise NotEnough("; ".join(short.values()))
    said = {
        "format": FORMAT,
        "target": target,
        "data_cut": str(cut),
        "code_version": CODE_VERSION,
        "weights_version": at.weights.version,
        "weights_digest": at.weights.digest,
        "offers": {offer: said_of(fit.model) for offer, fit in fits.items()},
    }
    report = {
        "target": target,
        "data_cut": str(cut),
        "left_to_the_experts": short,
        "offers": {o: _told(f, at.offers[o], at.weights) for o, f in fits.items()},
    }
    return Trained(said, report, page_of(report))


def fit_offer(
    at: Desk,
    labels: Labels,
    offer: str,
    target: str,
    cut: date,
    calls: Calls | None = None,
) -> OfferFit:
    """Learn one offer: audits first, then 91 days, then the other horizons.

    Raises:
        Leak, NotEnough: see `train`.
    """
    rows = training_rows(at, offer, cut)
    first = labels.first(offer, target, cut)
    by_number = {
        int(number): np.array(first.get(account, []), dtype=np.int64)
        for number, account in zip(rows.population.account, rows.accounts, strict=True)
    }
    names_of = dict(zip(rows.population.account.tolist(), rows.accounts, strict=True))
    main_rows, selection = weighed(
        design(rows.population, by_number, cut.toordinal(), HORIZON),
        names_of,
        offer,
        target,
        calls,
    )
    if main_rows.n_events < LEAST_EVENTS:
        raise NotEnough(
            f"{offer}: {main_rows.n_events} first outcomes ({target}) can be learned "
            f"from by {cut}, and {LEAST_EVENTS} are needed; the experts' model stays"
        )
    refuse_overlap(main_rows, cut)
    prior, groups = experts_prior(main_rows, at, offer)
    spreads = {_SECTOR: SECTOR_SPREAD}
    # `learn` audits every column before it fits.
    learned = learn(main_rows, prior, groups, spreads)
    shuffled, repeats = refuse_shuffled(main_rows, prior)
    fits = {HORIZON: _coefficients(learned)}
    for horizon in (h for h in HORIZONS if h != HORIZON):
        other, _ = weighed(
            design(rows.population, by_number, cut.toordinal(), horizon),
            names_of,
            offer,
            target,
            calls,
        )
        if 0.0 < other.y.sum() < len(other.y):
            fits[horizon] = _coefficients(other_horizon(other, learned))
    names = main_rows.names
    kept = {n: float(q) for n, q in zip(names, learned.p_matters, strict=True)}
    judged, why_not, challenger = _judge(main_rows, by_number, prior, groups)
    strongest = max(
        (
            (abs(auc(main_rows.y, main_rows.x[:, k]) - 0.5) + 0.5, name)
            for k, name in enumerate(names)
            if np.ptp(main_rows.x[:, k]) > 0
        ),
        default=(0.5, "none"),
    )
    return OfferFit(
        model=OfferModel(
            offer=offer,
            n_events=learned.n_events,
            n_rows=learned.posterior.n_rows,
            kappa=learned.posterior.kappa,
            fits=fits,
            p_matters=kept,
            map=learned_map(main_rows, judged),
        ),
        main=learned,
        design=main_rows,
        names=names,
        audit={
            "strongest_single_feature": strongest[1],
            "strongest_single_auc": round(float(strongest[0]), 4),
            "shuffled_auc": round(shuffled, 4),
            "shuffles": repeats,
            "last_row": str(date.fromordinal(int(main_rows.day.max()))),
            "selection": selection,
        },
        judged=judged,
        why_not_judged=why_not,
        challenger=challenger,
    )


def weighed(
    rows: Design,
    names: Mapping[int, str],
    offer: str,
    target: str,
    calls: Calls | None,
) -> tuple[Design, str]:
    """Rows of a CRM's outcomes, weighed by the chance of having been called.

    Returns:
        The rows that are labels, and in words what was done (SCIENCE 3.8).
    """
    if target != "crm":
        return rows, "not weighed: no call moves a tender"
    if calls is None:
        return rows, "not weighed: no CRM has told of a call"
    accounts = [names[number] for number in rows.account.tolist()]
    lists = calls.lists.filter(pl.col("offer") == offer)
    weight = label_weights(accounts, rows.day, lists, calls.since)
    kept = rows.chosen(weight > 0.0)
    kept = replace(kept, row_weight=kept.row_weight * weight[weight > 0.0])
    n_most = int((weight >= MOST_WEIGHT).sum())
    return kept, (
        f"weighed by one over the chance of a place on the list, at most "
        f"{MOST_WEIGHT:g} ({n_most} rows weigh that); of {len(weight)} rows "
        f"{len(weight) - len(kept.y)} of accounts that were not listed are no labels"
    )


def experts_prior(
    rows: Design, at: Desk, offer: str
) -> tuple[Prior, tuple[str | None, ...]]:
    """What the experts believe of the columns of a design, and the sectors' group."""
    weights: Weights = at.weights
    known = weights.believed
    weight = np.array([known.get(name, 0.0) for name in rows.names])
    groups = tuple(
        _SECTOR if name.startswith(SECTOR_COLUMN) else None for name in rows.names
    )
    rate = float(at.offers[offer]["base_rate"])
    last = rows.x[rows.day == rows.day.max()] if len(rows.day) else rows.x
    return (
        Prior(
            rows.names,
            weight,
            np.full(len(rows.names), weights.tau),
            np.sign(weight).astype(np.int64),
            anchored_intercept(last @ weight, rate),
            weights.intercept_sd,
            weights.kappa_sd,
        ),
        groups,
    )


def _coefficients(learned: Learned) -> Coefficients:
    """All columns, also those dropped: at 0, so that they are not the experts' again.

    The doubt of a dropped one stays in the interval.
    """
    found = learned.posterior
    return Coefficients(found.names, found.beta, found.covariance, found.intercept)


def champion(prior: Prior, groups: Sequence[str | None]) -> Model:
    """The champion as `backtest` asks for a model."""

    def fitted(learned_from: Design, asked: Design) -> Vector:
        found = learn(learned_from, prior, groups, {_SECTOR: SECTOR_SPREAD})
        return found.posterior.probability(asked.x)

    return fitted


def _judge(
    rows: Design,
    first: Mapping[int, Any],
    prior: Prior,
    groups: Sequence[str | None],
) -> tuple[list[Judged], str | None, str]:
    by_text = {str(k): v.tolist() for k, v in first.items()}
    outcome = outcome_days(by_text, [str(a) for a in rows.account], rows.day)
    models: dict[str, Model] = {
        "base rate": base_rate_model,
        "points (+10)": points_model,
        "experts, day one": prior_model(prior),
        "champion": champion(prior, groups),
    }
    told = f"not tried: {rows.n_events} outcomes, {MIN_OUTCOMES} are needed"
    if rows.n_events >= MIN_OUTCOMES:
        models["challenger"] = monotone_boosting(prior)
    try:
        judged = backtest(rows, outcome, models, LEAST_FOLDS)
    except (NotFitted, Leak) as error:
        return [], str(error), told
    by_name = {j.name: j for j in judged}
    if "challenger" in by_name:
        ours = by_name["champion"].metrics.log_loss
        theirs = by_name["challenger"].metrics.log_loss
        told = (
            f"wins the time split: log loss {theirs:.4f} against {ours:.4f}"
            if theirs < ours
            else f"does not win: log loss {theirs:.4f} against {ours:.4f}"
        )
        if theirs >= ours:
            judged = [j for j in judged if j.name != "challenger"]
    return judged, None, told


def learned_map(rows: Design, judged: Sequence[Judged]) -> Map:
    """What later outcomes say of the champion's forecasts on the folds (SCIENCE 3.5).

    Forecasts of models that had not seen these outcomes; too few leave them as they
    are.
    """
    ours = next((j for j in judged if j.name == "champion"), None)
    if ours is None:
        return Identity()
    tests = [fold.test for fold in folds(rows, LEAST_FOLDS)]
    place = np.concatenate([np.flatnonzero(test) for test in tests])
    n_events = rows.chosen(np.logical_or.reduce(tests)).n_events
    return choose_map(rows.y[place], ours.probability, rows.day[place], n_events)


def _told(fit: OfferFit, offer: Mapping[str, Any], weights: Weights) -> dict[str, Any]:
    posterior = fit.main.posterior
    sd = np.sqrt(np.maximum(np.diag(posterior.covariance)[2:], 0.0))
    known = weights.believed
    weight = fit.design.row_weight
    return {
        "n_events": fit.model.n_events,
        "n_rows": fit.model.n_rows,
        "base_rate_told": offer["base_rate"],
        "base_rate_seen": round(float(weight @ fit.design.y / weight.sum()), 5),
        "kappa": round(posterior.kappa, 3),
        "horizons": sorted(fit.model.fits),
        "audit": dict(fit.audit),
        "challenger": fit.challenger,
        "map": type(fit.model.map).__name__.lower(),
        "not_judged": fit.why_not_judged,
        "judged": [
            {
                "model": j.name,
                "n_rows": j.metrics.n_rows,
                "n_outcomes": j.metrics.n_outcomes,
                "log_loss": round(j.metrics.log_loss, 5),
                "brier_skill": round(j.metrics.brier_skill, 4),
                "ece": round(j.metrics.ece, 4),
                "ece_floor": round(j.metrics.ece_floor, 4),
                "auc": round(j.metrics.auc, 4),
                "caught_28_days_before": round(j.leads.caught_early, 4),
            }
            for j in fit.judged
        ],
        "columns": [
            {
                "column": name,
                "expert": known.get(name, 0.0),
                "coefficient": round(float(posterior.beta[k]), 4),
                "sd": round(float(sd[k]), 4),
                "p_matters": round(float(fit.main.p_matters[k]), 3),
                "kept": bool(fit.main.prior.sd[k] > 0),
            }
            for k, name in enumerate(fit.names)
        ],
    }


def page_of(report: Mapping[str, Any]) -> str:
    """The report as a page of plain text with tables."""
    lines = [
        f"# Model of {report['target']} outcomes, data cut {report['data_cut']}",
        "",
        "Learned from what was known by the end of that day.",
    ]
    for offer, why in report["left_to_the_experts"].items():
        lines += ["", f"- {offer}: left to the experts. {why}."]
    for offer, told in report["offers"].items():
        audit = told["audit"]
        lines += [
            "",
            f"## {offer}",
            "",
            f"{told['n_events']} first outcomes in {told['n_rows']} account-days; "
            f"base rate {told['base_rate_seen']:.2%} seen, "
            f"{told['base_rate_told']:.2%} told. "
            f"Experts trusted at kappa {told['kappa']}.",
            "",
            f"Audit: strongest single feature {audit['strongest_single_feature']} (AUC "
            f"{audit['strongest_single_auc']}); shuffled outcomes AUC "
            f"{audit['shuffled_auc']} over {audit['shuffles']} shuffles; last row "
            f"{audit['last_row']}. Challenger: {told['challenger']}. "
            f"Map of probabilities: {told['map']}. Whom lists chose: "
            f"{audit['selection']}.",
            "",
        ]
        if told["not_judged"]:
            lines += [f"Not judged on later days yet: {told['not_judged']}.", ""]
        else:
            lines += [
                "| model | log loss | Brier skill | ECE | floor | AUC | caught 28 d |",
                "|---|---|---|---|---|---|---|",
                *(
                    f"| {j['model']} | {j['log_loss']} | {j['brier_skill']} | "
                    f"{j['ece']} | {j['ece_floor']} | {j['auc']} | "
                    f"{j['caught_28_days_before']} |"
                    for j in told["judged"]
                ),
                "",
            ]
        lines += [
            "| column | experts | learned | sd | P(matters) | kept |",
            "|---|---|---|---|---|---|",
            *(
                f"| {c['column']} | {c['expert']} | {c['coefficient']} | {c['sd']} | "
                f"{c['p_matters']} | {'yes' if c['kept'] else 'no'} |"
                for c in told["columns"]
            ),
        ]
    return "\n".join(lines) + "\n"


def is_due(cuts: Sequence[date], cut: date) -> bool:
    """Whether four weeks have passed since the last version was learned."""
    return not cuts or (cut - max(cuts)).days >= STEP


def known_until(days: Sequence[date]) -> date:
    """The cut that the days of a watch allow: its last one.

    Raises:
        NotEnough: there is no day.
    """
    if not days:
        raise NotEnough("no day has been observed yet")
    return max(days)
