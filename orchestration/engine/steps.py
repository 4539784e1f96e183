"""A model's query in steps: what recurs, and what is read more than once, as tables.

Neither Spark (windows over what recurs) nor Sail runs a recursion as one query, so each
step of it is a table of its own. Both put a part of a query in the place of each of its
readers, where DuckDB computes it once: parts that are read by parts that are read grow
past what a planner can hold. And Sail takes a condition on a list into the part that
computes the list, where it loses the columns that a lambda is called with: such a part
is a table too. Only the order of the work is here; what makes tables is passed in.
"""

from collections.abc import Callable

from sqlglot import exp

from orchestration.engine.transpile import said

# More steps than a walk over the days of a decade takes.
MOST_STEPS = 5000
# How many readings of tables a query may come to when all its parts are put in place.
MOST_READINGS = 48

Create = Callable[[str, str], bool]


class EndlessRecursion(RuntimeError):
    """A recursive table that still grew after MOST_STEPS steps."""


def is_simple(tree: exp.Query) -> bool:
    """Whether the query can be run as it is."""
    with_ = tree.args.get("with_")
    is_recursive = with_ is not None and with_.args.get("recursive")
    if is_recursive or any(_is_asked_about(tree, cte) for cte in tree.ctes):
        return False
    return readings(tree) <= MOST_READINGS


def _is_asked_about(tree: exp.Query, cte: exp.CTE) -> bool:
    """Whether a part computes lists and no reader has a condition with a lambda.

    Sail cannot ask a table such a condition, but a part that stands in its place.
    """
    if cte.this.find(exp.Lambda) is None:
        return False
    readers = [
        select
        for select in tree.find_all(exp.Select)
        if any(
            t.name == cte.alias and not t.db and t.parent_select is select
            for t in select.find_all(exp.Table)
        )
    ]
    return not any(
        condition is not None and condition.find(exp.Lambda)
        for select in readers
        for condition in (select.args.get("where"), *select.args.get("joins", []))
    )


def readings(tree: exp.Query) -> int:
    """How many tables are read when every part stands where it is read."""
    weights: dict[str, int] = {}
    for cte in tree.ctes:
        weights[cte.alias] = _weight(cte.this, weights)
    bare = tree.copy()
    bare.set("with_", None)
    return _weight(bare, weights)


def _weight(query: exp.Expr, weights: dict[str, int]) -> int:
    return max(
        1, sum(1 if t.db else weights.get(t.name, 1) for t in query.find_all(exp.Table))
    )


def _readers(tree: exp.Query, name: str) -> int:
    return sum(1 for t in tree.find_all(exp.Table) if t.name == name and not t.db)


def walked(tree: exp.Query, name: str, create: Create) -> exp.Query:
    """The query with what recurs made as tables, by way of `create`.

    Args:
        tree: a prepared query; it is changed.
        name: the model's, which the tables' names begin with.
        create: makes a table of a name from a query and says whether it has rows.
    """
    made: dict[str, str] = {}
    done: list[exp.CTE] = []
    heavy = readings(tree) > MOST_READINGS
    for cte in tree.ctes:
        _renamed(cte.this, made)
        if not _reads(cte.this, cte.alias):
            is_shared = heavy and _readers(tree, cte.alias) > 1
            if is_shared or _is_asked_about(tree, cte):
                table = f"{name}__{cte.alias}"
                create(table, _query(cte.this, _needed([cte.this], done), made))
                made[cte.alias] = table
            else:
                done.append(cte)
            continue
        branches = _branches(cte.this)
        first = [b for b in branches if not _reads(b, cte.alias)]
        steps = [b for b in branches if _reads(b, cte.alias)]
        # What the steps read is computed once.
        for earlier in _needed(steps, done):
            table = f"{name}__{earlier.alias}"
            create(table, _query(earlier.this, _needed([earlier.this], done), made))
            made[earlier.alias] = table
        names = [s.alias_or_name for s in _first_select(first[0]).selects]
        aliases = cte.args["alias"].columns
        parts = []
        has_rows = create(
            f"{name}__{cte.alias}_0",
            _query(_named(_all(first), names, aliases), _needed(first, done), made),
        )
        parts.append(f"{name}__{cte.alias}_0")
        while has_rows:
            if len(parts) > MOST_STEPS:
                raise EndlessRecursion(f"{name}: {cte.alias} did not end")
            last = {**made, cte.alias: parts[-1]}
            step = _named(_all([s.copy() for s in steps]), names, aliases)
            following = f"{name}__{cte.alias}_{len(parts)}"
            has_rows = create(following, _query(step, [], last))
            parts.append(following)
        whole = exp.select("*").from_(parts[0])
        union: exp.Query = whole
        for part in parts[1:]:
            union = exp.union(union, exp.select("*").from_(part), distinct=False)
        create(f"{name}__{cte.alias}", said(union))
        made[cte.alias] = f"{name}__{cte.alias}"
    with_ = tree.args.get("with_")
    if with_ is not None:
        kept = [c for c in done if c.alias not in made]
        with_.set("expressions", kept)
        with_.set("recursive", None)
        if not kept:
            tree.set("with_", None)
    _renamed(tree, made)
    return tree


def _reads(query: exp.Expr, name: str) -> bool:
    return any(t.name == name and not t.db for t in query.find_all(exp.Table))


def _branches(query: exp.Expr) -> list[exp.Expr]:
    if isinstance(query, (exp.Subquery, exp.Paren)):
        return _branches(query.this)
    if isinstance(query, exp.Union):
        if query.args.get("distinct"):
            raise NotImplementedError("a recursion that keeps distinct rows")
        return [*_branches(query.this), *_branches(query.expression)]
    return [query]


def _first_select(query: exp.Expr) -> exp.Select:
    while not isinstance(query, exp.Select):
        query = query.this
    return query


def _all(queries: list[exp.Expr]) -> exp.Expr:
    whole = queries[0].copy()
    for query in queries[1:]:
        whole = exp.union(whole, query.copy(), distinct=False)
    return whole


def _named(query: exp.Expr, names: list[str], aliases: list[exp.Expr]) -> exp.Expr:
    """The rows with the columns' names of the first branch, or those that are given."""
    wanted = [a.name for a in aliases] or names
    select = _first_select(query)
    select.set(
        "expressions",
        [
            exp.alias_(s.unalias(), wanted[no])
            for no, s in enumerate(select.expressions)
        ],
    )
    return query


def _needed(queries: list[exp.Expr], done: list[exp.CTE]) -> list[exp.CTE]:
    """The parts that some queries read, through others too, in their order."""
    wanted = {t.name for q in queries for t in q.find_all(exp.Table) if not t.db}
    out: list[exp.CTE] = []
    for cte in reversed(done):
        if cte.alias in wanted:
            out.insert(0, cte)
            wanted |= {t.name for t in cte.this.find_all(exp.Table) if not t.db}
    return out


def _query(query: exp.Expr, parts: list[exp.CTE], made: dict[str, str]) -> str:
    query = query.copy()
    _renamed(query, made)
    kept = [c.copy() for c in parts if c.alias not in made]
    for part in kept:
        _renamed(part.this, made)
    if kept:
        query.set("with_", exp.With(expressions=kept))
    return said(query)


def _renamed(query: exp.Expr, made: dict[str, str]) -> None:
    for table in query.find_all(exp.Table):
        if table.name in made and not table.db:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(made[table.name]))
