-- What a company filed with the register: name, address, industry code, board, auditor,
-- insolvency. Corrections by the registrar are no change, and a field that changes for a
-- fifth of all accounts on one day is a change at the source.
with registry as (
    select * from {{ ref('hist_registry') }}
),

roles as (
    select * from {{ ref('hist_registry_roles') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
),

reversals as (
    -- A bankruptcy or dissolution that is set aside; announced before the flag is off.
    select
        account_id,
        known_at
    from {{ ref('hist_announcements') }}
    where
        event_type = 'reversal'
        and regexp_matches(lower(concat_ws(' ', source_type, title)), '(konkurs|oppløsning|avvikling|opphev)')
),

landmarks as (
    select * from {{ ref('landmarks') }}
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
                registry.field = 'industry_code'
                -- A new standard of codes, or a finer one, stays within its division.
                and left(registry.value, 2) <> left(registry.previous_value, 2)
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

kinds as (
    select distinct signal_type
    from changes
),

daily_counts as (
    -- Every landmark day counts, also those without a change.
    select
        kinds.signal_type,
        landmarks.as_of,
        count(distinct changes.account_id) as n_changed
    from landmarks
    cross join kinds
    left join changes
        on
            kinds.signal_type = changes.signal_type
            and landmarks.as_of = cast(changes.known_at as date)
    group by kinds.signal_type, landmarks.as_of
),

watched as (
    select
        landmarks.as_of,
        count(distinct registry.account_id) as n_accounts
    from landmarks
    inner join registry on landmarks.as_of >= cast(registry.known_at as date)
    group by landmarks.as_of
),

usual as (
    select
        daily_counts.signal_type,
        daily_counts.as_of,
        daily_counts.n_changed,
        watched.n_accounts,
        avg(daily_counts.n_changed) over earlier as usual_mean,
        stddev_samp(daily_counts.n_changed) over earlier as usual_sd
    from daily_counts
    inner join watched on daily_counts.as_of = watched.as_of
    window
        earlier as (
            partition by daily_counts.signal_type
            order by daily_counts.as_of
            rows between unbounded preceding and 1 preceding
        )
),

mass_days as (
    -- Two of five accounts is a coincidence; a source that changes changes for many.
    select
        signal_type,
        as_of
    from usual
    where
        n_changed >= 3
        and n_changed > 0.2 * n_accounts
        and n_changed > coalesce(usual_mean, 0) + 3 * coalesce(usual_sd, 0)
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
    anti join mass_days
        on
            changes.signal_type = mass_days.signal_type
            and cast(changes.known_at as date) = mass_days.as_of
),

set_aside as (
    select
        dated.account_id,
        dated.subject,
        dated.known_at,
        min(reversals.known_at) as set_aside_at
    from dated
    inner join reversals
        on
            dated.account_id = reversals.account_id
            and dated.signal_type = 'insolvency'
            and reversals.known_at > dated.known_at
    group by dated.account_id, dated.subject, dated.known_at
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
        case when signal_type = 'insolvency' then least(valid_to, set_aside_at) end as superseded_at,
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
    left join set_aside using (account_id, subject, known_at)
)

select * from final_cte
