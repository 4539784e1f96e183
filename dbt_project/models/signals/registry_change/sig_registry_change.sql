-- What a company filed with the register: name, address, industry code, board, auditor,
-- insolvency. Corrections by the registrar are no change, and what changes for many
-- accounts on one day is a change of the source (source_changes, set aside in signals).
with registry as (
    select * from {{ ref('hist_registry') }}
),

roles as (
    select * from {{ ref('hist_registry_roles') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
),

field_changes as (
    select
        registry.account_id,
        registry.field as subject,
        registry.value,
        registry.previous_value,
        registry.valid_from as hi_at,
        registry.valid_to,
        registry.known_at,
        registry.stated_on,
        registry.before_visit_id,
        registry.after_visit_id,
        case
            when
                registry.field = 'name'
                and {{ company_name_key('registry.value') }} <> {{ company_name_key('registry.previous_value') }}
                then 'name_or_brand_change'
            when
                registry.field = 'business_address'
                and {{ street_key('registry.value') }} <> {{ street_key('registry.previous_value') }}
                and {{ street_key('registry.value') }} not like 'postboks%'
                and {{ street_key('registry.previous_value') }} not like 'postboks%'
                then 'relocation'
            when
                registry.field = 'industry_code' and registry.value <> registry.previous_value
                then 'activity_code_change'
            when
                registry.field in ('is_bankrupt', 'is_in_liquidation')
                and registry.value = 'true'
                and registry.previous_value = 'false'
                then 'insolvency'
        end as signal_type
    from registry
    where
        not registry.is_first
        and not registry.is_correction
        and registry.is_sub_unit is not true
        and registry.value is not null
        and registry.previous_value is not null
),

role_days as (
    -- What one reading changed in one role group; a holder written otherwise is the same.
    select
        account_id,
        group_code,
        known_at,
        min(effective_lo) as lo_at,
        min(stated_on) as stated_on,
        arg_min(before_visit_id, event_id) as before_visit_id,
        arg_min(after_visit_id, event_id) as after_visit_id,
        list_sort(list(distinct lower(holder_name)) filter (where event = 'appeared')) as came,
        list_sort(list(distinct lower(holder_name)) filter (where event = 'gone')) as went,
        min(holder_name) filter (where event = 'gone') as went_name,
        min(holder_name) filter (where event = 'appeared') as came_name,
        min(lower(holder_name)) filter (where event = 'appeared' and role_class = 'chair') as chair_came,
        min(lower(holder_name)) filter (where event = 'gone' and role_class = 'chair') as chair_went,
        count(*) filter (where event = 'appeared') as n_appeared,
        count(*) filter (where event = 'gone') as n_gone,
        bool_or(is_left_censored) as is_first,
        bool_and(role_class = 'auditor') as is_audit
    from roles
    where role_class in ('chair', 'deputy_chair', 'board_member', 'auditor')
    group by account_id, group_code, known_at
),

role_sizes as (
    select
        *,
        coalesce(sum(n_appeared - n_gone) over earlier, 0) as n_before,
        array_to_string(list_filter(coalesce(came, []), x -> not list_contains(coalesce(went, []), x)), ', ')
            as new_names,
        len(list_filter(coalesce(went, []), x -> not list_contains(coalesce(came, []), x))) as n_left
    from role_days
    window
        earlier as (
            partition by account_id, group_code
            order by known_at
            rows between unbounded preceding and 1 preceding
        )
),

role_changes as (
    select
        account_id,
        lower(group_code) as subject,
        {{ first_words("coalesce(came_name, 'not held')") }} as value,
        {{ first_words('went_name') }} as previous_value,
        known_at as hi_at,
        cast(null as timestamp) as valid_to,
        known_at,
        stated_on,
        before_visit_id,
        after_visit_id,
        case
            when
                not is_audit
                and (
                    (chair_came is not null and chair_came is distinct from chair_went)
                    or n_left >= 0.4 * n_before
                )
                then 'board_change'
            when is_audit and n_left > 0 and new_names <> '' then 'auditor_change'
        end as signal_type
    from role_sizes
    where not is_first and n_before > 0 and before_visit_id is not null
),

changes as (
    select * from field_changes
    where signal_type is not null
    union all
    select * from role_changes
    where signal_type is not null
),

dated as (
    select
        changes.*,
        before_visits.fetched_at as lo_at,
        after_visits.source,
        after_visits.url
    from changes
    inner join visits as before_visits on changes.before_visit_id = before_visits.visit_id
    inner join visits as after_visits on changes.after_visit_id = after_visits.visit_id
),

final_cte as (
    select
        account_id,
        signal_type,
        subject,
        lo_at as effective_lo,
        hi_at as effective_hi,
        coalesce(cast(stated_on as timestamp), lo_at + (hi_at - lo_at) / 2) as effective_pt,
        known_at,
        -- An insolvency that is lifted is withdrawn; other values may change again.
        case when signal_type = 'insolvency' then valid_to end as superseded_at,
        least(1.0, 14.0 / greatest(date_diff('second', lo_at, hi_at) / 86400.0, 1e-9)) as strength,
        cast(null as double) as p_value,
        'filed_act' as evidence_class,
        before_visit_id as before_ref,
        after_visit_id as after_ref,
        {{ first_words('previous_value') }} as quote_before,
        {{ first_words('value') }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(null as double) as effect,
        source,
        url
    from dated
)

select * from final_cte
