"""The dashboards as code: read strictly, checked against the contracts, made a bundle.

`dashboards.yml` says what is shown; here it becomes the files that Superset imports.
Every query is run on empty tables made of the contracts, so that a column that no
contract promises is found without Superset.
"""

import io
import json
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.contracts.odcs import contract
from orchestration.publish.published import PUBLISHED

CODE = Path(__file__).with_name("dashboards.yml")
DATABASE = "Lyttepost"

# Superset knows its objects by uuid: the same names give the same ones at each import.
_NAMESPACE = uuid.UUID("6f9c3a0e-2f0b-5b1e-9a53-6c3f5a1d7e42")
_COLUMNS = 12
_KINDS = {
    "number": "big_number_total",
    "table": "table",
    "bar": "echarts_timeseries_bar",
    "line": "echarts_timeseries_line",
    "pivot": "pivot_table_v2",
}


class DashboardRefused(ValueError):
    """The code of the dashboards asks for what is not there; one sentence a fault."""


@dataclass(frozen=True)
class Dataset:
    """A query over published tables."""

    name: str
    about: str
    sql: str
    time: str | None = None
    metrics: Mapping[str, str] | None = None  # expression by name


@dataclass(frozen=True)
class Chart:
    """One chart; which of its fields are used depends on its kind."""

    name: str
    dataset: str
    kind: str
    title: str
    metric: str | None = None
    metrics: Mapping[str, str] | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    order: tuple[tuple[str, str], ...] = ()
    where: str | None = None
    x: str | None = None
    series: str | None = None
    grain: str | None = None
    format: str = ""
    formats: Mapping[str, str] | None = None
    horizontal: bool = False
    distinct: bool = False
    limit: int = 1000

    @property
    def named_metrics(self) -> dict[str, str]:
        """Expression by label."""
        if self.metric:
            return {self.title: self.metric}
        return dict(self.metrics or {})

    @property
    def dimensions(self) -> list[str]:
        """Columns that rows are grouped by, or shown as they are."""
        named = [self.x, self.series, *self.rows, *self.columns]
        return [column for column in named if column]


@dataclass(frozen=True)
class Row:
    """A row of a dashboard: its height in steps of 8 px, and charts with widths."""

    height: int
    charts: Mapping[str, int]


@dataclass(frozen=True)
class Dashboard:
    """One dashboard."""

    slug: str
    title: str
    rows: tuple[Row, ...]
    text: str | None = None
    filters: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Code:
    """All of `dashboards.yml`."""

    datasets: Mapping[str, Dataset]
    charts: Mapping[str, Chart]
    dashboards: tuple[Dashboard, ...]


def load(file: Path = CODE) -> Code:
    """Read the code of the dashboards.

    Raises:
        DashboardRefused: an unknown key, kind, chart or dataset, with its place.
    """
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    where = file.name
    _only(said, {"datasets", "charts", "dashboards"}, where)
    datasets = {
        name: _made(Dataset, {"name": name} | given, f"{where}: dataset {name}")
        for name, given in said["datasets"].items()
    }
    charts = {
        name: _made(Chart, {"name": name} | _lists(given), f"{where}: chart {name}")
        for name, given in said["charts"].items()
    }
    dashboards = tuple(
        _made(
            Dashboard,
            given
            | {
                "rows": tuple(
                    _made(Row, row, f"{where}: a row of {given['slug']}")
                    for row in given["rows"]
                )
            },
            f"{where}: dashboard {given['slug']}",
        )
        for given in said["dashboards"]
    )
    code = Code(datasets, charts, dashboards)
    faults = list(_crooked(code))
    if faults:
        raise DashboardRefused(f"{where}: " + "; ".join(faults))
    return code


def problems(code: Code) -> list[str]:
    """What the contracts do not promise, one sentence a dataset or chart."""
    found = []
    with empty_tables() as tables:
        for dataset in code.datasets.values():
            try:
                shape(dataset, tables)
                for sql in (dataset.metrics or {}).values():
                    tables.execute(f"select {sql} from ({dataset.sql}) as given")
            except duckdb.Error as error:
                found.append(f"dataset {dataset.name}: {_first_line(error)}")
        for dashboard in code.dashboards:
            for said in dashboard.filters:
                dataset = code.datasets[said["dataset"]]
                try:
                    tables.execute(
                        "select " + said["column"] + f" from ({dataset.sql}) as given"
                    )
                except duckdb.Error as error:
                    found.append(f"dashboard {dashboard.slug}: {_first_line(error)}")
        broken = {line.split(" ")[1].rstrip(":") for line in found}
        for chart in code.charts.values():
            if chart.dataset in broken:
                continue
            try:
                tables.execute(query(chart, code.datasets[chart.dataset]))
            except duckdb.Error as error:
                found.append(f"chart {chart.name}: {_first_line(error)}")
    return found


