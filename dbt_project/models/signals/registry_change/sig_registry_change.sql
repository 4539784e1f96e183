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

annual_accounts as (
    select * from {{ ref('hist_annual_accounts') }}
),

announcements as (
    select * from {{ ref('hist_announcements') }}
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
        1.0 as factor,
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

audit_firms as (
    -- A firm that became another firm for three clients within two months has merged.
    select
        account_id,
        went_name,
        came_name,
        known_at,
        count(*) over (
            partition by lower(went_name), lower(came_name)
            order by known_at
            range between interval 60 day preceding and current row
        ) as n_clients
    from role_sizes
    where is_audit and not is_first and n_left > 0 and new_names <> ''
),

merged_firms as (
    select
        firms.account_id,
        firms.known_at,
        min(merged.known_at) as merged_known_at
    from audit_firms as firms
    inner join audit_firms as merged
        on
            lower(firms.went_name) = lower(merged.went_name)
            and lower(firms.came_name) = lower(merged.came_name)
            and merged.n_clients >= 3
            and merged.known_at between firms.known_at - interval 60 day and firms.known_at + interval 60 day
    group by firms.account_id, firms.known_at
),

unaudited as (
    -- Small companies may do without an auditor: a choice, and no resignation.
    select
        account_id,
        known_at
    from annual_accounts
    where is_unaudited
    union all
    select
        account_id,
        known_at
    from announcements
    where regexp_matches(lower(title), '(fravalg|fravald|valgt bort|vald bort|unnlat)\p{L}*.*revis')
),

opted_out as (
    select
        role_sizes.account_id,
        role_sizes.known_at,
        min(unaudited.known_at) as opted_out_known_at
    from role_sizes
    inner join unaudited
        on
            role_sizes.account_id = unaudited.account_id
            and role_sizes.is_audit
            and unaudited.known_at <= role_sizes.known_at + interval 540 day
    group by role_sizes.account_id, role_sizes.known_at
),

role_changes as (
    select
        account_id,
        lower(group_code) as subject,
        {{ first_words("coalesce(came_name, 'not held')") }} as value,
        {{ first_words('went_name') }} as previous_value,
        known_at as hi_at,
        case
            when is_audit and new_names <> '' then merged_firms.merged_known_at
            when is_audit then opted_out.opted_out_known_at
        end as valid_to,
        known_at,
        stated_on,
        before_visit_id,
        after_visit_id,
        -- Boards rotate at the general meeting; a new chair is one all the same.
        case
            when
                not is_audit
                and not coalesce(chair_came is distinct from chair_went, false)
                and {{ is_meeting_season('coalesce(cast(stated_on as timestamp), known_at)') }}
                then 0.5
            else 1.0
        end as factor,
        case
            when
                not is_audit
                and (
                    (chair_came is not null and chair_came is distinct from chair_went)
                    or n_left >= 0.4 * n_before
                )
                then 'board_change'
            when
                is_audit
                and n_left > 0
                and new_names <> ''
                and not {{ same_company(company_name_key('went_name'), company_name_key('came_name')) }}
                and jaro_winkler_similarity(lower(went_name), lower(came_name)) < 0.93
                and coalesce(merged_firms.merged_known_at > known_at, true)
                then 'auditor_change'
            when
                is_audit
                and n_left > 0
                and new_names = ''
                and coalesce(opted_out.opted_out_known_at > known_at, true)
                then 'auditor_resigned'
        end as signal_type
    from role_sizes
    left join merged_firms using (account_id, known_at)
    left join opted_out using (account_id, known_at)
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
        -- An insolvency that is lifted is withdrawn, and so is an auditor whose firm merged;
        -- other values may change again.
        case
            when signal_type in ('insolvency', 'auditor_change', 'auditor_resigned')
                then least(valid_to, set_aside_at)
        end as superseded_at,
        factor * {{ interval_weight('lo_at', 'hi_at') }} as strength,
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
