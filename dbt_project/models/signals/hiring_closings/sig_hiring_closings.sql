{%- set freeze_days = 56 -%}
{#- A stop that is stated and one that is seen are one when they are at most so far apart. -#}
{%- set stated_days = 120 -%}
-- What the closing of ads tells: a position that was filled (hiring_filled), and a stop in
-- hiring, when nine of ten ads are gone within eight weeks and no new ones come. Absence is
-- taken from lists that were read in full only (hist_job_ad_events); the stop is confirmed by
-- two more readings of every list that held the ads, a fortnight of working weeks apart, or by
-- the company's own word, and withdrawn when ads come back. A stop that is only stated is told
-- as that (SCIENCE 2.5: press only 0.7) until the ads are seen to be gone, and is not told
-- after that.
with ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
),

job_visits as (
    select * from {{ ref('hist_job_visits') }}
    where is_evidence
),

announcements as (
    select * from {{ ref('hist_announcement_events') }}
    where event_family = 'hiring_freeze'
),

moved_boards as (
    select * from {{ ref('hiring_moved_boards') }}
),

agencies as (
    select * from {{ ref('hiring_agencies') }}
),

filled as (
    select * from {{ ref('hiring_filled') }}
),

-- Hiring stopped: how many ads were known to be open at each moment that changed it.
position_events as (
    select
        *,
        {{ title_words('title') }} as title_words
    from ad_events
),

steps as (
    select
        account_id,
        known_at as moment_at,
        case when event = 'opened' then 1 else -1 end as step,
        event = 'opened' as is_opening
    from position_events
    where not {{ is_seasonal_job('title_words') }} and not {{ is_standing_ad('title_words') }}
    union all
    select
        account_id,
        superseded_at as moment_at,
        1 as step,
        false as is_opening
    from position_events
    where
        event = 'closed'
        and superseded_at is not null
        and not {{ is_seasonal_job('title_words') }}
        and not {{ is_standing_ad('title_words') }}
),

moments as (
    select
        account_id,
        moment_at,
        sum(step) as step,
        max(case when is_opening then moment_at end) as opened_at
    from steps
    group by account_id, moment_at
),

levels as (
    select
        account_id,
        moment_at,
        step,
        sum(step) over so_far as n_open,
        sum(step) over so_far - step as n_before,
        max(opened_at) over so_far as last_opened_at
    from moments
    window so_far as (partition by account_id order by moment_at rows unbounded preceding)
),

peaks as (
    select
        *,
        max(greatest(n_open, n_before)) over (
            partition by account_id
            order by moment_at
            range between interval {{ freeze_days }} day preceding and current row
        ) as peak
    from levels
),

judged_levels as (
    select
        *,
        peak >= 5 and n_open <= 0.1 * peak as is_low
    from peaks
),

drops as (
    select *
    from judged_levels
    qualify is_low and not coalesce(lag(is_low) over (partition by account_id order by moment_at), false)
),

returns as (
    -- When more than one in ten are advertised again.
    select
        drops.account_id,
        drops.moment_at,
        min(levels.moment_at) as back_at
    from drops
    inner join levels
        on
            drops.account_id = levels.account_id
            and levels.moment_at > drops.moment_at
            and levels.n_open > 0.1 * drops.peak
    group by drops.account_id, drops.moment_at
),

drop_closings as (
    -- The ads that went: of which lists, how closely together, and on how many days they had come.
    select
        drops.account_id,
        drops.moment_at,
        closed.source,
        max(closed.effective_lo) as effective_lo,
        max(closed.effective_hi) as effective_hi,
        count(*) as n_closed,
        count(*) filter (where closed.effective_hi > drops.moment_at - interval 35 day) as n_together,
        count(distinct cast(opened.known_at as date)) filter (where not opened.is_left_censored) as n_opening_days,
        arg_max(closed.before_visit_id, (closed.effective_lo, closed.event_id)) as before_visit_id
    from drops
    inner join position_events as closed
        on
            drops.account_id = closed.account_id
            and closed.event = 'closed'
            and drops.moment_at >= closed.known_at
            and drops.moment_at - interval {{ freeze_days }} day <= closed.known_at
            and coalesce(closed.superseded_at > drops.moment_at, true)
    inner join position_events as opened
        on
            opened.event = 'opened'
            and closed.account_id = opened.account_id
            and closed.source = opened.source
            and closed.spell_ref = opened.spell_ref
            and closed.spell_no = opened.spell_no
    where not {{ is_seasonal_job('closed.title_words') }} and not {{ is_standing_ad('closed.title_words') }}
    group by drops.account_id, drops.moment_at, closed.source
),

