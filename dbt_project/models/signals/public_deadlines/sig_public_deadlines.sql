{#- A duty is told of when the day it holds from is at most so far away. -#}
{%- set lead_days = 365 -%}
-- Legal duties with a date to come that hold for an account, by its industry, form and
-- size in the register. The same for all of its kind; which criterion fitted stands in the
-- quote. The act carries its own date; the register's reading shows whom it holds for.
with deadlines as (
    select * from {{ ref('public_deadlines') }}
),

registry as (
    select * from {{ ref('hist_registry') }}
    where not is_sub_unit and field in ('industry_code', 'legal_form', 'employees')
),

visits as (
    select * from {{ ref('hist_visits') }}
),

latest as (
    select cast(max(as_of) + 1 as timestamp) as until_at
    from {{ ref('landmarks') }}
),

criteria as (
    select
        id,
        'industry_code' as field,
        industry_prefixes as wanted
    from deadlines
    where industry_prefixes is not null and industry_prefixes <> ''
    union all
    select
        id,
        'legal_form' as field,
        legal_forms as wanted
    from deadlines
    where legal_forms is not null and legal_forms <> ''
    union all
    select
        id,
        'employees' as field,
        cast(min_employees as varchar) as wanted
    from deadlines
    where min_employees is not null
),

met as (
    -- When each criterion was first seen to fit.
    select
        criteria.id,
        registry.account_id,
        criteria.field,
        min(registry.known_at) as known_at,
        arg_min(registry.after_visit_id, registry.known_at) as visit_id,
        arg_min(registry.value, registry.known_at) as value
    from criteria
    inner join registry
        on
            criteria.field = registry.field
            and case criteria.field
                when 'industry_code'
                    then
                        len(
                            list_filter(
                                string_split(criteria.wanted, '|'), prefix -> starts_with(registry.value, prefix)
                            )
                        ) > 0
                when 'legal_form' then list_contains(string_split(criteria.wanted, '|'), registry.value)
                else try_cast(registry.value as bigint) >= try_cast(criteria.wanted as bigint)
            end
    group by criteria.id, registry.account_id, criteria.field
),

wanted as (
    select
        id,
        count(*) as n_criteria
    from criteria
    group by id
),

scoped as (
    select
        met.account_id,
        met.id,
        max(met.known_at) as scope_known_at,
        arg_max(met.visit_id, met.known_at) as visit_id,
        string_agg(met.field || ' ' || met.value, ', ' order by met.field) as fitted
    from met
    inner join wanted on met.id = wanted.id
    group by met.account_id, met.id, wanted.n_criteria
    having count(*) = wanted.n_criteria
),

dated as (
    select
        scoped.*,
        deadlines.law_nb,
        cast(deadlines.in_force_on as timestamp) as in_force_at,
        greatest(
            scoped.scope_known_at,
            cast(deadlines.published_on as timestamp),
            cast(deadlines.in_force_on - {{ lead_days }} as timestamp)
        ) as known_at
    from scoped
    inner join deadlines on scoped.id = deadlines.id
),

final_cte as (
    select
        dated.account_id,
        'regulatory_deadline' as signal_type,
        dated.id as subject,
        dated.in_force_at as effective_lo,
        dated.in_force_at as effective_hi,
        dated.in_force_at as effective_pt,
        dated.known_at,
        cast(null as timestamp) as superseded_at,
        1.0 as strength,
        cast(null as double) as p_value,
        'filed_act' as evidence_class,
        cast(null as varchar) as before_ref,
        dated.visit_id as after_ref,
        cast(null as varchar) as quote_before,
        {{ first_words("dated.law_nb || ' (' || dated.fitted || ')'") }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(null as double) as effect,
        visits.source,
        visits.url
    from dated
    inner join visits on dated.visit_id = visits.visit_id
    cross join latest
    where dated.known_at < dated.in_force_at and dated.known_at < latest.until_at
)

select * from final_cte
