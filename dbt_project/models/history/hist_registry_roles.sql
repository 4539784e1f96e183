-- Who takes up or leaves a role in the register. One reading without the holder is enough
-- (K = 1, no guard), and a role the register marks as resigned is not held. A list over
-- several pages is one list, and none when a page of it was not had that day.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null and parser_version is not null
),

whole_days as (
    select
        account_id,
        source,
        day
    from {{ ref('hist_visits') }}
    where account_id is not null and scope = 'roles'
    group by account_id, source, day
    having bool_and(is_ok)
),

roles as (
    select * from {{ ref('stg_observed__registry_roles') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

payloads as (
    select distinct
        source,
        url,
        payload_digest,
        parser_version
    from roles
),

pages as (
    -- A role list with no role in it at all is not a list.
    select
        visits.account_id,
        visits.source,
        visits.url,
        visits.payload_digest,
        visits.parser_version,
        visits.fetched_at,
        visits.visit_id,
        visits.day
    from visits
    inner join payloads using (source, url, payload_digest, parser_version)
    inner join whole_days using (account_id, source, day)
    where visits.scope = 'roles'
),

lists as (
    select
        account_id,
        source,
        day,
        max(fetched_at) as state_at,
        arg_min(visit_id, (url, visit_id)) as visit_id
    from pages
    group by account_id, source, day
),

readings as (
    select
        *,
        lag(state_at) over (partition by account_id, source order by day) as previous_at,
        lag(visit_id) over (partition by account_id, source order by day) as previous_visit_id
    from lists
),

stated as (
    select
        readings.account_id,
        readings.source,
        roles.* exclude (source, url, payload_digest, parser_version),
        readings.state_at,
        pages.visit_id,
        readings.previous_at,
        readings.previous_visit_id
    from readings
    inner join pages using (account_id, source, day)
    inner join roles using (source, url, payload_digest, parser_version)
    inner join accounts
        on
            readings.account_id = accounts.account_id
            and roles.org_number = accounts.org_number
),

resigned as (
    select
        account_id,
        source,
        org_number,
        group_code,
        role_code,
        holder_key,
        state_at,
        max(resigned_on) as resigned_on
    from stated
    where is_resigned
    group by all
),

held as (
    select
        account_id,
        source,
        org_number,
        group_code,
        role_code,
        role_class,
        holder_key,
        holder_name,
        holder_type,
        group_changed_on,
        appointed_on,
        state_at,
        visit_id,
        previous_at,
        previous_visit_id
    from stated
    where not is_resigned
    qualify
        row_number() over (
            partition by
                account_id, source, org_number, group_code, role_code, holder_key, state_at
            order by appointed_on desc nulls last, visit_id, record_index
        ) = 1
),

holders as (
    select
        account_id,
        source,
        org_number,
        group_code,
        role_code,
        holder_key,
        min(state_at) as first_at
    from held
    group by all
),

states as (
    select
        holders.account_id,
        holders.source,
        holders.org_number,
        holders.group_code,
        holders.role_code,
        holders.holder_key,
        readings.state_at,
        readings.visit_id,
        case when held.state_at is null then 0 else 1 end as is_seen
    from holders
    inner join readings
        on
            holders.account_id = readings.account_id
            and holders.source = readings.source
            and holders.first_at <= readings.state_at
    left join held
        on
            holders.account_id = held.account_id
            and holders.source = held.source
            and holders.org_number = held.org_number
            and holders.group_code = held.group_code
            and holders.role_code = held.role_code
            and holders.holder_key = held.holder_key
            and readings.state_at = held.state_at
),

-- Whole groups are dated by the register; a group's date belongs to the reading that
-- first shows it.
group_dates as (
    select
        account_id,
        source,
        org_number,
        group_code,
        state_at,
        max(group_changed_on) as group_changed_on
    from held
    group by all
),

steps as (
    select
        *,
        lag(is_seen) over history as previous_seen,
        lag(state_at) over history as previous_at,
        lag(visit_id) over history as previous_visit_id,
        row_number() over history = 1 as is_first_state
    from states
    window
        history as (
            partition by
                account_id, source, org_number, group_code, role_code, holder_key
            order by state_at
        )
),

appeared as (
    select
        steps.account_id,
        steps.source,
        steps.org_number,
        steps.group_code,
        steps.role_code,
        steps.holder_key,
        'appeared' as event,
        coalesce(steps.previous_at, held.previous_at) as lo_at,
        coalesce(steps.previous_visit_id, held.previous_visit_id) as before_visit_id,
        steps.state_at as hi_at,
        held.visit_id as after_visit_id,
        steps.is_first_state and held.previous_at is null as is_left_censored,
        held.state_at as held_at
    from steps
    inner join held
        on
            steps.account_id = held.account_id
            and steps.source = held.source
            and steps.org_number = held.org_number
            and steps.group_code = held.group_code
            and steps.role_code = held.role_code
            and steps.holder_key = held.holder_key
            and steps.state_at = held.state_at
    where steps.is_seen = 1 and coalesce(steps.previous_seen, 0) = 0
),

gone as (
    select
        account_id,
        source,
        org_number,
        group_code,
        role_code,
        holder_key,
        'gone' as event,
        previous_at as lo_at,
        previous_visit_id as before_visit_id,
        state_at as hi_at,
        visit_id as after_visit_id,
        false as is_left_censored,
        previous_at as held_at
    from steps
    where is_seen = 0 and previous_seen = 1
),

all_events as (
    select * from appeared
    union all
    select * from gone
),

dated as (
    -- The day the register states of the holder, else of the whole group.
    select
        all_events.* exclude (before_visit_id),
        held.holder_name,
        held.holder_type,
        held.role_class,
        case when all_events.event = 'gone' then held.visit_id else all_events.before_visit_id end
            as before_visit_id,
        case
            when all_events.is_left_censored then null
            when
                all_events.event = 'appeared'
                and held.appointed_on
                between cast(all_events.lo_at as date) - interval 180 day
                and cast(all_events.hi_at as date)
                then held.appointed_on
            when
                all_events.event = 'gone'
                and resigned.resigned_on
                between cast(all_events.lo_at as date) - interval 180 day
                and cast(all_events.hi_at as date)
                then resigned.resigned_on
            when
                group_dates.group_changed_on
                between cast(all_events.lo_at as date) - interval 30 day
                and cast(all_events.hi_at as date)
                then group_dates.group_changed_on
        end as stated_on
    from all_events
    inner join held
        on
            all_events.account_id = held.account_id
            and all_events.source = held.source
            and all_events.org_number = held.org_number
            and all_events.group_code = held.group_code
            and all_events.role_code = held.role_code
            and all_events.holder_key = held.holder_key
            and all_events.held_at = held.state_at
    left join resigned
        on
            all_events.account_id = resigned.account_id
            and all_events.source = resigned.source
            and all_events.org_number = resigned.org_number
            and all_events.group_code = resigned.group_code
            and all_events.role_code = resigned.role_code
            and all_events.holder_key = resigned.holder_key
            and all_events.hi_at = resigned.state_at
    left join group_dates
        on
            all_events.account_id = group_dates.account_id
            and all_events.source = group_dates.source
            and all_events.org_number = group_dates.org_number
            and all_events.group_code = group_dates.group_code
            and all_events.hi_at = group_dates.state_at
),

final_cte as (
    select
        {{ event_id([
            'account_id',
            'org_number',
            'group_code',
            'role_code',
            'holder_key',
            'event',
            'lo_at',
            'hi_at',
        ]) }} as event_id,
        account_id,
        source,
        org_number,
        group_code,
        role_code,
        role_class,
        holder_key,
        holder_name,
        holder_type,
        event,
        case when not is_left_censored then lo_at end as effective_lo,
        hi_at as effective_hi,
        case
            when is_left_censored then hi_at
            when stated_on is not null then cast(stated_on as timestamp)
            else lo_at + (hi_at - lo_at) / 2
        end as effective_pt,
        hi_at as known_at,
        cast(null as timestamp) as superseded_at,
        is_left_censored,
        case when not is_left_censored then before_visit_id end as before_visit_id,
        after_visit_id,
        stated_on
    from dated
)

select * from final_cte