began as (
    select
        account_id,
        min(fetched_at) as since_at
    from job_visits
    group by account_id
),

drop_facts as (
    select
        drops.account_id,
        drops.moment_at,
        any_value(drops.peak) as peak,
        any_value(drops.n_open) as n_open,
        any_value(drops.last_opened_at) as last_opened_at,
        any_value(returns.back_at) as back_at,
        any_value(began.since_at) as since_at,
        any_value(greatest(began.since_at, drops.moment_at - interval 182 day)) as baseline_at,
        max(drop_closings.effective_lo) as effective_lo,
        max(drop_closings.effective_hi) as effective_hi,
        count(*) as n_sources,
        arg_max(drop_closings.before_visit_id, (drop_closings.effective_lo, drop_closings.source)) as before_visit_id,
        sum(drop_closings.n_together) >= 0.8 * sum(drop_closings.n_closed)
        and sum(drop_closings.n_opening_days) >= 3 as is_burst
    from drops
    inner join drop_closings using (account_id, moment_at)
    inner join began using (account_id)
    left join returns using (account_id, moment_at)
    group by drops.account_id, drops.moment_at
),

baselines as (
    -- New ads in the half year before: how odd a while without any is.
    select
        drop_facts.account_id,
        drop_facts.moment_at,
        count(position_events.event_id) as n_opened,
        cast(greatest(
            {{ season_clock('cast(drop_facts.moment_at as date)') }}
            - {{ season_clock('cast(drop_facts.baseline_at as date)') }},
            28
        ) as double) as days_watched
    from drop_facts
    left join position_events
        on
            drop_facts.account_id = position_events.account_id
            and position_events.event = 'opened'
            and not position_events.is_left_censored
            and drop_facts.moment_at >= position_events.known_at
            and drop_facts.moment_at - interval 182 day < position_events.known_at
    group by drop_facts.account_id, drop_facts.moment_at, drop_facts.baseline_at
),

readings as (
    select
        drop_facts.account_id,
        drop_facts.moment_at,
        drop_facts.n_sources,
        job_visits.source,
        job_visits.fetched_at,
        job_visits.visit_id,
        row_number() over (
            partition by drop_facts.account_id, drop_facts.moment_at, job_visits.source order by job_visits.fetched_at
        ) as reading_no,
        {{ season_clock('job_visits.day') }} - {{ season_clock('cast(drop_facts.moment_at as date)') }} as open_days,
        drop_facts.is_burst
        or pow(
            -- P(nothing new since the last one) of a Gamma-Poisson count (SCIENCE 2.1).
            baselines.days_watched / (
                baselines.days_watched
                + greatest(
                    {{ season_clock('job_visits.day') }}
                    - {{ season_clock('cast(coalesce(drop_facts.last_opened_at, drop_facts.since_at) as date)') }}, 0
                )
            ),
            1 + baselines.n_opened
        ) <= 0.05 as is_odd
    from drop_facts
    inner join baselines using (account_id, moment_at)
    inner join drop_closings using (account_id, moment_at)
    inner join job_visits
        on
            drop_facts.account_id = job_visits.account_id
            and drop_closings.source = job_visits.source
            and job_visits.fetched_at > drop_facts.moment_at
            and job_visits.fetched_at <= drop_facts.moment_at + interval 150 day
),

confirmed_lists as (
    select
        account_id,
        moment_at,
        source,
        n_sources,
        min(fetched_at) as confirmed_at,
        arg_min(visit_id, fetched_at) as visit_id
    from readings
    where reading_no >= 2 and open_days >= 14 and is_odd
    group by account_id, moment_at, source, n_sources
),

confirmed as (
    select
        account_id,
        moment_at,
        max(confirmed_at) as confirmed_at,
        arg_max(visit_id, (confirmed_at, source)) as after_visit_id
    from confirmed_lists
    group by account_id, moment_at, n_sources
    having count(*) = n_sources
),

stated as (
    -- The first text of a stop, from the company itself; what is old or was there on the first
    -- day is no change.
    select *
    from announcements
    where
        evidence_class <> 'third_party_report'
        and coalesce(stated_at >= known_at - interval {{ stated_days }} day, true)
        and (before_visit_id is not null or (evidence_class = 'filed_act' and stated_at is not null))
    qualify
        coalesce(
            known_at - lag(known_at) over (partition by account_id order by known_at, evidence_id)
            > interval {{ stated_days }} day, true
        )
),

