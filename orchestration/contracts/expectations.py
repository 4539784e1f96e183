"""Great Expectations at arm's length: suites made from contracts, run on frames.

The only module that imports `great_expectations` and `pandas`. The import takes about
five seconds, so it happens inside the functions and never on the path of `--help`.
"""

import logging
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from orchestration.contracts.frames import missing_columns
from orchestration.contracts.odcs import Contract

_MAX_SAMPLE = 5
# Rows that Great Expectations judges all of; 0.1 s, as long as its own preparations.
_SMALL = 1_000
# Rules whose doubtful rows Polars can find, with the arguments that it knows.
_UNDERSTOOD = {
    "expect_column_values_to_not_be_null": {"column"},
    "expect_column_values_to_be_unique": {"column"},
    "expect_column_values_to_be_between": {"column", "min_value", "max_value"},
    "expect_column_values_to_be_in_set": {"column", "value_set"},
    "expect_column_values_to_match_regex": {"column", "regex"},
}
# Literal characters, classes of them, repetitions and alternatives.
_PLAIN = re.compile(r"\^(?:[^\\(]|\(\?:|\((?!\?)|\\[.\-/+])*\$")


@dataclass(frozen=True)
class Broken:
    """One expectation that some rows did not meet."""

    expectation: str
    column: str | None
    reason: str
    rows: tuple[int, ...]
    sample: tuple[Any, ...]  # values as a check may show them


