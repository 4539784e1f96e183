{#- Branches more or fewer within a year, and as a share of what there was. -#}
{%- set least_units = 3 -%}
{%- set least_share = 0.25 -%}
-- The number of branches rising or falling over a year: one event the first time the
-- change of the last 365 days is large, and again after half a year without it.
with unit_events as (
    select * from {{ ref('registry_unit_events') }}
    where signal_type is null or signal_type <> 'subsidiary_founded'
),

visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and scope = 'sub_units' and parser_version is not null
),

entities as (
    select * from {{ ref('stg_observed__registry_entities') }}
),

first_lists as (
    select *
    from visits
    qualify row_number() over (partition by account_id, source, url order by fetched_at, visit_id) = 1
),

starts as (
    select
        first_lists.account_id,
        count(distinct entities.org_number) as n_first
    from first_lists
    inner join entities
        on
            first_lists.source = entities.source
            and first_lists.url = entities.url
            and first_lists.payload_digest = entities.payload_digest
            and first_lists.parser_version = entities.parser_version
    group by first_lists.account_id
),

counted as (
    select
        unit_events.*,
        starts.n_first + sum(unit_events.direction) over so_far as n_now,
        sum(unit_events.direction) over last_year as net,
        first_value(unit_events.before_visit_id ignore nulls) over last_year as first_before_visit_id,
        min(unit_events.before_at) over last_year as first_before_at
    from unit_events
    inner join starts on unit_events.account_id = starts.account_id
    window
        so_far as (
            partition by unit_events.account_id order by unit_events.known_at range unbounded preceding
        ),
        last_year as (
            partition by unit_events.account_id
            order by unit_events.known_at
            range between interval 365 day preceding and current row
        )
),

large as (
    select *
    from counted
    where abs(net) >= {{ least_units }} and abs(net) >= {{ least_share }} * greatest(n_now - net, 1)
    qualify row_number() over (partition by account_id, known_at order by unit_number) = 1
),

crossed as (
    select *
    from large
    qualify
        coalesce(
            known_at - lag(known_at) over (partition by account_id, sign(net) order by known_at)
            > interval 180 day, true
        )
),

final_cte as (
    select
        account_id,
        'unit_count_trend' as signal_type,
        case when net > 0 then 'units up' else 'units down' end as subject,
        first_before_at as effective_lo,
        known_at as effective_hi,
        known_at as effective_pt,
        known_at,
        cast(null as timestamp) as superseded_at,
        least(1.0, abs(net) / greatest(n_now - net, 1)) as strength,
        cast(null as double) as p_value,
        'filed_act' as evidence_class,
        first_before_visit_id as before_ref,
        visit_id as after_ref,
        cast(cast(n_now - net as bigint) as varchar) as quote_before,
        cast(cast(n_now as bigint) as varchar) as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(net as double) as effect,
        source,
        url
    from crossed
)

select * from final_cte