proofs as (
    -- Two more readings, or the company's word, whichever is known first.
    select
        account_id,
        moment_at,
        confirmed_at,
        after_visit_id,
        'observed' as proved_by
    from confirmed
    union all
    select
        drop_facts.account_id,
        drop_facts.moment_at,
        greatest(drop_facts.moment_at, stated.known_at) as confirmed_at,
        stated.visit_id as after_visit_id,
        'stated' as proved_by
    from drop_facts
    inner join stated
        on
            drop_facts.account_id = stated.account_id
            and abs(date_diff('day', drop_facts.moment_at, stated.known_at)) <= {{ stated_days }}
),

first_proofs as (
    select *
    from proofs
    qualify
        row_number() over (
            partition by account_id, moment_at order by confirmed_at, proved_by, after_visit_id
        ) = 1
),

unread as (
    -- The ads may stand in a system that nobody can read here.
    select distinct
        drop_facts.account_id,
        drop_facts.moment_at
    from drop_facts
    inner join first_proofs using (account_id, moment_at)
    inner join moved_boards
        on
            drop_facts.account_id = moved_boards.account_id
            and moved_boards.moved_at > drop_facts.moment_at - interval 90 day
            and moved_boards.moved_at <= first_proofs.confirmed_at
),

stops as (
    select
        drop_facts.*,
        first_proofs.confirmed_at,
        first_proofs.after_visit_id,
        first_proofs.proved_by
    from drop_facts
    inner join first_proofs using (account_id, moment_at)
    anti join unread using (account_id, moment_at)
    left join agencies
        on drop_facts.account_id = agencies.account_id and first_proofs.confirmed_at >= agencies.known_at
    where
        agencies.account_id is null
        and coalesce(drop_facts.back_at > first_proofs.confirmed_at, true)
),

seen_stops as (
    select
        stated.evidence_id,
        min(stops.confirmed_at) as seen_at
    from stated
    inner join stops
        on
            stated.account_id = stops.account_id
            and abs(date_diff('day', stops.moment_at, stated.known_at)) <= {{ stated_days }}
            and coalesce(stops.back_at > stated.known_at, true)
    group by stated.evidence_id
),

stated_stops as (
    select
        stated.account_id,
        'hiring_freeze' as signal_type,
        'open positions:stated' as subject,
        coalesce(stated.stated_at, stated.before_at) as effective_lo,
        coalesce(stated.stated_at, stated.known_at) as effective_hi,
        coalesce(stated.stated_at, stated.before_at + (stated.known_at - stated.before_at) / 2) as effective_pt,
        stated.known_at,
        seen_stops.seen_at as superseded_at,
        case stated.evidence_class when 'filed_act' then 0.8 else 0.7 end as strength,
        cast(null as double) as p_value,
        stated.evidence_class,
        stated.before_visit_id as before_ref,
        stated.visit_id as after_ref,
        cast(null as varchar) as quote_before,
        coalesce(stated.quote, stated.title) as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(null as double) as effect,
        stated.source,
        stated.url
    from stated
    left join seen_stops on stated.evidence_id = seen_stops.evidence_id
    where coalesce(seen_stops.seen_at > stated.known_at, true)
),

frozen as (
    select
        stops.account_id,
        'hiring_freeze' as signal_type,
        -- Told again with the ads gone, where it was stated before.
        'open positions' || case when stops.proved_by = 'stated' then ':corroborated' else '' end as subject,
        stops.effective_lo,
        stops.effective_hi,
        stops.effective_lo + (stops.effective_hi - stops.effective_lo) / 2 as effective_pt,
        stops.confirmed_at as known_at,
        stops.back_at as superseded_at,
        {{ interval_weight('stops.effective_lo', 'stops.effective_hi') }} as strength,
        cast(null as double) as p_value,
        'observed_act' as evidence_class,
        stops.before_visit_id as before_ref,
        stops.after_visit_id as after_ref,
        cast(stops.peak as bigint) || ' open positions' as quote_before,
        cast(stops.n_open as bigint) || ' open positions after ' || cast(stops.peak as bigint) as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(stops.n_open as double) / stops.peak as effect,
        visits.source,
        visits.url
    from stops
    inner join {{ ref('hist_visits') }} as visits on stops.after_visit_id = visits.visit_id
),

all_signals as (
    select * from filled
    union all by name
    select * from frozen
    union all by name
    select * from stated_stops
),

final_cte as (
    select
        account_id,
        signal_type,
        subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        strength,
        p_value,
        coalesce(evidence_class, 'observed_act') as evidence_class,
        before_ref,
        after_ref,
        {{ first_words('quote_before') }} as quote_before,
        {{ first_words('quote_after') }} as quote_after,
        function,
        cast(seniority as bigint) as seniority,
        person_name,
        person_title,
        effect,
        source,
        url
    from all_signals
)

select * from final_cte