def empty_tables() -> duckdb.DuckDBPyConnection:
    """A database in memory with every published table as its contract has it, empty."""
    connection = duckdb.connect()
    for name, path in PUBLISHED.items():
        columns = ", ".join(
            f'"{c.name}" {c.physical_type}' for c in contract(path).columns
        )
        connection.execute(f'create table "{name}" ({columns})')
    return connection


def shape(dataset: Dataset, tables: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Column names and types of a dataset."""
    described = tables.execute(f"describe {dataset.sql}").fetchall()
    return [(row[0], row[1]) for row in described]


def query(chart: Chart, dataset: Dataset) -> str:
    """The chart as one query over its dataset, for checking its columns."""
    columns = [f'"{column}"' for column in chart.dimensions]
    metrics = [f'{sql} as "{label}"' for label, sql in chart.named_metrics.items()]
    said = f"select {', '.join(columns + metrics)} from ({dataset.sql}) as given"
    if chart.where:
        said += f" where {chart.where}"
    if metrics and columns:
        said += f" group by {', '.join(columns)}"
    if chart.order:
        said += " order by " + ", ".join(f'"{c}" {way}' for c, way in chart.order)
    return said


def bundle(code: Code, database: Path) -> bytes:
    """The files that Superset imports, as a ZIP whose bytes depend on the code alone.

    Args:
        code: the dashboards.
        database: the published DuckDB file, by the path through `published/current`.
    """
    with empty_tables() as tables:
        shapes = {name: shape(d, tables) for name, d in code.datasets.items()}
    files: dict[str, Any] = {
        "metadata.yaml": {
            "version": "1.0.0",
            "type": "assets",
            "timestamp": "2025-01-01T00:00:00+00:00",
        },
        f"databases/{DATABASE}.yaml": _database(database),
    }
    for name, dataset in code.datasets.items():
        files[f"datasets/{DATABASE}/{name}.yaml"] = _dataset(dataset, shapes[name])
    types = {name: dict(columns) for name, columns in shapes.items()}
    for name, chart in code.charts.items():
        files[f"charts/{name}.yaml"] = _chart(chart, types[chart.dataset])
    for dashboard in code.dashboards:
        files[f"dashboards/{dashboard.slug}.yaml"] = _dashboard(dashboard, code)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(f"lyttepost/{name}", (2025, 1, 1, 0, 0, 0))
            archive.writestr(
                info, yaml.safe_dump(content, allow_unicode=True, sort_keys=True)
            )
    return buffer.getvalue()


def uuid_of(kind: str, name: str) -> str:
    """The uuid of an object, the same at each import."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind} {name}"))


def _database(database: Path) -> dict[str, Any]:
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": f"duckdb:///{database}",
        "cache_timeout": 0,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "extra": {
            "engine_params": {
                "connect_args": {
                    "read_only": True,
                    "config": {"enable_external_access": "false"},
                }
            },
            "allows_virtual_table_explore": True,
        },
        "uuid": uuid_of("database", DATABASE),
        "version": "1.0.0",
    }


def _dataset(dataset: Dataset, columns: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "table_name": dataset.name,
        "main_dttm_col": dataset.time,
        "description": dataset.about,
        "schema": "main",
        "sql": dataset.sql,
        "columns": [
            {
                "column_name": name,
                "verbose_name": _plain(name),
                "type": kind,
                "is_dttm": kind in ("DATE", "TIMESTAMP"),
                "is_active": True,
                "groupby": True,
                "filterable": True,
            }
            for name, kind in columns
        ],
        "metrics": [
            {"metric_name": name, "verbose_name": _plain(name), "expression": sql}
            for name, sql in {"rows": "count(*)", **(dataset.metrics or {})}.items()
        ],
        "uuid": uuid_of("dataset", dataset.name),
        "database_uuid": uuid_of("database", DATABASE),
        "version": "1.0.0",
    }


def _chart(chart: Chart, types: Mapping[str, str]) -> dict[str, Any]:
    params = {"viz_type": _KINDS[chart.kind]} | _params(chart, types)
    if chart.where:
        params["adhoc_filters"] = [
            {
                "expressionType": "SQL",
                "clause": "WHERE",
                "sqlExpression": chart.where,
                "filterOptionName": f"where_{chart.name}",
            }
        ]
    return {
        "slice_name": chart.title,
        "viz_type": _KINDS[chart.kind],
        "params": params,
        "query_context": json.dumps(_query_context(chart, params)),
        "cache_timeout": 0,
        "uuid": uuid_of("chart", chart.name),
        "dataset_uuid": uuid_of("dataset", chart.dataset),
        "version": "1.0.0",
    }


