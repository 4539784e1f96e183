"""The models' SQL, written for DuckDB, said in Spark's.

Pure: text and a schema in, text out. Stars are written out, columns named by their
table and types followed first (sqlglot's optimizer), because what has to be said
depends on them. Here belongs every difference between the two that holds for all
models; what a single model needs is said portably in that model. Nothing is run here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count, pairwise
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema
from sqlglot.tokens import TokenType

Columns = Mapping[str, Mapping[str, str]]

_NUMBERS = frozenset(
    {exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT, exp.DataType.Type.DECIMAL}
)
_WHOLE = frozenset(
    {exp.DataType.Type.BIGINT, exp.DataType.Type.INT, exp.DataType.Type.INT128}
)


def transpiled(sql: str, columns: Columns) -> str:
    """A query of DuckDB as Spark says it.

    Args:
        sql: one query.
        columns: of each table that it reads, by its bare name: column to type of
            DuckDB, in their order. A table that is not among them must be read by
            names only, without a star.
    """
    return said(prepared(sql, columns))


def prepared(sql: str, columns: Columns) -> exp.Query:
    """The query with its stars written out, its types followed, its parts replaced."""
    tree = sqlglot.parse_one(_lists_told_from_text(sql), dialect="duckdb")
    _fold_texts(tree)
    tables = {t.name for t in tree.find_all(exp.Table)}
    known = {name: dict(columns[name]) for name in tables if name in columns}
    schema = MappingSchema(_by_depth(tree, known), dialect="duckdb")
    _seek_forward(tree)
    _join_by_first(tree)
    tree = qualify(
        tree,
        dialect="duckdb",
        schema=schema,
        quote_identifiers=False,
        validate_qualify_columns=False,
    )
    tree = annotate_types(tree, schema=schema, dialect="duckdb")
    _follow_lists(tree)
    _name_unions(tree)
    _group_by_all(tree)
    _say_windows(tree)
    _ask_outside(tree)
    tree = _replaced(tree)
    _keep_qualified(tree)
    return tree


def said(tree: exp.Expr) -> str:
    """The text of a prepared query."""
    return tree.sql(dialect="spark", pretty=True)


def _by_depth(tree: exp.Expr, known: dict[str, Any]) -> dict[str, Any]:
    """The schema as deep as the tables are named: name, db.name or catalog.db.name."""
    deepest = 0
    places: dict[str, tuple[str, str]] = {}
    for table in tree.find_all(exp.Table):
        if table.name in known:
            deepest = max(deepest, 1 if table.db else 0, 2 if table.catalog else 0)
            places[table.name] = (table.db, table.catalog)
    if not deepest:
        return known
    out: dict[str, Any] = {}
    for name, cols in known.items():
        db, catalog = places[name]
        if deepest == 1:
            out.setdefault(db, {})[name] = cols
        else:
            out.setdefault(catalog, {}).setdefault(db, {})[name] = cols
    return out


def _lists_told_from_text(sql: str) -> str:
    """`len(` is of lists and `length(` of text, by the manners of the models."""
    out, end = [], 0
    tokens = sqlglot.tokenize(sql, dialect="duckdb")
    for token, follower in pairwise(tokens):
        if (
            token.token_type == TokenType.VAR
            and token.text.lower() == "len"
            and follower.token_type == TokenType.L_PAREN
        ):
            out += [sql[end : token.start], "array_length"]
            end = token.end + 1
    return "".join([*out, sql[end:]])


def _fold_texts(tree: exp.Expr) -> None:
    """Patterns written on several lines become one text."""
    for pipe in reversed(list(tree.find_all(exp.DPipe))):
        left, right = pipe.this, pipe.expression
        if _is_text(left) and _is_text(right):
            pipe.replace(exp.Literal.string(left.this + right.this))


def _is_text(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


# --- whole queries -----------------------------------------------------------------


def _seek_forward(tree: exp.Expr) -> None:
    """An ASOF join as a join on the stretch in which a row of the right side holds."""
    for join in list(tree.find_all(exp.Join)):
        if str(join.args.get("method") or "").upper() != "ASOF":
            continue
        right = join.this
        alias = right.alias_or_name
        same: list[exp.Column] = []
        since = None
        for part in join.args["on"].flatten():
            ours = [c for c in part.find_all(exp.Column) if c.table == alias]
            if isinstance(part, exp.EQ):
                same += ours
            elif isinstance(part, exp.GTE) and ours and since is None:
                since = (part.this, ours[0])
            else:
                raise NotImplementedError(f"ASOF join on {part.sql()}")
        if since is None:
            raise NotImplementedError(f"ASOF join without an order: {join.sql()}")
        until = exp.Window(
            this=exp.Lead(this=exp.column(since[1].name)),
            partition_by=[exp.column(c.name) for c in same],
            order=exp.Order(
                expressions=[
                    exp.Ordered(this=exp.column(since[1].name), nulls_first=False)
                ]
            ),
        )
        source = right.copy()
        source.set("alias", None)
        stretch = exp.select("*", exp.alias_(until, "holds_until")).from_(source)
        join.set("method", None)
        join.set("this", stretch.subquery(alias))
        end = exp.column("holds_until", table=alias)
        join.set(
            "on",
            exp.and_(
                join.args["on"],
                exp.or_(
                    end.copy().is_(exp.null()), exp.LT(this=since[0], expression=end)
                ),
            ),
        )


def _join_by_first(tree: exp.Expr) -> None:
    """Semi and anti joins by named columns: those of the first table.

    The optimizer would take the columns of what is only looked up as columns that are
    there afterwards.
    """
    for select in tree.find_all(exp.Select):
        source = select.args.get("from_")
        if source is None:
            continue
        for join in select.args.get("joins") or []:
            names = join.args.get("using")
            if not names or str(join.args.get("kind")).upper() not in ("SEMI", "ANTI"):
                continue
            there = join.this.alias_or_name
            join.set("using", None)
            join.set(
                "on",
                exp.and_(
                    *(
                        exp.EQ(
                            this=exp.column(n.name, table=source.this.alias_or_name),
                            expression=exp.column(n.name, table=there),
                        )
                        for n in names
                    )
                ),
            )


def _outputs(query: Any) -> list[str]:
    while isinstance(query, (exp.SetOperation, exp.Subquery, exp.Paren)):
        query = query.this
    return [s.alias_or_name for s in query.selects]


def _name_unions(tree: exp.Expr) -> None:
    """`union all by name`: the right side in the order of the left, or null."""
    for union in reversed(list(tree.find_all(exp.SetOperation))):
        if not union.args.get("by_name"):
            continue
        union.set("by_name", None)
        left, right = _outputs(union.this), _outputs(union.expression)
        names = [*left, *(n for n in right if n not in left)]
        kinds = _types_of(union.expression) | _types_of(union.this)
        for side, held in (("this", left), ("expression", right)):
            if held != names:
                union.set(side, _ordered_as(union.args[side], held, names, kinds))


def _follow_lists(tree: exp.Expr) -> None:
    """Types the optimizer loses: a filtered list is of what the list is of."""
    known: dict[str, dict[str, exp.DataType]] = {}
    for cte in tree.find_all(exp.CTE):
        for select in cte.this.find_all(exp.Select):
            sources = {t.alias_or_name: t.name for t in select.find_all(exp.Table)}
            for output in select.selects:
                found = _type_in(output, sources, known)
                if found is not None:
                    output.type = found
        known[cte.alias] = _types_of(cte.this)


def _type_in(
    node: exp.Expr,
    sources: Mapping[str, str],
    known: Mapping[str, Mapping[str, exp.DataType]],
) -> exp.DataType | None:
    if node.type is not None and not node.type.is_type("unknown", "null"):
        return node.type
    if isinstance(node, (exp.Alias, exp.ArrayFilter, exp.ArrayDistinct, exp.Paren)):
        return _type_in(node.this, sources, known)
    if isinstance(node, exp.Column):
        return known.get(sources.get(node.table, ""), {}).get(node.name)
    return None


def _types_of(query: Any) -> dict[str, exp.DataType]:
    while isinstance(query, (exp.SetOperation, exp.Subquery, exp.Paren)):
        query = query.this
    return {
        s.alias_or_name: s.type
        for s in query.selects
        if s.type is not None and not s.type.is_type("unknown", "null")
    }


def _ordered_as(
    query: exp.Expr,
    held: Sequence[str],
    names: Sequence[str],
    kinds: Mapping[str, exp.DataType],
) -> exp.Expr:
    def _lacking(name: str) -> exp.Expr:
        # Engines do not widen a column of nulls; what has no known type is text here.
        empty = exp.cast(exp.null(), kinds.get(name, "text"))
        column = exp.alias_(empty, name)
        # A union around this one asks the column for its type again.
        column.type = empty.to
        return column

    if isinstance(query, exp.Select) and not query.args.get("distinct"):
        by_name = {s.alias_or_name: s for s in query.selects}
        query.set("expressions", [by_name.get(n) or _lacking(n) for n in names])
        return query
    inner: Any = query.unnest() if isinstance(query, exp.Subquery) else query
    return exp.select(
        *(exp.column(n, table="by_name") if n in held else _lacking(n) for n in names)
    ).from_(inner.subquery("by_name"))


def _group_by_all(tree: exp.Expr) -> None:
    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        if group is not None and group.args.get("all"):
            keys = [
                s.unalias().copy()
                for s in select.selects
                if not _aggregates(s) and not isinstance(s.unalias(), exp.Literal)
            ]
            select.set("group", exp.Group(expressions=keys) if keys else None)
        order = select.args.get("order")
        if order is not None and [o.sql() for o in order.expressions] in (
            ["ALL"],
            ["all"],
        ):
            select.set(
                "order",
                exp.Order(
                    expressions=[
                        exp.Ordered(this=exp.column(n), nulls_first=False)
                        for n in _outputs(select)
                    ]
                ),
            )


def _say_windows(tree: exp.Expr) -> None:
    """A named window is said where it is used: Spark cannot add a frame to a name."""
    for select in tree.find_all(exp.Select):
        named = {w.name: w for w in select.args.get("windows") or []}
        if not named:
            continue
        for window in select.find_all(exp.Window):
            name = window.args.get("alias")
            if window.this is None or name is None or name.name not in named:
                continue
            base = named[name.name]
            window.set("alias", None)
            for part in ("partition_by", "order", "spec"):
                if not window.args.get(part) and base.args.get(part):
                    kept = base.args[part]
                    window.set(
                        part,
                        [k.copy() for k in kept]
                        if isinstance(kept, list)
                        else kept.copy(),
                    )
        select.set("windows", None)


def _ask_outside(tree: exp.Expr) -> None:
    """Conditions on what a list was taken apart into: asked for outside."""
    apart = {u.alias for u in tree.find_all(exp.Unnest) if u.alias}
    for select in tree.find_all(exp.Select):
        where = select.args.get("where")
        if where is None or select.args.get("group") or select.args.get("qualify"):
            continue
        if select.find(exp.Window) or any(_aggregates(s) for s in select.selects):
            continue
        if any(
            isinstance(field.this, exp.Column) and field.this.table in apart
            for field in where.find_all(exp.Dot)
        ):
            select.set("where", None)
            select.set("qualify", exp.Qualify(this=where.this))


def _keep_qualified(tree: exp.Expr) -> None:
    """QUALIFY as a column that is computed inside and asked for outside."""
    for select in reversed(list(tree.find_all(exp.Select))):
        qualified = select.args.get("qualify")
        if qualified is None:
            continue
        names = [s.alias_or_name for s in select.selects]
        inner = select.copy()
        inner.set("qualify", None)
        inner.set("with_", None)
        outer_parts = {
            k: select.args.get(k) for k in ("distinct", "order", "limit", "offset")
        }
        for part in outer_parts:
            inner.set(part, None)
        inner.append("expressions", exp.alias_(qualified.this.copy(), "is_kept"))
        outer = (
            exp.select(*(exp.column(n, table="kept") for n in names))
            .from_(inner.subquery("kept"))
            .where(exp.column("is_kept", table="kept"))
        )
        if outer_parts["distinct"]:
            outer.set("distinct", exp.Distinct())
        if outer_parts["order"] or outer_parts["limit"]:
            raise NotImplementedError("QUALIFY with an order or a limit")
        outer.set("with_", select.args.get("with_"))
        for key in list(select.args):
            select.set(key, None)
        for key, value in outer.args.items():
            select.set(key, value)


# Engines take the name of a list's item for the name of the list: no two have one name.
_LISTS = count(1)
_AGGREGATES_UNKNOWN = frozenset({"arg_min", "arg_max", "list", "arg_max_null"})


def _aggregates(node: exp.Expr) -> bool:
    for found in node.find_all(exp.AggFunc, exp.Anonymous):
        if isinstance(found, exp.Anonymous) and (
            found.name.lower() not in _AGGREGATES_UNKNOWN
        ):
            continue
        above = found.parent
        if isinstance(above, exp.Filter):
            above = above.parent
        if isinstance(above, exp.IgnoreNulls):
            above = above.parent
        if not isinstance(above, exp.Window):
            return True
    return False


# --- single expressions ------------------------------------------------------------


def _replaced(tree: exp.Expr) -> Any:
    """Every expression that Spark says otherwise, the inmost first."""
    for node in reversed(list(tree.walk())):
        rule = _RULES.get(type(node))
        if rule is not None:
            new = rule(node)
        elif isinstance(node, exp.Anonymous):
            named = _NAMED.get(node.name.lower())
            new = named(node) if named else None
        else:
            new = None
        if new is not None and new is not node:
            if new.type is None:
                new.type = node.type
            if node is tree:
                tree = new
            else:
                node.replace(new)
    return tree


def _call(name: str, *args: Any) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(args))


def _lambda(body: Callable[[exp.Expr], exp.Expr]) -> exp.Lambda:
    name = exp.to_identifier("held")
    return exp.Lambda(this=body(exp.column("held")), expressions=[name])


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _list(node: exp.ArrayAgg) -> exp.Expr | None:
    """`list`: keeps nulls and its order, and is null of no rows."""
    whole: exp.Expr = node
    while isinstance(whole.parent, (exp.Filter, exp.Window, exp.IgnoreNulls)) and (
        whole.arg_key == "this"
    ):
        whole = whole.parent
    if whole.meta.get("list_is_done"):
        return None
    item, order, distinct = node.this, None, False
    if isinstance(item, exp.Order):
        order, item = item, item.this
    if isinstance(item, exp.Distinct):
        distinct = True
        item = item.expressions[0]
    no = next(_LISTS)
    named = f"v{no}"
    before: list[exp.Expr] = []
    if order is not None:
        if distinct or isinstance(whole, exp.Window):
            raise NotImplementedError(f"a list in an order of its own: {whole.sql()}")
        before = _sorted_by(order.expressions, no)
    held = exp.Struct(
        expressions=[
            *before,
            exp.PropertyEQ(this=exp.to_identifier(named), expression=item.copy()),
        ]
    )
    gathered: exp.Expr = _call(
        "array_agg", exp.Distinct(expressions=[held]) if distinct else held
    )
    where = whole.find(exp.Filter) if whole is not node else None
    where = where if where is not None and where.this is node else None
    if isinstance(whole, exp.Window):
        if where is not None:
            held_if = exp.If(
                this=where.expression.this.copy(), true=held, false=exp.null()
            )
            gathered = _call("array_agg", held_if)
        window = whole.copy()
        window.set("this", gathered)
        gathered = window
    elif where is not None:
        gathered = exp.Filter(this=gathered, expression=where.expression.copy())
    if before:
        gathered = _call("array_sort", gathered)
    out = exp.If(
        this=exp.EQ(this=_call("array_size", gathered), expression=_number(0)),
        true=exp.null(),
        false=_call(
            "transform",
            gathered.copy(),
            _lambda(lambda one: exp.Dot(this=one, expression=exp.to_identifier(named))),
        ),
    )
    out.type = node.type
    if whole is node:
        return out
    # The wrappers are replaced together with what they wrap.
    whole.meta["list_is"] = out
    return None


def _sorted_by(keys: Sequence[exp.Ordered], no: int) -> list[exp.Expr]:
    """What a row begins with so that rows sort by themselves.

    Rows are gathered as they come and sorted afterwards. Spark cannot gather in an
    order; Sail can, but took more than 5 GB for 14,107 rows of a session that had made
    150 tables before (in a fresh session 4 MB; sorted afterwards 1 MB in both).
    """
    out: list[exp.Expr] = []
    for at, key in enumerate(keys):
        by = key.this
        is_first = bool(key.args.get("nulls_first"))
        is_null = exp.If(
            this=by.copy().is_(exp.null()),
            true=_number(int(not is_first)),
            false=_number(int(is_first)),
        )
        rank = _falling(by) if key.args.get("desc") else by.copy()
        out += [
            exp.PropertyEQ(this=exp.to_identifier(f"{name}{no}_{at}"), expression=part)
            for name, part in (("n", is_null), ("k", rank))
        ]
    return out


def _falling(by: exp.Expr) -> exp.Expr:
    """What rises where this falls."""
    kind = by.type
    if kind is not None and kind.is_type(*exp.DataType.NUMERIC_TYPES):
        return exp.Neg(this=exp.paren(by.copy()))
    if kind is not None and kind.is_type("boolean"):
        return exp.not_(exp.paren(by.copy()))
    if kind is not None and kind.is_type("date"):
        return exp.Neg(this=_call("unix_date", by.copy()))
    if kind is not None and kind.is_type("timestamp", "timestamptz", "timestampltz"):
        return exp.Neg(this=_call("unix_micros", _moment(by)))
    raise NotImplementedError(f"a list that falls by {by.sql()} of type {kind}")


def _wrapped_list(node: exp.Expr) -> exp.Expr | None:
    done = node.meta.get("list_is")
    return done if isinstance(done, exp.Expr) else None


def _filter(node: exp.Filter) -> exp.Expr | None:
    done = _wrapped_list(node)
    if done is not None:
        return done
    if isinstance(node.parent, exp.Window) and node.arg_key == "this":
        return _inside(node.this, node.expression.this)
    return None


def _inside(function: exp.Expr, where: exp.Expr) -> exp.Expr:
    """An aggregate over a window with its filter moved into its first argument."""
    new = function.copy()
    if isinstance(new, exp.IgnoreNulls):
        new.set("this", _inside(new.this, where))
        return new
    if isinstance(new, exp.Anonymous):
        first = new.expressions[0]
        last = new.expressions[-1]
        if len(new.expressions) == 2:
            new.set(
                "expressions",
                [first, exp.If(this=where.copy(), true=last, false=exp.null())],
            )
        else:
            new.set(
                "expressions", [exp.If(this=where.copy(), true=first, false=exp.null())]
            )
        return new
    key = "expression" if isinstance(new, (exp.ArgMin, exp.ArgMax)) else "this"
    inner = new.args[key]
    if isinstance(inner, exp.Star):
        inner = _number(1)
    if isinstance(inner, exp.Distinct):
        inner.set(
            "expressions",
            [
                exp.If(this=where.copy(), true=e, false=exp.null())
                for e in inner.expressions
            ],
        )
        return new
    new.set(key, exp.If(this=where.copy(), true=inner.copy(), false=exp.null()))
    return new


def _window(node: exp.Window) -> exp.Expr | None:
    done = _wrapped_list(node)
    if done is None:
        _count_days(node)
    return done


def _count_days(window: exp.Window) -> None:
    """A stretch of days around a date, in numbers: engines take intervals wrongly."""
    spec, order = window.args.get("spec"), window.args.get("order")
    if spec is None or order is None or str(spec.args.get("kind")).upper() != "RANGE":
        return
    first = order.expressions[0]
    by = first.this
    if by.type is None or not by.type.is_type("date"):
        return
    for side in ("start", "end"):
        bound = spec.args.get(side)
        if isinstance(bound, exp.Interval):
            unit = str(bound.args.get("unit") or "").strip("'").upper()
            if unit not in ("DAY", "DAYS"):
                raise NotImplementedError(f"a range of {unit} around a date")
            spec.set(side, _number(int(bound.this.name)))
    first.set("this", _call("unix_date", by.copy()))


def _series(node: exp.GenerateSeries) -> exp.Expr | None:
    """`range` and `generate_series`: nothing where the end comes before the start."""
    start, end, step = node.args["start"], node.args["end"], node.args.get("step")
    if step is not None and not (isinstance(step, exp.Literal) and step.this == "1"):
        return _call("sequence", start.copy(), end.copy(), step.copy())
    last: exp.Expr = exp.cast(end.copy(), "bigint")
    first = exp.cast(start.copy(), "bigint")
    if node.args.get("is_end_exclusive"):
        last = exp.paren(exp.Sub(this=last, expression=_number(1)))
    length = exp.Add(
        this=exp.Sub(this=last.copy(), expression=first.copy()), expression=_number(1)
    )
    return _call(
        "slice",
        _call("sequence", first, exp.func("greatest", first.copy(), last)),
        _number(1),
        exp.cast(exp.func("greatest", length, _number(0)), "int"),
    )


def _best_of(name: str) -> Callable[[exp.Expr], exp.Expr | None]:
    """arg_min and arg_max: rows without a value or without an order do not count."""

    def _rule(node: exp.Expr) -> exp.Expr | None:
        value, order = node.this, node.expression
        if isinstance(order, exp.Tuple):
            order = _ranked(order.expressions)
        elif isinstance(order, exp.Struct):
            order = _ranked(
                [
                    e.expression if isinstance(e, exp.PropertyEQ) else e
                    for e in order.expressions
                ]
            )
        counts = exp.not_(value.copy().is_(exp.null()))
        over = node.parent
        if isinstance(over, exp.Filter) and node.arg_key == "this":
            over.expression.set("this", exp.and_(over.expression.this, counts))
            return _call(name, value.copy(), order.copy())
        if isinstance(over, exp.Window) and node.arg_key == "this":
            order_if = exp.If(this=counts, true=order.copy(), false=exp.null())
            return _call(name, value.copy(), order_if)
        return exp.Filter(
            this=_call(name, value.copy(), order.copy()),
            expression=exp.Where(this=counts),
        )

    return _rule


def _ranked(parts: Sequence[exp.Expr]) -> exp.Expr:
    """A row to compare by, in which null is the greatest."""
    out = []
    for no, part in enumerate(parts):
        out.append(
            exp.PropertyEQ(
                this=exp.to_identifier(f"n{no}"),
                expression=exp.If(
                    this=part.copy().is_(exp.null()), true=_number(1), false=_number(0)
                ),
            )
        )
        out.append(
            exp.PropertyEQ(this=exp.to_identifier(f"k{no}"), expression=part.copy())
        )
    return exp.Struct(expressions=out)


def _tuple(node: exp.Tuple) -> exp.Expr | None:
    if isinstance(node.parent, (exp.In, exp.Values, exp.ArgMin, exp.ArgMax)):
        return None
    if isinstance(node.parent, exp.Tuple):
        return None
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(f"col{no}"), expression=part.copy())
            for no, part in enumerate(node.expressions, 1)
        ]
    )


def _bracket(node: exp.Bracket) -> exp.Expr | None:
    one = node.expressions[0]
    if isinstance(one, exp.Slice):
        start = one.this or _number(1)
        end = one.expression
        length = exp.Add(
            this=exp.Sub(
                this=exp.paren(end.copy()), expression=exp.paren(start.copy())
            ),
            expression=_number(1),
        )
        return _call("slice", node.this.copy(), start.copy(), length)
    # The parser counts constants from 0 already, and leaves everything else alone.
    at = one.copy()
    if isinstance(one, exp.Literal) and one.is_int:
        at = _number(int(one.this) + 1)
    elif isinstance(one, exp.Neg):
        at = exp.Neg(this=_number(int(one.this.this) - 1))
    if node.this.type is not None and node.this.type.is_type(*exp.DataType.TEXT_TYPES):
        return exp.Substring(this=node.this.copy(), start=at, length=_number(1))
    if _is_text(one):
        return None
    return _call("try_element_at", node.this.copy(), exp.cast(at, "int"))


def _length(node: exp.Expr) -> exp.Expr:
    return _call("array_size", node.this.copy())


def _split(node: exp.Split) -> exp.Expr | None:
    by = node.expression
    if not _is_text(by):
        raise NotImplementedError(f"a split by what is no constant: {node.sql()}")
    return _call("split", node.this.copy(), exp.Literal.string(_plain(by.this)))


def _split_regex(node: exp.Expr) -> exp.Expr:
    args = (
        node.expressions
        if isinstance(node, exp.Anonymous)
        else [node.this, node.expression]
    )
    return _call("split", *[a.copy() for a in args])


def _plain(text: str) -> str:
    return re.sub(r"([\\.^$|?*+()\[\]{}])", r"\\\1", text)


def _replace_pattern(node: exp.RegexpReplace) -> exp.Expr | None:
    """With `g` every match, without it the first; groups are \\1 there and $1 here."""
    text, pattern, by = node.this, node.expression, node.args.get("replacement")
    flags = node.args.get("modifiers")
    flag_text = flags.this if flags is not None else ""
    if node.args.get("single_replace") is False:
        flag_text = flag_text or "g"
    if not _is_text(pattern) or (by is not None and not _is_text(by)):
        raise NotImplementedError(f"a pattern that is no constant: {node.sql()}")
    to = by.this if by is not None else ""
    to = to.replace("$", "\\$") if "\\" not in to else to
    to = re.sub(r"\\(\d)", r"${\1}", to)
    said_pattern = pattern.this
    if "i" in flag_text:
        said_pattern = "(?i)" + said_pattern
    if "g" not in flag_text and not _is_anchored(said_pattern):
        groups = _groups(said_pattern)
        if groups and "${" in to:
            raise NotImplementedError(f"the first match, with groups: {node.sql()}")
        said_pattern = f"^((?s:.*?))(?:{said_pattern})"
        to = "${1}" + to
    return _call(
        "regexp_replace",
        text.copy(),
        exp.Literal.string(said_pattern),
        exp.Literal.string(to),
    )


def _is_anchored(pattern: str) -> bool:
    """Whether it can match once only: it holds to the beginning or the end."""
    branches = _branches(pattern)
    return len(branches) == 1 and (
        branches[0].startswith("^")
        or (branches[0].endswith("$") and not branches[0].endswith("\\$"))
    )


def _branches(pattern: str) -> list[str]:
    depth, out, current, at = 0, [], "", 0
    in_class = False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            current += pattern[at : at + 2]
            at += 2
            continue
        if in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "|" and depth == 0:
            out.append(current)
            current = ""
            at += 1
            continue
        current += char
        at += 1
    return [*out, current]


def _groups(pattern: str) -> int:
    return len(re.findall(r"(?<!\\)\((?!\?)", pattern))


def _extract(node: exp.RegexpExtract) -> exp.Expr:
    group = node.args.get("group")
    return _call(
        "regexp_extract",
        node.this.copy(),
        node.expression.copy(),
        group.copy() if group is not None else _number(0),
    )


def _extract_all(node: exp.RegexpExtractAll) -> exp.Expr:
    group = node.args.get("group")
    return _call(
        "regexp_extract_all",
        node.this.copy(),
        node.expression.copy(),
        group.copy() if group is not None else _number(0),
    )


def _cast(node: exp.Cast) -> exp.Expr | None:
    """Whole numbers are rounded, not cut; a time is without a zone on both sides."""
    to = node.args["to"]
    for kind in [to, *to.find_all(exp.DataType)]:
        if kind.this == exp.DataType.Type.INT128:
            kind.replace(exp.DataType.build("decimal(38, 0)"))
        elif kind.this == exp.DataType.Type.TIMESTAMP:
            kind.set("this", exp.DataType.Type.TIMESTAMPLTZ)
    if (
        node.args["to"].this in _WHOLE
        and node.this.type is not None
        and node.this.type.this in _NUMBERS
    ):
        node.set("this", _call("rint", node.this.copy()))
    return None


def _literal(node: exp.Literal) -> exp.Expr | None:
    """A number with a point is a double: a decimal divides otherwise."""
    if node.is_string or ("." not in node.this and "e" not in node.this.lower()):
        return None
    if isinstance(node.parent, exp.DataTypeParam):
        return None
    return exp.Var(this=f"{node.this}D")


def _position(node: exp.Expr) -> exp.Expr:
    args = (
        node.expressions
        if isinstance(node, exp.Anonymous)
        else [node.this, node.expression]
    )
    return exp.Nullif(
        this=_call("array_position", *[a.copy() for a in args]), expression=_number(0)
    )


def _distinct_items(node: exp.Expr) -> exp.Expr:
    args = node.expressions if isinstance(node, exp.Anonymous) else [node.this]
    return _call(
        "array_distinct",
        _call(
            "filter", args[0].copy(), _lambda(lambda one: exp.not_(one.is_(exp.null())))
        ),
    )


def _sum_of(node: exp.Anonymous) -> exp.Expr:
    return _call(
        "aggregate",
        node.expressions[0].copy(),
        exp.Var(this="0D"),
        exp.Lambda(
            this=exp.Add(
                this=exp.column("so_far"),
                expression=exp.cast(
                    exp.func("coalesce", exp.column("one"), _number(0)), "double"
                ),
            ),
            expressions=[exp.to_identifier("so_far"), exp.to_identifier("one")],
        ),
    )


def _renamed(name: str) -> Callable[[exp.Expr], exp.Expr]:
    def _rule(node: exp.Expr) -> exp.Expr:
        args = (
            node.expressions
            if isinstance(node, exp.Anonymous)
            else [a for a in (node.this, node.expression) if a is not None and a != ""]
        )
        return _call(name, *[a.copy() for a in args if isinstance(a, exp.Expr)])

    return _rule


def _days(node: exp.Expr) -> exp.Expr:
    arg = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    return _call("make_dt_interval", exp.cast(arg.copy(), "int"))


def _epoch(node: exp.Expr) -> exp.Expr:
    arg = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    return exp.paren(
        exp.Div(
            this=_call(
                "unix_micros",
                exp.cast(arg.copy(), exp.DataType(this=exp.DataType.Type.TIMESTAMPLTZ)),
            ),
            expression=exp.Var(this="1000000D"),
        )
    )


def _hash(node: exp.Expr) -> exp.Expr:
    """A number for equal values: lists and rows are hashed as text."""
    args = (
        node.expressions
        if isinstance(node, exp.Anonymous)
        else [node.this, *node.expressions]
    )
    args = [a.copy() for a in args if isinstance(a, exp.Expr)]
    return _call("xxhash64", *[_flat(a) for a in args])


def _flat(value: exp.Expr) -> exp.Expr:
    """What can be hashed: a list or a row as its text."""
    if isinstance(value, exp.Anonymous):
        is_nested = value.name.lower() in _LISTED
    else:
        is_nested = isinstance(value, _NESTED) or (
            value.type is not None and value.type.is_type("array", "list", "struct")
        )
    if not is_nested:
        return value
    row = exp.Struct(
        expressions=[exp.PropertyEQ(this=exp.to_identifier("h"), expression=value)]
    )
    return _call("to_json", row)


_LISTED = frozenset(
    {"array_sort", "array_distinct", "filter", "transform", "sort_array"}
)
_NESTED = (exp.Array, exp.ArrayAgg, exp.ArraySort, exp.Struct, exp.Transform)


def _lgamma(node: exp.Anonymous) -> exp.Expr:
    """Stirling's series ten steps up, exact to the last digits above 0."""
    x = "cast(argument as double)"
    steps = " * ".join(f"({x} + {n})" for n in range(1, 8))
    y = f"({x} + 8)"
    text = (
        f"(({y} - 0.5e0) * ln({y}) - {y} + 0.91893853320467274178e0"
        f" + 1 / (12 * {y}) - 1 / (360 * pow({y}, 3)) + 1 / (1260 * pow({y}, 5))"
        f" - 1 / (1680 * pow({y}, 7)) + 1 / (1188 * pow({y}, 9)) - ln({x} * {steps}))"
    )
    tree = sqlglot.parse_one(text, dialect="duckdb")
    tree = _replaced(tree)
    for place in list(tree.find_all(exp.Column)):
        place.replace(exp.paren(node.expressions[0].copy()))
    return tree


