{#-
    On a distributed engine (target `engine`) everything is a table made whole.

    The models' SQL is DuckDB's; the adapter says it anew and makes the table
    (orchestration.engine.adapter). What goes on from a former day here is an
    optimisation on DuckDB that gives the same rows as a full refresh.
-#}
{% macro _made_on_engine(code=none) -%}
    {%- set target = this.incorporate(type='table') -%}
    {% call noop_statement('main', 'made', 'made', none) -%}{{ code or compiled_code }}{%- endcall %}
    {% do adapter.make_on_engine(this.identifier, code or compiled_code) %}
    {{ return({'relations': [target]}) }}
{%- endmacro %}

{% materialization table, adapter='spark', supported_languages=['sql'] %}
    {{ return(_made_on_engine()) }}
{% endmaterialization %}

{% materialization view, adapter='spark', supported_languages=['sql'] %}
    {{ return(_made_on_engine()) }}
{% endmaterialization %}

{% materialization incremental, adapter='spark', supported_languages=['sql'] %}
    {{ return(_made_on_engine()) }}
{% endmaterialization %}

{% materialization days, adapter='spark', supported_languages=['sql'] %}
    {{ return(_made_on_engine()) }}
{% endmaterialization %}

{% materialization seed, adapter='spark' %}
    {%- set target = this.incorporate(type='table') -%}
    {% call noop_statement('main', 'made', 'made', none) -%}-- {{ model.original_file_path }}{%- endcall %}
    {% do store_result('agate_table', response='made', agate_table=load_agate_table()) %}
    {% do adapter.seed_on_engine(
        this.identifier, model.root_path, model.original_file_path, config.get('column_types')
    ) %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# What a file held is read once on DuckDB; here all files are read, and no digest of a row is asked for. #}
{% materialization landed, adapter='spark', supported_languages=['sql'] %}
    {{ return(_made_on_engine(
        'select *, cast(null as bigint) as row_digest from (' ~ compiled_code ~ ') as landed_rows'
    )) }}
{% endmaterialization %}