@dataclass(frozen=True)
class Judgement:
    """One expectation as Great Expectations judged it, with nothing that is secret.

    ``sample`` holds values that anybody may see: of free text, and of a column that may
    name a person, the shape only.
    """

    expectation: str
    arguments: Mapping[str, Any]
    n_unexpected: int
    sample: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What came of holding a frame against its contract."""

    contract: str
    version: str
    n_rows: int
    n_expectations: int
    missing: tuple[str, ...]
    broken: tuple[Broken, ...]
    judged: tuple["Judgement", ...] = ()
    # The first rows that break it: their key and what is wrong, as a check may show it.
    failing: tuple[Mapping[str, str], ...] = ()

    @property
    def is_kept(self) -> bool:
        """True when every expectation was met by every row."""
        return not self.missing and not self.broken

    @property
    def broken_rows(self) -> frozenset[int]:
        """Positions of the rows that break at least one expectation."""
        return frozenset(i for b in self.broken for i in b.rows)

    def sentence(self) -> str:
        """The verdict in one sentence."""
        if self.missing:
            return (
                f"{self.contract}: the column(s) {', '.join(self.missing)} promised "
                f"by contract version {self.version} are missing"
            )
        if not self.broken:
            return (
                f"{self.contract}: {self.n_rows} rows meet all "
                f"{self.n_expectations} expectations"
            )
        reasons = "; ".join(b.reason for b in self.broken)
        return (
            f"{self.contract}: {len(self.broken_rows)} of {self.n_rows} rows break "
            f"contract version {self.version}: {reasons}"
        )


def suite(contract: Contract) -> list[tuple[str, Mapping[str, Any], str]]:
    """The expectations of a contract: (type, arguments, reason when broken).

    Built from required, primaryKey, pattern, minimum, maximum and the contract's own
    Great Expectations rules; nothing is listed anywhere else.
    """
    out: list[tuple[str, Mapping[str, Any], str]] = []
    for c in contract.columns:
        if c.required:
            out.append(
                (
                    "expect_column_values_to_not_be_null",
                    {"column": c.name},
                    f"{c.name} is empty",
                )
            )
        if c.pattern:
            out.append(
                (
                    "expect_column_values_to_match_regex",
                    {"column": c.name, "regex": c.pattern},
                    f"{c.name} does not match {c.pattern}",
                )
            )
        if c.minimum is not None or c.maximum is not None:
            bounds = {"min_value": c.minimum, "max_value": c.maximum}
            out.append(
                (
                    "expect_column_values_to_be_between",
                    {"column": c.name, **bounds},
                    f"{c.name} is outside [{_bound(c.minimum)}, {_bound(c.maximum)}]",
                )
            )
        for rule in c.expectations:
            out.append(
                (
                    rule["type"],
                    {"column": c.name, **rule.get("kwargs", {})},
                    f"{c.name} is not one of the values the contract lists",
                )
            )
    key = contract.primary_key
    if len(key) == 1:
        out.append(
            (
                "expect_column_values_to_be_unique",
                {"column": key[0]},
                f"{key[0]} is used more than once",
            )
        )
    elif key:
        out.append(
            (
                "expect_compound_columns_to_be_unique",
                {"column_list": list(key)},
                f"the key ({', '.join(key)}) is used more than once",
            )
        )
    return out


def validate(contract: Contract, frame: pl.DataFrame) -> Verdict:
    """Hold a frame against its contract with Great Expectations.

    Args:
        contract: the promise.
        frame: the table; row positions in the verdict count from its first row.

    Returns:
        The verdict; a missing column makes the whole table broken and nothing else
        is looked at.
    """
    missing = missing_columns(contract, frame)
    if missing:
        return Verdict(
            contract.path,
            contract.version,
            frame.height,
            len(suite(contract)),
            missing,
            (),
        )
    return judged(contract, asked_of(contract, frame))


def asked_of(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """What the expectations of a contract read of a frame, a row for each row.

    Great Expectations reads neither lists nor structs, and of a text that need only be
    there it reads whether it is: a mark stands for both, so that the text of a hundred
    thousand pages need not be in memory to be told that none is missing.
    """
    asked = _asked(contract)
    marked = [
        column
        for column, is_presence in asked.items()
        if frame.schema[column].is_nested()
        or (is_presence and frame.schema[column] == pl.String)
    ]
    return frame.select(sorted(asked)).with_columns(
        pl.when(pl.col(column).is_not_null()).then(pl.lit("present")).alias(column)
        for column in marked
    )


def columns_asked(contract: Contract) -> list[str]:
    """The columns that the expectations of a contract read."""
    return sorted(_asked(contract))


def _asked(contract: Contract) -> dict[str, bool]:
    """Columns that are read, and whether only for being there."""
    asked: dict[str, bool] = {}
    for name, arguments, _ in suite(contract):
        is_presence = name == "expect_column_values_to_not_be_null"
        for column in arguments.get("column_list") or [arguments["column"]]:
            asked[column] = asked.get(column, True) and is_presence
    return asked


def judged(contract: Contract, table: pl.DataFrame) -> Verdict:
    """Hold what `asked_of` gave, of one frame or of many one after another, against it.

    Row positions in the verdict count from the first row.
    """
    expectations = suite(contract)
    if table.is_empty():
        return Verdict(contract.path, contract.version, 0, len(expectations), (), ())
    asked = _rows_to_ask_about(table, expectations)
    found = _broken(_batch(table[asked]), expectations, asked)
    broken = [
        replace(
            b, sample=tuple(_shown(v, b.column, contract.personal) for v in b.sample)
        )
        for b in found.values()
    ]
    secret = contract.personal | {
        c.name
        for c in contract.columns
        if c.physical_type == "varchar" and not _is_listed(c.expectations)
    }
    judgements = (
        _judgement(name, arguments, found.get(position), secret)
        for position, (name, arguments, _) in enumerate(expectations)
    )
    return Verdict(
        contract.path,
        contract.version,
        table.height,
        len(expectations),
        (),
        tuple(broken),
        tuple(judgements),
        _failing(contract, table, broken),
    )


def _failing(
    contract: Contract, table: pl.DataFrame, broken: Sequence[Broken]
) -> tuple[Mapping[str, str], ...]:
    """The first rows that break something: position, key, and the columns concerned."""
    rows = sorted({row for one in broken for row in one.rows})[:_MAX_SAMPLE]
    columns = dict.fromkeys(
        (*contract.primary_key, *(one.column for one in broken if one.column))
    )
    return tuple(
        {"row": str(row)}
        | {c: _shown(table[c][row], c, contract.personal) for c in columns}
        for row in rows
    )


def _is_listed(rules: Sequence[Mapping[str, Any]]) -> bool:
    """True for a column of a closed list: its values are words of ours."""
    return any(r["type"] == "expect_column_values_to_be_in_set" for r in rules)


def _judgement(
    name: str,
    arguments: Mapping[str, Any],
    broken: Broken | None,
    secret: frozenset[str],
) -> Judgement:
    if broken is None:
        return Judgement(name, arguments, 0, ())
    shown = (_shown(v, broken.column, secret) for v in broken.sample)
    # Great Expectations' templates escape nothing: no character that marks up is left.
    sample = tuple(re.sub(r"[^\w .,:/@+-]", "·", text) for text in shown)
    return Judgement(name, arguments, len(broken.rows), sample)


def _rows_to_ask_about(
    table: pl.DataFrame, expectations: Sequence[tuple[str, Mapping[str, Any], str]]
) -> Sequence[int]:
    """Positions of the rows that Great Expectations is to judge.

    All of a small table. Of a large one the first rows, and every row that Polars does
    not see to keep each rule: a million rows that keep theirs need not become pandas
    objects to be told so. Great Expectations judges what is left, so a row too many
    costs time and changes nothing; a row too few would be a fault, and a test compares.
    """
    if table.height <= _SMALL:
        return range(table.height)
    doubts = [_doubt(table, name, arguments) for name, arguments, _ in expectations]
    first = pl.int_range(table.height, eager=True) < _SMALL
    return (
        table.select(pl.any_horizontal(first, *doubts).fill_null(value=True))
        .to_series()
        .arg_true()
        .to_list()
    )


def _doubt(
    table: pl.DataFrame, name: str, arguments: Mapping[str, Any]
) -> pl.Expr | pl.Series:
    """True where a row may break the rule; true everywhere for a rule not known."""
    everywhere = pl.lit(value=True)
    if name == "expect_compound_columns_to_be_unique":
        # Equal rows have equal hashes; two that are not are asked about in vain.
        return table.select(arguments["column_list"]).hash_rows().is_duplicated()
    column = arguments.get("column")
    if column is None or set(arguments) - _UNDERSTOOD.get(name, set()):
        return everywhere
    value = pl.col(column)
    if name == "expect_column_values_to_not_be_null":
        # NaN is empty to pandas.
        is_number = table.schema[column].is_float()
        return value.is_null() | value.is_nan() if is_number else value.is_null()
    if name == "expect_column_values_to_be_unique":
        return value.is_duplicated()
    if name == "expect_column_values_to_be_between":
        low, high = arguments["min_value"], arguments["max_value"]
        kept = pl.lit(value=True)
        if low is not None:
            kept = kept & (value >= low)
        if high is not None:
            kept = kept & (value <= high)
        return value.is_not_null() & ~kept
    if name == "expect_column_values_to_be_in_set":
        return value.is_not_null() & ~value.is_in(list(arguments["value_set"]))
    if name == "expect_column_values_to_match_regex":
        pattern = arguments["regex"]
        # Only what means the same to both engines; \\w is not the same letters.
        if _PLAIN.fullmatch(pattern):
            return value.is_not_null() & ~value.str.contains(pattern)
    return everywhere


def _shown(value: Any, column: str | None, personal: frozenset[str]) -> str:
    """A value of the sample: of a column that may name a person its shape only."""
    if isinstance(value, Mapping):
        each = (f"{k}={_shown(v, k, personal)}" for k, v in value.items())
        return ", ".join(each)[:80]
    told = re.sub(r"\w", "x", str(value)) if column in personal else str(value)
    return told[:80]


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _batch(table: pl.DataFrame) -> Any:
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx

        context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    definition = asset.add_batch_definition_whole_dataframe("whole")
    # numpy-backed object columns: Arrow-backed strings slow the regex checks down.
    return definition.get_batch(
        batch_parameters={
            "dataframe": table.to_pandas(use_pyarrow_extension_array=False)
        }
    )


def _broken(
    batch: Any,
    expectations: Sequence[tuple[str, Mapping[str, Any], str]],
    asked: Sequence[int],
) -> dict[int, Broken]:
    """The expectations that were not met, by position, all judged in one go.

    One by one each would ask the table's shape anew.

    Args:
        batch: the rows that are judged.
        expectations: what they are to meet.
        asked: where each of these rows stands in the table.
    """
    from great_expectations import ExpectationSuite
    from great_expectations.expectations import registry

    told = ExpectationSuite(
        name="contract",
        expectations=[
            registry.get_expectation_impl(name)(**arguments, meta={"position": n})
            for n, (name, arguments, _) in enumerate(expectations)
        ],
    )
    results = batch.validate(told, result_format="COMPLETE").results
    if len(results) != len(expectations):
        raise RuntimeError(
            f"{len(expectations)} expectations were asked, {len(results)} were judged"
        )
    out = {}
    for result in results:
        position = result.expectation_config.meta["position"]
        if not result.success:
            name, arguments, reason = expectations[position]
            out[position] = _broken_one(name, arguments, reason, result, asked)
    return {position: out[position] for position in sorted(out)}


def _broken_one(
    name: str,
    arguments: Mapping[str, Any],
    reason: str,
    result: Any,
    asked: Sequence[int],
) -> Broken:
    fault = _raised(result.exception_info or {})
    if fault is not None:
        raise RuntimeError(f"{name} could not be checked: {fault}")
    found = result.result["unexpected_index_list"]
    rows = tuple(sorted(asked[int(i)] for i in found))
    values = result.result.get("unexpected_list", [])[:_MAX_SAMPLE]
    return Broken(
        expectation=name,
        column=arguments.get("column"),
        reason=f"{reason} ({len(rows)} rows)",
        rows=rows,
        sample=tuple(values),
    )


def _raised(told: Mapping[str, Any]) -> str | None:
    """What a check raised: told once, or once for each thing it had to compute."""
    each = [told] if "raised_exception" in told else list(told.values())
    for one in each:
        if isinstance(one, Mapping) and one.get("raised_exception"):
            return str(one.get("exception_message"))
    return None


def rendered(
    name: str, judged: Sequence[Judgement], n_rows: int, run: str
) -> tuple[str, ...]:
    """Sections of Great Expectations' own page of validation results, as HTML.

    Its renderers and templates write them; the frame of the page, which fetches styles
    and scripts from elsewhere, is left out (`data_docs`).

    Args:
        name: of the suite.
        judged: what came of each expectation.
        n_rows: rows that were judged.
        run: name of the run.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from great_expectations.core import (
            ExpectationSuiteValidationResult,
            ExpectationValidationResult,
        )
        from great_expectations.expectations.expectation_configuration import (
            ExpectationConfiguration,
        )
        from great_expectations.render.renderer.page_renderer import (
            ValidationResultsPageRenderer,
        )
        from great_expectations.render.view import DefaultJinjaSectionView
    # Its page renderer asks for each of these, null or not.
    nothing_raised = {
        "raised_exception": False,
        "exception_message": None,
        "exception_traceback": None,
    }
    results = [
        ExpectationValidationResult(
            success=not one.n_unexpected,
            expectation_config=ExpectationConfiguration(
                type=one.expectation, kwargs=dict(one.arguments)
            ),
            result={
                "element_count": n_rows,
                "unexpected_count": one.n_unexpected,
                "unexpected_percent": 100.0 * one.n_unexpected / max(n_rows, 1),
                "partial_unexpected_list": list(one.sample),
            },
            exception_info=nothing_raised,
        )
        for one in judged
    ]
    n_met = sum(bool(r.success) for r in results)
    whole = ExpectationSuiteValidationResult(
        success=n_met == len(results),
        results=results,
        suite_name=name,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": n_met,
            "unsuccessful_expectations": len(results) - n_met,
            "success_percent": 100.0 * n_met / max(len(results), 1),
        },
        meta={"run_id": {"run_name": run}},
    )
    page = ValidationResultsPageRenderer(run_info_at_end=True).render(whole)
    view = DefaultJinjaSectionView()
    # The last one tells of the run: its clock and versions are no reader's business.
    sections = page.to_json_dict()["sections"][:-1]
    return tuple(
        view.render({"section": section, "section_loop": {"index": n}})
        for n, section in enumerate(sections, start=1)
    )