def _any_value(node: exp.Expr) -> exp.Expr | None:
    inner = node.this.this if isinstance(node, exp.IgnoreNulls) else node.this
    over = node.parent
    if isinstance(over, (exp.Window, exp.IgnoreNulls)) and node.arg_key == "this":
        return None
    if isinstance(over, exp.Filter) and node.arg_key == "this":
        over.expression.set(
            "this",
            exp.and_(over.expression.this, exp.not_(inner.copy().is_(exp.null()))),
        )
        return _call("first", inner.copy())
    return exp.Filter(
        this=_call("first", inner.copy()),
        expression=exp.Where(this=exp.not_(inner.copy().is_(exp.null()))),
    )


def _ignored(node: exp.IgnoreNulls) -> exp.Expr | None:
    return _any_value(node) if isinstance(node.this, exp.AnyValue) else None


def _quantile(node: exp.Expr) -> exp.Expr:
    return _call("percentile", node.this.copy(), node.expression.copy())


def _sum(node: exp.Sum) -> exp.Expr | None:
    """The order of a sum is for its last digit only."""
    if isinstance(node.this, exp.Order):
        node.set("this", node.this.this)
    return None


def _array(node: exp.Array) -> exp.Expr | None:
    """An empty list is one of texts."""
    if node.expressions or isinstance(node.parent, exp.Cast):
        return None
    return exp.cast(_call("array"), "array<varchar>", dialect="duckdb")


