{#-
Tables that go on from the last day that stands, in one transaction with the note of what
they were built from, so that a run cut short is a run not made. A day stands when up to it
the same was landed as when the table was last built (landmark_digests), late files included.

Rows of a landmark day (column as_of, or meta.day_column): later days are taken out and
built anew. Rows of an entity (meta.entity, the columns of its key): the model gives all rows
of the entities that the new days touched, and the others keep theirs. Such rows are changed by
later days (a stretch ends), so that they go on only when nothing but new days was landed.

With meta.marked the model says by itself what it gives anew: rows whose is_anew is true hold
nothing but an entity's key, and the entity's rows are taken out, whether or not it has others;
rows without that mark are added (macro marked_anew). Rows whose is_anew is false hold a key
and the columns of meta.learnt_later, which alone are written into the rows that stand: the day
on which a long text went is no reason to write the text again. Where an entity has several
rows, meta.row is the key of the one that is meant.

With meta.parts the model is made in so many parts as its new days (`column`, else column day)
have `rows` rows in the table `of`, one after the other, each of some accounts (macro of_part), so
that what a day takes of memory does not grow with the accounts.
-#}
{% materialization days, adapter='duckdb', supported_languages=['sql'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set built = days_built(this) -%}
    {%- set day = last_standing_day() -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- set n_parts = parts_of(day) -%}
    {% call statement('main') -%}
        {% if day is none and existing is not none -%}
            drop {{ existing.type }} if exists {{ existing }};
        {%- elif day is not none and not meta.get('entity') -%}
            delete from {{ target }} where {{ meta.get('day_column', 'as_of') }} > date '{{ day }}';
        {%- endif %}
        {% for part in range(n_parts) -%}
        {%- set code = compiled_code | replace(of_part(), of_part(part, n_parts)) -%}
        {% if day is not none and meta.get('entity') -%}
            create or replace temp table {{ this.identifier }}__new as {{ code }};
            delete from {{ target }} using {{ this.identifier }}__new as touched
            where
                {% for column in meta['entity'] -%}
                {{ target }}.{{ column }} = touched.{{ column }}{{ ' and ' if not loop.last }}
                {%- endfor %}
                {{- ' and touched.is_anew' if meta.get('marked') }};
            insert into {{ target }} by name
            {% if meta.get('marked') -%}
            select * exclude (is_anew) from {{ this.identifier }}__new where is_anew is null;
            {%- else -%}
            select * from {{ this.identifier }}__new;
            {%- endif %}
            {% if meta.get('learnt_later') -%}
            update {{ target }} set
                {% for column in meta['learnt_later'] -%}
                {{ column }} = later.{{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ this.identifier }}__new as later
            where
                {% for column in meta.get('row', meta['entity']) -%}
                {{ target }}.{{ column }} = later.{{ column }} and
                {% endfor -%}
                not later.is_anew;
            {%- endif %}
            drop table {{ this.identifier }}__new;
        {%- elif day is none and part == 0 -%}
            {{ create_table_as(False, target, code) }}
        {%- else -%}
            insert into {{ target }} by name {{ code }};
        {%- endif %}
        {% endfor -%}
        create or replace table {{ built }} as
        select as_of, digest from {{ ref('landmark_digests') }};
    {%- endcall %}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ return({'relations': [target, built]}) }}
{% endmaterialization %}

{#- The last landmark that stands as built, a date literal; none when all must be built. -#}
{% macro last_standing_day() -%}
    {%- set digests = ref('landmark_digests') if model.resource_type == 'model' -%}
    {%- if not execute or model.resource_type != 'model' or model.config.materialized != 'days' -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set built = days_built(this) -%}
    {%- if should_full_refresh() or load_cached_relation(this) is none or load_cached_relation(built) is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set found = run_query(
        "select cast(max(as_of) as varchar), max(as_of) = (select max(as_of) from " ~ built ~ ") from "
        ~ digests ~ " inner join " ~ built ~ " using (as_of, digest)"
    ) -%}
    {%- set day, is_whole = found.rows[0][0], found.rows[0][1] -%}
    {{ return(day if is_whole or not model.config.get('meta', {}).get('entity') else none) }}
{%- endmacro %}

{#- The table that remembers the digests a model was built from. -#}
{% macro days_built(relation) -%}
    {{ return(api.Relation.create(
        database=relation.database, schema=relation.schema, identifier=relation.identifier ~ '__days', type='table'
    )) }}
{%- endmacro %}

{#- In how many parts a model is made whose last standing day is `day`; see meta.parts. -#}
{% macro parts_of(day) -%}
    {%- set parts = config.get('meta', {}).get('parts') -%}
    {%- if not parts -%}
        {{ return(1) }}
    {%- endif -%}
    {%- set counted = run_query(
        "select count(*) from " ~ ref(parts['of']) ~ " where " ~ is_to_build(parts.get('column', 'day'))
    ) -%}
    {{ return(1 + counted.rows[0][0] // var('rows_of_a_part', parts['rows'])) }}
{%- endmacro %}
