{{ config(materialized='days', meta={'day_column': 'day'}) }}
{%- set after = last_standing_day() %}
-- One row per visit that read a web page: the text it then had.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null and parser_version is not null and {{ is_to_build('day') }}
),

pages as (
    select * from {{ ref('stg_observed__pages') }}
),

readings as (
    select
        visits.account_id,
        visits.source,
        visits.url,
        visits.scope,
        visits.day,
        visits.fetched_at,
        visits.visit_id,
        visits.payload_digest,
        visits.parser_version,
        pages.text_digest,
        pages.language
    from visits
    inner join pages
        on
            visits.source = pages.source
            and visits.url = pages.url
            and visits.payload_digest = pages.payload_digest
            and visits.parser_version = pages.parser_version
    where pages.main_text <> ''
    qualify
        row_number() over (
            partition by visits.account_id, visits.source, visits.url, visits.fetched_at
            order by visits.visit_id, pages.record_index
        ) = 1
),
{% if after %}
-- The number of a page's last visit. Nearly all were read within the month before; the
-- others are looked for by their first visit, so that no older one is read of most.
recent_counts as (
    select
        account_id,
        source,
        url,
        max(visit_no) as n_visits
    from {{ this }}
    where day <= date '{{ after }}' and day > date '{{ after }}' - 31
    group by account_id, source, url
),

first_visits as (
    select
        account_id,
        source,
        url,
        account_first_day
    from {{ this }}
    where visit_no = 1 and day <= date '{{ after }}'
),

pages_read_before as (
    select
        account_id,
        source,
        url
    from first_visits
    semi join readings using (account_id, source, url)
    anti join recent_counts using (account_id, source, url)
),

page_counts as ( -- noqa: ST03
    select * from recent_counts
    union all
    select
        account_id,
        source,
        url,
        max(visit_no) as n_visits
    from {{ this }}
    semi join pages_read_before using (account_id, source, url)
    where day <= date '{{ after }}'
    group by account_id, source, url
),

account_starts as ( -- noqa: ST03
    select
        account_id,
        source,
        min(account_first_day) as first_day
    from first_visits
    group by account_id, source
),
{% endif %}
final_cte as (
    select
        readings.*,
        row_number() over (
            partition by readings.account_id, readings.source, readings.url
            order by readings.fetched_at, readings.visit_id
        ){% if after %} + coalesce(page_counts.n_visits, 0){% endif %} as visit_no,
        {% if after -%}
        coalesce(account_starts.first_day,
        {%- endif %} min(readings.day) over (
            partition by readings.account_id, readings.source
        ){% if after %}){% endif %} as account_first_day
    from readings
    {% if after -%}
    left join page_counts using (account_id, source, url)
    left join account_starts using (account_id, source)
    {%- endif %}
)

select * from final_cte
