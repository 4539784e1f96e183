"""Which column of a model comes from which columns of its parents.

Read from the SQL that dbt compiled, by sqlglot, once for each state of the models and
kept beside the manifest. dagster-dbt's own way asks the database for every parent of
every model, and cannot read models of `read_parquet(...)` or `union all by name`.
What filters or joins rows is no lineage here, as it is none in dagster-dbt.
"""

import json
import logging
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = "column_lineage.json"
# Column: the (unique id of the parent, its column) it is made of.
Columns = dict[str, list[tuple[str, str]]]
# How macro `landed` writes its one source: the files of it that changed.
_LANDED = "read_parquet(getvariable('landed_files'), hive_partitioning = false)"
_LOG = logging.getLogger(__name__)


def kept_lineage(folder: Path, digest: str) -> dict[str, Columns] | None:
    """What was kept for models of that digest; None when nothing was."""
    file = folder / FILE
    if not file.exists():
        return None
    held = json.loads(file.read_text(encoding="utf-8"))
    if held["digest"] != digest:
        return None
    return {
        model: {c: [(p, f) for p, f in of] for c, of in columns.items()}
        for model, columns in held["models"].items()
    }


def keep_lineage(models: Mapping[str, Columns], folder: Path, digest: str) -> None:
    """Keep the lineage of all models, which took seconds, for the next build."""
    temporary = folder / f".{FILE}.{os.getpid()}.tmp"
    try:
        temporary.write_text(
            json.dumps({"digest": digest, "models": models}), encoding="utf-8"
        )
        temporary.replace(folder / FILE)
    except OSError as error:
        # An installed project may be read-only; the next build computes it again.
        _LOG.warning("column lineage cannot be kept: %s", error)


def column_lineage(
    manifest: Mapping[str, Any],
    compiled: Path,
    tables: Mapping[str, Mapping[str, str]],
    sources: Mapping[str, Sequence[str]],
    wanted: Collection[str],
) -> dict[str, Columns]:
    """The lineage of some models, by unique id.

    Args:
        manifest: dbt's manifest.
        compiled: folder of the compiled SQL of the project.
        tables: types of columns, by model and column, as the warehouse has them.
        sources: columns of the sources, by unique id, as their contracts have them.
        wanted: unique ids of models that were just compiled.
    """
    import sqlglot

    of_tables: dict[str, object] = {t: dict(columns) for t, columns in tables.items()}
    of_sources: dict[str, object] = {
        _source_table(source): dict.fromkeys(
            (*sources[unique_id], "filename"), "varchar"
        )
        for unique_id, source in manifest["sources"].items()
    }
    schema = sqlglot.MappingSchema(of_tables | of_sources, dialect="duckdb")
    found = {}
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] == "model" and unique_id in wanted:
            sql = (compiled / node["original_file_path"]).read_text(encoding="utf-8")
            found[unique_id] = of_query(sql, _parents(manifest, node), schema)
    return found


def _source_table(source: Mapping[str, Any]) -> str:
    return f"source__{source['source_name']}__{source['name']}"


def _parents(
    manifest: Mapping[str, Any], node: Mapping[str, Any]
) -> dict[str, tuple[str, str]]:
    """Name in a query: (unique id, how the compiled SQL writes it), of each parent."""
    parents = {}
    for unique_id in node["depends_on"]["nodes"]:
        source = manifest["sources"].get(unique_id)
        if source is not None:
            parents[_source_table(source)] = (unique_id, source["relation_name"])
        elif unique_id in manifest["nodes"]:
            parent = manifest["nodes"][unique_id]
            parents[parent["name"]] = (unique_id, parent["name"])
            if parent["config"].get("materialized") == "ephemeral":
                # It is written into the query, and what it reads with it.
                parents |= _parents(manifest, parent)
    return parents


def of_query(sql: str, parents: Mapping[str, tuple[str, str]], schema: Any) -> Columns:
    """The lineage of the columns of one query.

    Args:
        sql: a query of DuckDB.
        parents: (unique id, how the query writes it) by name in the schema.
        schema: sqlglot's schema of the parents.
    """
    from sqlglot import exp, parse_one
    from sqlglot.lineage import lineage

    for name, (_, written) in parents.items():
        if written != name:
            sql = sql.replace(written, name).replace(_LANDED, name)
    tree = parse_one(sql, dialect="duckdb")
    for one in tree.find_all(exp.Table):
        one.set("db", None)
        one.set("catalog", None)
    tree = _by_position(tree, schema)
    roots = lineage(None, tree, schema, dialect="duckdb", trim_selects=False)
    columns: Columns = {}
    for column, root in roots.items():
        leaves = {
            (parents[table.name][0], exp.to_column(node.name).name.lower())
            for node in root.walk()
            if not node.downstream
            and (table := node.expression.find(exp.Table)) is not None
            and table.name in parents
        }
        columns[column.lower()] = sorted(leaves)
    return columns


def _by_position(tree: Any, schema: Any) -> Any:
    """The same query without `union all by name`, which sqlglot reads by position.

    One query after another in the order they are written: the columns of each are known
    when those before it are plain.
    """
    from sqlglot.optimizer.qualify import qualify

    while (position := _first_by_name(tree)) is not None:
        known = qualify(
            tree.copy(),
            schema=schema,
            dialect="duckdb",
            validate_qualify_columns=False,
            identify=False,
        )
        _align(_queries(tree)[position], _queries(known)[position])
    return tree


def _queries(tree: Any) -> Sequence[Any]:
    """Common table expressions in the order they are written, then the query itself."""
    return [*(cte.this for cte in tree.ctes), tree]


def _first_by_name(tree: Any) -> int | None:
    from sqlglot import exp

    for position, query in enumerate(_queries(tree)):
        # The last holds all others, which are plain by then.
        if any(u.args.get("by_name") for u in query.find_all(exp.SetOperation)):
            return position
    return None


def _align(query: Any, known: Any) -> None:
    """Write the innermost union by name of a query by position.

    Args:
        query: holds the union; changed in place.
        known: the same query, in which every column is written out.
    """
    from sqlglot import exp

    both = zip(
        query.find_all(exp.SetOperation),
        known.find_all(exp.SetOperation),
        strict=True,
    )
    union, same = [(u, k) for u, k in both if _begins_by_name(u)][-1]
    sides = [[*_sides(same)], [*_sides(union)]]
    names = [*dict.fromkeys(n for side in sides[0] for n in side.named_selects)]
    for written_out, side in zip(*sides, strict=True):
        plain = written_out.copy()
        of = {select.alias_or_name: select for select in plain.selects}
        missing = {n: exp.alias_(exp.null(), n) for n in names if n not in of}
        plain.set("expressions", [of.get(n) or missing[n] for n in names])
        side.replace(plain)
    for part in [union, *union.find_all(exp.SetOperation)]:
        part.set("by_name", None)


def _begins_by_name(union: Any) -> bool:
    from sqlglot import exp

    parent = union.parent
    is_inner = isinstance(parent, exp.SetOperation) and parent.args.get("by_name")
    return bool(union.args.get("by_name")) and not is_inner


def _sides(union: Any) -> Iterator[Any]:
    from sqlglot import exp

    for side in (union.left, union.right):
        if isinstance(side, exp.SetOperation) and side.args.get("by_name"):
            yield from _sides(side)
        else:
            yield side
