{%- set kinds = [
    'announcements', 'annual_accounts', 'job_ads', 'notices', 'pages', 'people', 'registry_entities', 'registry_roles',
    'site_structure', 'technologies',
] -%}
{%- set standing = ['accounts', 'opt_outs', 'places', 'sources'] -%}
-- What had been landed by the end of every landmark day, as one number: models that say
-- something of a day go on from the last day whose number is what it was when they were
-- built (materialization days). A row that arrives late changes its day and all after it;
-- what has no day (the watch list) changes them all.
with visits as not materialized (
    select * from {{ ref('hist_visits') }}
),

{% for kind in kinds -%}
{{ kind }} as (
    select * from {{ ref('stg_observed__' ~ kind) }}
),

{{ kind }}_digests as (
    select
        source,
        url,
        payload_digest,
        sum(cast(row_digest as hugeint)) as digest
    from {{ kind }}
    group by source, url, payload_digest
),

{% endfor -%}
{% for name in standing -%}
{{ name }} as (
    select * from {{ ref('stg_lyttepost__' ~ name) }}
),

{{ name }}_digest as (
    select sum(cast(hash({{ name }}) as hugeint)) as digest from {{ name }}
),

{% endfor -%}
standing as (
    select
        hash(
            {%- for name in standing %}
            {{ name }}_digest.digest{{ ',' if not loop.last }}
            {%- endfor %}
        ) as digest
    from {{ standing[0] }}_digest
    {% for name in standing[1:] -%}
    cross join {{ name }}_digest
    {% endfor -%}
),

records as (
    {% for kind in kinds -%}
    select
        source,
        url,
        payload_digest,
        hash('{{ kind }}', digest) as digest
    from {{ kind }}_digests
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
),

first_visits as (
    -- The day from which on a payload can have been known.
    select
        source,
        url,
        payload_digest,
        min(day) as day
    from visits
    where payload_digest is not null
    group by source, url, payload_digest
),

landed as (
    select
        day,
        row_digest as digest
    from visits
    union all
    select
        first_visits.day,
        records.digest
    from records
    inner join first_visits using (source, url, payload_digest)
),

days as (
    select
        day,
        hash(day, sum(cast(digest as hugeint))) as digest
    from landed
    group by day
),

final_cte as (
    select
        days.day as as_of,
        hash(standing.digest, sum(cast(days.digest as hugeint)) over (order by days.day)) as digest
    from days
    cross join standing
)

select * from final_cte