def _params(chart: Chart, types: Mapping[str, str]) -> dict[str, Any]:
    metrics = _metrics(chart)
    if chart.kind == "number":
        return {
            "metric": metrics[0],
            "y_axis_format": chart.format,
            "header_font_size": 0.4,
        }
    if chart.kind == "table":
        return {
            "query_mode": "aggregate" if chart.distinct else "raw",
            "all_columns": [] if chart.distinct else list(chart.columns),
            "groupby": list(chart.columns) if chart.distinct else [],
            "metrics": [],
            "order_by_cols": [
                json.dumps([column, way == "asc"]) for column, way in chart.order
            ],
            "row_limit": chart.limit,
            "table_timestamp_format": "%Y-%m-%d",
            "include_search": chart.limit >= 100,
            "page_length": 50 if chart.limit > 100 else 0,
            "allow_render_html": True,
            "show_cell_bars": False,
            "column_config": {
                column: {"d3NumberFormat": said}
                for column, said in (chart.formats or {}).items()
            },
        }
    if chart.kind == "pivot":
        return {
            "groupbyRows": list(chart.rows),
            "groupbyColumns": list(chart.columns),
            "metrics": metrics,
            "aggregateFunction": "Sum",
            "valueFormat": chart.format,
            "rowTotals": True,
            "row_limit": chart.limit,
            "metricsLayout": "COLUMNS",
        }
    is_time = types[chart.x or ""] in ("DATE", "TIMESTAMP")
    return {
        "x_axis": chart.x,
        "time_grain_sqla": chart.grain or ("P1D" if is_time else None),
        "metrics": metrics,
        "groupby": [chart.series] if chart.series else [],
        "orientation": "horizontal" if chart.horizontal else "vertical",
        "stack": "Stack" if chart.series and chart.kind == "bar" else None,
        "row_limit": chart.limit if not chart.series else 10000,
        "y_axis_format": chart.format,
        "x_axis_time_format": "%Y-%m-%d",
        "show_legend": bool(chart.series) or len(metrics) > 1,
        "rich_tooltip": True,
        "truncate_metric": True,
        "show_value": chart.horizontal and not chart.series,
        "color_scheme": "supersetColors",
        "sort_series_type": "sum",
        **(
            {}
            if is_time or chart.kind == "line"
            else {
                "x_axis_sort": next(iter(chart.named_metrics)),
                "x_axis_sort_asc": chart.horizontal,
                "xAxisForceCategorical": True,
            }
        ),
    }


def _metrics(chart: Chart) -> list[dict[str, Any]]:
    return [
        {
            "expressionType": "SQL",
            "sqlExpression": sql,
            "label": label,
            "hasCustomLabel": True,
            "optionName": f"metric_{chart.name}_{place}",
        }
        for place, (label, sql) in enumerate(chart.named_metrics.items())
    ]


def _query_context(chart: Chart, params: Mapping[str, Any]) -> dict[str, Any]:
    metrics = _metrics(chart)
    raw = chart.kind == "table" and not chart.distinct
    order: list[list[Any]] = [[c, way == "asc"] for c, way in chart.order]
    if not order and chart.kind == "bar" and chart.x and not chart.grain:
        order = [[metrics[0], False]]
    asked = {
        "columns": chart.dimensions,
        "metrics": None if raw else metrics,
        "orderby": order,
        "row_limit": chart.limit,
        "filters": [],
        "extras": {"where": f"({chart.where})" if chart.where else "", "having": ""},
    }
    # Ids are put in by the import.
    return {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [asked],
        "form_data": dict(params),
        "result_format": "json",
        "result_type": "full",
    }