def _joined(node: exp.Anonymous) -> exp.Expr:
    items, how, *rest = node.expressions
    if how.name != "string_agg":
        raise NotImplementedError(node.sql())
    return _call("array_join", items.copy(), *[r.copy() for r in rest])


def _not_materialized(node: exp.CTE) -> exp.Expr | None:
    node.set("materialized", None)
    return None


def _apart(node: exp.DateDiff) -> exp.Expr | None:
    """Seconds between two times: those of the clock that passed."""
    unit = str(node.args.get("unit") or "DAY").strip("'").upper()
    if unit != "SECOND":
        return None
    return exp.paren(
        exp.Sub(
            this=_call("unix_seconds", _moment(node.this)),
            expression=_call("unix_seconds", _moment(node.expression)),
        )
    )


def _days_apart(node: exp.Sub) -> exp.Expr | None:
    """A date less a date is a number of days; Spark makes an interval of it."""
    sides = (node.this, node.expression)
    if not all(side.type is not None and side.type.is_type("date") for side in sides):
        return None
    return _call("datediff", *(side.copy() for side in sides))


def _moment(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), exp.DataType(this=exp.DataType.Type.TIMESTAMPLTZ))


def _sorted_list(node: exp.Expr) -> exp.Expr:
    args = node.expressions if isinstance(node, exp.Anonymous) else [node.this]
    return _call("array_sort", args[0].copy())


