{#- A step: so much more or less than the year before, and so much in kroner or people. -#}
{%- set step = 0.30 -%}
{%- set least_revenue = 5000000 -%}
{%- set least_people = 10 -%}
-- Growth and decline against the trend, and equity that is lost: from filed accounts and
-- from the number of employees in the register. Accounts are old when they are filed, so
-- they count less the longer ago the year ended; what is there on the first day is a level.
with versions as (
    select * from {{ ref('hist_annual_accounts') }}
),

registry as (
    select * from {{ ref('hist_registry') }}
    where field = 'employees' and not is_sub_unit and not is_correction
),

visits as (
    select * from {{ ref('hist_visits') }}
),

years as (
    -- Every year as it was first shown; a corrected version is no new year.
    select *
    from versions
    where not is_correction and not is_liquidation and date_diff('day', period_from, period_to) between 300 and 400
),

steps as (
    select
        *,
        lag(revenue) over year_order as revenue_before,
        lag(revenue, 2) over year_order as revenue_before_that,
        lag(equity) over year_order as equity_before,
        lag(period_to) over year_order as period_before,
        lag(visit_id) over year_order as before_visit_id,
        lag(currency) over year_order as currency_before,
        lag(known_at) over year_order as before_at
    from years
    window year_order as (partition by account_id, source, accounts_type order by period_to)
),

compared as (
    select
        *,
        revenue / nullif(revenue_before, 0) as ratio,
        coalesce(revenue_before / nullif(revenue_before_that, 0), 1.0) as trend
    from steps
    where
        not is_first_day
        and known_at > before_at
        and currency = currency_before
        and date_diff('day', period_before, period_to) between 330 and 400
),

account_steps as (
    select
        account_id,
        case
            when
                ratio >= 1 + {{ step }} and ratio >= trend + {{ step }} / 2
                and revenue - revenue_before >= {{ least_revenue }}
                then 'growth_step'
            when
                ratio <= 1 - {{ step }} and ratio <= trend - {{ step }} / 2
                and revenue_before - revenue >= {{ least_revenue }}
                then 'decline_step'
        end as signal_type,
        'revenue:' || accounts_type || ':' || period_to as subject,
        cast(period_to as timestamp) as effective_at,
        known_at,
        cast(null as timestamp) as superseded_at,
        before_visit_id,
        visit_id,
        cast(cast(revenue_before as bigint) as varchar) as quote_before,
        cast(cast(revenue as bigint) as varchar) as quote_after,
        ratio - 1 as effect
    from compared
    union all
    select
        account_id,
        -- A contribution to the group takes equity out of a company that earns well.
        case
            when equity < 0 and equity_before >= 0 and coalesce(result_before_tax, result) < 0
                then 'financial_distress'
        end as signal_type,
        'equity:' || accounts_type || ':' || period_to as subject,
        cast(period_to as timestamp) as effective_at,
        known_at,
        cast(null as timestamp) as superseded_at,
        before_visit_id,
        visit_id,
        cast(cast(equity_before as bigint) as varchar) as quote_before,
        cast(cast(equity as bigint) as varchar) as quote_after,
        cast(null as double) as effect
    from compared
    where accounts_type = 'company'
),

people as (
    select
        account_id,
        cast(value as bigint) as n_people,
        known_at,
        after_visit_id as visit_id,
        first_value(cast(value as bigint)) over last_year as n_before,
        first_value(after_visit_id) over last_year as before_visit_id,
        first_value(known_at) over last_year as from_at
    from registry
    window
        last_year as (
            partition by account_id, org_number
            order by known_at
            range between interval 400 day preceding and current row
        )
),

people_steps as (
    select
        account_id,
        case
            when n_people >= (1 + {{ step }}) * n_before and n_people - n_before >= {{ least_people }}
                then 'growth_step'
            when n_people <= (1 - {{ step }}) * n_before and n_before - n_people >= {{ least_people }}
                then 'decline_step'
        end as signal_type,
        'employees' as subject,
        known_at as effective_at,
        known_at,
        cast(null as timestamp) as superseded_at,
        before_visit_id,
        visit_id,
        cast(n_before as varchar) as quote_before,
        cast(n_people as varchar) as quote_after,
        n_people / nullif(n_before, 0) - 1 as effect
    from people
    where visit_id <> before_visit_id
),

first_people_steps as (
    -- The register counts monthly; the first crossing is the step.
    select *
    from people_steps
    where signal_type is not null
    qualify
        coalesce(
            known_at - lag(known_at) over (partition by account_id, signal_type order by known_at)
            > interval 400 day, true
        )
),

all_steps as (
    select * from account_steps
    where signal_type is not null
    union all
    select * from first_people_steps
),

final_cte as (
    select
        all_steps.account_id,
        all_steps.signal_type,
        all_steps.subject,
        all_steps.effective_at as effective_lo,
        all_steps.effective_at as effective_hi,
        all_steps.effective_at as effective_pt,
        all_steps.known_at,
        all_steps.superseded_at,
        pow(2.0, -date_diff('day', all_steps.effective_at, all_steps.known_at) / 365.0) as strength,
        cast(null as double) as p_value,
        'filed_act' as evidence_class,
        all_steps.before_visit_id as before_ref,
        all_steps.visit_id as after_ref,
        all_steps.quote_before,
        all_steps.quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        all_steps.effect,
        visits.source,
        visits.url
    from all_steps
    inner join visits on all_steps.visit_id = visits.visit_id
)

select * from final_cte
