{{ config(materialized='days', meta={'day_column': 'first_day'}) }}
{%- set after = last_standing_day() %}
-- Which position an ad on companies' own pages and boards is of: one row per account, source
-- and ad. Judged by the first day on which it was shown with a title and by what stood there
-- then, so that no later day changes it.
with visits as (
    select * from {{ ref('hist_visits') }}
),

job_ads as (
    select * from {{ ref('stg_observed__job_ads') }}
),

{{ job_ad_rows() }},

{% if after -%}
built as ( -- noqa: ST03
    select * from {{ this }}
    where first_day <= date '{{ after }}'
),

{% endif -%}
first_days as (
    select
        account_id,
        source,
        ad_ref,
        min(day) as first_day
    from ad_rows
    {% if after -%}
    anti join built using (account_id, source, ad_ref)
    {% endif -%}
    where title is not null
    group by account_id, source, ad_ref
),

named as (
    -- Named by what was shown on the first day, the list before the ad's own page: a place
    -- learnt later does not make it another position.
    select
        ad_rows.account_id,
        ad_rows.source,
        ad_rows.ad_ref,
        ad_rows.day as first_day,
        {{ job_key(
            'arg_min(ad_rows.title, ad_rows.reading) filter (where ad_rows.title is not null)',
            'arg_min(ad_rows.place, ad_rows.reading) filter (where ad_rows.place is not null)'
        ) }} as name_key
    from ad_rows
    inner join first_days
        on
            ad_rows.account_id = first_days.account_id
            and ad_rows.source = first_days.source
            and ad_rows.ad_ref = first_days.ad_ref
            and ad_rows.day = first_days.first_day
    group by ad_rows.account_id, ad_rows.source, ad_rows.ad_ref, ad_rows.day
),

all_named as (
    select * from named
    {% if after -%}
    union all by name
    select * exclude (job_key) from built
    {%- endif %}
),

namesakes as (
    -- Ads that share title and place with another one.
    select *
    from all_named
    qualify count(*) over (partition by account_id, source, name_key) > 1
),

namesake_days as (
    select distinct
        namesakes.*,
        ad_rows.day,
        regexp_replace(ad_rows.url, '[?#].*$', '') as list_url
    from namesakes
    inner join ad_rows
        on
            namesakes.account_id = ad_rows.account_id
            and namesakes.source = ad_rows.source
            and namesakes.ad_ref = ad_rows.ad_ref
    where ad_rows.is_listing or not ad_rows.has_lists
),

beside as (
    -- Which namesakes stood there on an ad's first day: those it came in with, by number, and older ones.
    select
        namesakes.account_id,
        namesakes.source,
        namesakes.ad_ref,
        count(distinct others.ad_ref) filter (where others.first_day < namesakes.first_day) as n_older,
        count(distinct others.ad_ref) filter (
            where others.first_day = namesakes.first_day and others.ad_ref < namesakes.ad_ref
        ) as n_before
    from namesake_days as namesakes
    inner join namesake_days as others
        on
            namesakes.account_id = others.account_id
            and namesakes.source = others.source
            and namesakes.name_key = others.name_key
            and namesakes.first_day = others.day
            -- The same ad on two pages, each with its own link, is one.
            and namesakes.list_url = others.list_url
    where namesakes.day = namesakes.first_day
    group by namesakes.account_id, namesakes.source, namesakes.ad_ref
),

final_cte as (
    -- An ad that takes over the title and place of one that has gone is the same position. One that
    -- stands beside it is another: two listed at once are two to fill.
    select
        named.account_id,
        named.source,
        named.ad_ref,
        named.first_day,
        named.name_key,
        case
            when beside.n_older > 0 then named.name_key || '|' || named.ad_ref
            when beside.n_before > 0 then named.name_key || '|' || (beside.n_before + 1)
            else named.name_key
        end as job_key
    from named
    left join beside
        on
            named.account_id = beside.account_id
            and named.source = beside.source
            and named.ad_ref = beside.ad_ref
)

select * from final_cte