_RULES: dict[type, Callable[[Any], exp.Expr | None]] = {
    exp.ArrayAgg: _list,
    exp.Filter: _filter,
    exp.Window: _window,
    exp.ArgMin: _best_of("min_by"),
    exp.ArgMax: _best_of("max_by"),
    exp.Tuple: _tuple,
    exp.Bracket: _bracket,
    exp.ArraySize: _length,
    exp.Split: _split,
    exp.RegexpSplit: _split_regex,
    exp.RegexpReplace: _replace_pattern,
    exp.RegexpExtract: _extract,
    exp.RegexpExtractAll: _extract_all,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Literal: _literal,
    exp.IgnoreNulls: _ignored,
    exp.AnyValue: _any_value,
    exp.PercentileCont: _quantile,
    exp.TimeToUnix: _epoch,
    exp.Sum: _sum,
    exp.GenerateSeries: _series,
    exp.Array: _array,
    exp.CTE: _not_materialized,
    exp.DateDiff: _apart,
    exp.Sub: _days_apart,
    exp.JarowinklerSimilarity: _renamed("jaro_winkler_similarity"),
    exp.ArrayOverlaps: _renamed("arrays_overlap"),
}
for _kind, _rule in (
    ("ArrayDistinct", _distinct_items),
    ("ArrayPosition", _position),
    ("ToDays", _days),
):
    if hasattr(exp, _kind):
        _RULES[getattr(exp, _kind)] = _rule

_NAMED: dict[str, Callable[[Any], exp.Expr | None]] = {
    "list_position": _position,
    "list_aggregate": _joined,
    "list_distinct": _distinct_items,
    "list_sum": _sum_of,
    "list_intersect": _renamed("array_intersect"),
    "list_append": _renamed("array_append"),
    "list_has_any": _renamed("arrays_overlap"),
    "to_days": _days,
    "epoch": _epoch,
    "hash": _hash,
    "lgamma": _lgamma,
    "regexp_split_to_array": _split_regex,
    "string_split_regex": _split_regex,
    "rtrim": _renamed("rtrim"),
}