def _dashboard(dashboard: Dashboard, code: Code) -> dict[str, Any]:
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {
            "id": "GRID_ID",
            "type": "GRID",
            "children": [],
            "parents": ["ROOT_ID"],
        },
        "HEADER_ID": {
            "id": "HEADER_ID",
            "type": "HEADER",
            "meta": {"text": dashboard.title},
        },
    }
    number = 0
    if dashboard.text:
        _place_row(position, "text", [_text(dashboard.text)])
    for place, row in enumerate(dashboard.rows):
        children = []
        for name, width in row.charts.items():
            number += 1
            children.append(
                {
                    "id": f"CHART-{name}",
                    "type": "CHART",
                    "children": [],
                    "meta": {
                        # Any number: the import puts the chart's own in.
                        "chartId": number,
                        "uuid": uuid_of("chart", name),
                        "sliceName": code.charts[name].title,
                        "width": width,
                        "height": row.height,
                    },
                }
            )
        _place_row(position, str(place), children)
    return {
        "dashboard_title": dashboard.title,
        "slug": dashboard.slug,
        "published": True,
        "position": position,
        "metadata": {
            "native_filter_configuration": _filters(dashboard),
            "cross_filters_enabled": False,
            "refresh_frequency": 0,
            "color_scheme": "supersetColors",
        },
        "uuid": uuid_of("dashboard", dashboard.slug),
        "version": "1.0.0",
    }


def _place_row(
    position: dict[str, Any], name: str, children: list[dict[str, Any]]
) -> None:
    row = f"ROW-{name}"
    position["GRID_ID"]["children"].append(row)
    position[row] = {
        "id": row,
        "type": "ROW",
        "children": [child["id"] for child in children],
        "parents": ["ROOT_ID", "GRID_ID"],
        "meta": {"background": "BACKGROUND_TRANSPARENT"},
    }
    for child in children:
        position[child["id"]] = child | {"parents": ["ROOT_ID", "GRID_ID", row]}


def _text(text: str) -> dict[str, Any]:
    return {
        "id": "MARKDOWN-text",
        "type": "MARKDOWN",
        "children": [],
        "meta": {"code": text, "width": _COLUMNS, "height": 10},
    }


def _filters(dashboard: Dashboard) -> list[dict[str, Any]]:
    return [
        {
            "id": f"NATIVE_FILTER-{dashboard.slug}-{said['column']}",
            "name": said["name"],
            "filterType": "filter_select",
            "type": "NATIVE_FILTER",
            "targets": [
                {
                    "datasetUuid": uuid_of("dataset", said["dataset"]),
                    "column": {"name": said["column"]},
                }
            ],
            "controlValues": {
                "enableEmptyFilter": True,
                "defaultToFirstItem": True,
                "multiSelect": False,
                "searchAllOptions": True,
                "inverseSelection": False,
                "sortAscending": "by" not in said,
            },
            "defaultDataMask": {"extraFormData": {}, "filterState": {}},
            # Charts wait for the first account, and show no sum over all of them.
            "requiredFirst": True,
            "cascadeParentIds": [],
            "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
            "sortMetric": said.get("by"),
            "description": "",
        }
        for said in dashboard.filters
    ]


def _made(kind: Any, given: Mapping[str, Any], where: str) -> Any:
    names = {field.name for field in fields(kind)}
    _only(given, names, where)
    try:
        return kind(**given)
    except TypeError as error:
        raise DashboardRefused(f"{where}: {error}") from error


def _only(given: Mapping[str, Any], names: set[str], where: str) -> None:
    unknown = sorted(set(given) - names)
    if unknown:
        raise DashboardRefused(f"{where}: unknown key(s) {', '.join(unknown)}")


def _lists(given: Mapping[str, Any]) -> dict[str, Any]:
    return dict(given) | {
        name: tuple(tuple(v) if isinstance(v, list) else v for v in given[name])
        for name in ("columns", "rows", "order")
        if name in given
    }


def _crooked(code: Code) -> Iterator[str]:
    for chart in code.charts.values():
        if chart.kind not in _KINDS:
            yield f"chart {chart.name} is of the unknown kind {chart.kind}"
        if chart.dataset not in code.datasets:
            yield f"chart {chart.name} reads the unknown dataset {chart.dataset}"
    shown = [name for d in code.dashboards for row in d.rows for name in row.charts]
    for name in sorted(set(shown) - set(code.charts)):
        yield f"chart {name} is on a dashboard and nowhere described"
    for name in sorted(set(code.charts) - set(shown)):
        yield f"chart {name} is on no dashboard"
    for dashboard in code.dashboards:
        for said in dashboard.filters:
            _only(said, {"dataset", "column", "name", "by"}, dashboard.slug)
            known = code.datasets[said["dataset"]].metrics or {}
            if said.get("by") not in (None, *known):
                yield f"{dashboard.slug} sorts a filter by the unknown {said['by']}"
        for row in dashboard.rows:
            if sum(row.charts.values()) != _COLUMNS:
                yield f"a row of {dashboard.slug} is not {_COLUMNS} columns wide"


def _plain(name: str) -> str:
    words = name.removesuffix("_en").replace("_", " ")
    return words[:1].upper() + words[1:]


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
