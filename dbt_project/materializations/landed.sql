{#-
Tables that follow the files of a source: what a file held is read once, and again when the
file is another. Rows of a file that changed or is gone are taken out and read anew, in one
transaction with the note of what the files were (`<table>__files`).

A file is the same when its size and its time are, and its time was a minute old when it was
read: what is written within that minute could change again and have the time it had, which
stores tell in seconds. Git looks at a work tree so (its racy entries). A day's own files are
such, and so is one that was written again: then its digest tells.

The model reads by macro `landed`. Its rows have `landed_file`, the file under the home folder;
`row_digest` is added, which tells of two rows whether they are the same without reading them.
With meta.key the model may give rows anew that stand already: those are replaced.
With meta.threads no more threads than these write it: each holds 122,880 rows until they are
whole, which of long rows is more than all else a day takes.
-#}
{% materialization landed, adapter='duckdb', supported_languages=['sql'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set noted = files_noted(this) -%}
    {%- set is_standing = files_stand() -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- set rows = this.identifier ~ '__new' -%}
    {% call statement('main') -%}
        {% if meta.get('threads') -%}
            set threads = {{ meta['threads'] }};
        {%- endif %}
        {% if not is_standing -%}
            {% if existing is not none -%}
                drop {{ existing.type }} if exists {{ existing }};
            {%- endif %}
            create or replace table {{ noted }} (
                landed_file varchar, size bigint, changed_at timestamptz, noted_at timestamptz, digest varchar
            );
        {%- endif %}
        create or replace temp table {{ this.identifier }}__seen as
        select
            filename,
            {{ under_home('filename') }} as landed_file,
            size,
            last_modified as changed_at,
            current_timestamp as noted_at
        from read_blob('{{ files_of_source(meta['source']) }}');
        create or replace temp table {{ this.identifier }}__same as
        select seen.landed_file
        from {{ this.identifier }}__seen as seen
        inner join {{ noted }} as noted
            on
                seen.landed_file = noted.landed_file
                and seen.size = noted.size
                and seen.changed_at = noted.changed_at
        where noted.changed_at < noted.noted_at - interval 1 minute;
        -- Digests of files whose time does not tell, or did not; a gigabyte of them at most, for the
        -- bytes of many files are in memory at once. Others are read anew next time.
        set variable doubted_files = (
            select list(seen.filename order by seen.filename)
            from (
                select
                    *,
                    sum(size) over (order by filename) as bytes_so_far
                from {{ this.identifier }}__seen
                where
                    landed_file not in (from {{ this.identifier }}__same)
                    and (
                        changed_at >= noted_at - interval 1 minute
                        or landed_file in (select landed_file from {{ noted }} where digest is not null)
                    )
                    or landed_file like '%\_schema%' escape '\'
            ) as seen
            where seen.bytes_so_far <= 1000000000 or seen.landed_file like '%\_schema%' escape '\'
        );
        create or replace temp table {{ this.identifier }}__digests as
        select {{ under_home('filename') }} as landed_file, md5(content) as digest
        from read_blob(getvariable('doubted_files'));
        -- What proves to be the same is noted as it is now, to be known by its time from here on.
        create or replace temp table {{ this.identifier }}__standing as
        from {{ this.identifier }}__same
        union all
        select digests.landed_file
        from {{ this.identifier }}__digests as digests
        inner join {{ noted }} as noted on digests.landed_file = noted.landed_file and digests.digest = noted.digest;
        -- The file without rows stands first and gives the columns.
        set variable landed_files = (
            select list(filename order by filename)
            from {{ this.identifier }}__seen
            where landed_file not in (from {{ this.identifier }}__standing) or landed_file like '%\_schema%' escape '\'
        );
        {% if is_standing -%}
            delete from {{ target }} where landed_file not in (from {{ this.identifier }}__standing);
            create or replace temp table {{ rows }} as {{ compiled_code }};
            {% if meta.get('key') -%}
                delete from {{ target }} using {{ rows }} as new where {{ target }}.{{ meta['key'] }} = new.{{ meta['key'] }};
            {%- endif %}
            insert into {{ target }} by name
            select *, hash(*columns(* exclude (landed_file))) as row_digest from {{ rows }};
            drop table {{ rows }};
        {%- else -%}
            create table {{ target }} as
            select *, hash(*columns(* exclude (landed_file))) as row_digest from ({{ compiled_code }});
        {%- endif %}
        delete from {{ noted }} where landed_file not in (from {{ this.identifier }}__same);
        insert into {{ noted }} by name
        select seen.* exclude (filename), digests.digest
        from {{ this.identifier }}__seen as seen
        left join {{ this.identifier }}__digests as digests on seen.landed_file = digests.landed_file
        where seen.landed_file not in (from {{ this.identifier }}__same);
        drop table {{ this.identifier }}__seen;
        drop table {{ this.identifier }}__same;
        drop table {{ this.identifier }}__digests;
        drop table {{ this.identifier }}__standing;
        {% if meta.get('threads') -%}
            reset threads;
        {%- endif %}
    {%- endcall %}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ return({'relations': [target, noted]}) }}
{% endmaterialization %}

{#- What a source's files hold: those to be read, in a table that follows them. -#}
{% macro landed(source_name, table_name) -%}
    {%- set all_files = source(source_name, table_name) | string -%}
    {%- if 'read_parquet(' in all_files -%}
(
        select *, {{ under_home('filename') }} as landed_file
        from read_parquet(getvariable('landed_files'), hive_partitioning = false)
    )
    {%- else -%}
(
        select *, cast(null as varchar) as landed_file
        from {{ all_files }}
    )
    {%- endif -%}
{%- endmacro %}

{#- The table goes on from what it holds. -#}
{% macro files_stand() -%}
    {{ return(
        execute and model.resource_type == 'model' and not should_full_refresh()
        and load_cached_relation(this) is not none and load_cached_relation(this).type == 'table'
        and load_cached_relation(files_noted(this)) is not none
    ) }}
{%- endmacro %}

{#- The files a source is read from, as a pattern; `name` is source.table. -#}
{% macro files_of_source(name) -%}
    {%- for node in graph.sources.values() if node.source_name ~ '.' ~ node.name == name -%}
        {{ modules.re.search("'([^']+)'", node.config.meta.external_location).group(1) }}
    {%- endfor -%}
{%- endmacro %}

{% macro under_home(column) -%}
replace({{ column }}, '{{ env_var('LYTTEPOST_HOME', 'data') }}/', '')
{%- endmacro %}

{#- The table that remembers which files a table was read from. -#}
{% macro files_noted(relation) -%}
    {{ return(api.Relation.create(
        database=relation.database, schema=relation.schema, identifier=relation.identifier ~ '__files', type='table'
    )) }}
{%- endmacro %}
