-- Unrest of an organisation, from counts and filings only: board members who resign out of
-- season, accounts that are late, and the composite of SCIENCE 2.6. The composite wants two
-- terms, two independent kinds of evidence (site, register, ads) and three events; it says
-- nothing of any person, nor why anything happened.
{%- set window_days = 90 %}
{%- set prior_shape = 1.5 %}
with moves as (
    select * from {{ ref('leadership_moves') }}
),

slots as (
    select * from {{ ref('hist_role_slots') }}
),

registry_changes as (
    select * from {{ ref('sig_registry_change') }}
),

roles as (
    select * from {{ ref('hist_registry_roles') }}
),

filings as (
    select * from {{ ref('unrest_filings') }}
),

ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
),

lists as (
    select * from {{ ref('hist_people_lists') }}
),

job_visits as (
    select * from {{ ref('hist_job_visits') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null
),

openings as (
    select
        *,
        lag(effective_hi) over job as previous_opened_at
    from ad_events
    where event = 'opened'
    window
        job as (partition by account_id, source, job_key order by effective_hi, event_id)
),

terms as (
    select
        account_id,
        'departure' as term,
        'site' as evidence,
        move_id as term_id,
        function,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        before_visit_id,
        after_visit_id
    from moves
    where event = 'gone' and seniority >= 3 and not is_interim
    union all by name
    select
        account_id,
        'filing' as term,
        'register' as evidence,
        concat_ws(':', signal_type, subject, known_at) as term_id,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        before_ref as before_visit_id,
        after_ref as after_visit_id
    from registry_changes
    where signal_type in ('auditor_change', 'auditor_resigned')
    union all by name
    select
        account_id,
        'filing' as term,
        'register' as evidence,
        concat_ws(':', 'chair', holder_key, known_at) as term_id,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        before_visit_id,
        after_visit_id
    from roles
    where
        event = 'gone'
        and role_class = 'chair'
        and before_visit_id is not null
        and not {{ is_meeting_season('effective_pt') }}
    union all by name
    select
        account_id,
        'filing' as term,
        'register' as evidence,
        concat_ws(':', signal_type, known_at) as term_id,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        before_visit_id,
        after_visit_id
    from filings
    where signal_type = 'accounts_late'
    union all by name
    -- The same title advertised again within 60 days.
    select
        account_id,
        'repost' as term,
        'ads' as evidence,
        event_id as term_id,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        before_visit_id,
        after_visit_id
    from openings
    where
        not is_left_censored
        and before_visit_id is not null
        and effective_hi - previous_opened_at between interval 7 day and interval 60 day
),

watched as (
    select
        account_id,
        'departure' as term,
        min(fetched_at) as since_at
    from lists
    where is_evidence
    group by account_id
    union all
    select
        account_id,
        'filing' as term,
        min(fetched_at) as since_at
    from visits
    where scope = 'roles'
    group by account_id
    union all
    select
        account_id,
        'repost' as term,
        min(fetched_at) as since_at
    from job_visits
    where is_evidence
    group by account_id
),

starts as (
    -- Days of watching the market until any moment: t times n less the sum of the beginnings.
    select distinct
        term,
        since_at,
        count(*) over so_far as n_watched,
        sum(cast(epoch(since_at) as hugeint)) over so_far as sum_since
    from watched
    window
        so_far as (partition by term order by since_at range between unbounded preceding and current row)
),

market_counts as (
    select distinct
        term,
        known_at,
        count(*) over (
            partition by term order by known_at range between unbounded preceding and current row
        ) as n_events
    from terms
),

moments as (
    select distinct
        account_id,
        known_at
    from terms
),

counted as (
    select
        moments.account_id,
        moments.known_at,
        watched.term,
        least({{ window_days }}.0, date_diff('second', watched.since_at, moments.known_at) / 86400.0) as e_window,
        greatest(
            0.0,
            least(365.0, date_diff('second', watched.since_at, moments.known_at) / 86400.0 - {{ window_days }})
        ) as e_baseline,
        count(distinct terms.term_id) filter (
            where terms.effective_pt > moments.known_at - interval {{ window_days }} day
        ) as y_window,
        count(distinct terms.term_id) filter (
            where terms.effective_pt <= moments.known_at - interval {{ window_days }} day
        ) as y_baseline
    from moments
    inner join watched
        on moments.account_id = watched.account_id and moments.known_at > watched.since_at
    left join terms
        on
            moments.account_id = terms.account_id
            and watched.term = terms.term
            and moments.known_at >= terms.known_at
            and terms.effective_pt > moments.known_at - interval {{ window_days + 365 }} day
            and coalesce(terms.superseded_at > moments.known_at, true)
    group by moments.account_id, moments.known_at, watched.term, watched.since_at
),

with_market as (
    select
        counted.*,
        starts.n_watched,
        starts.sum_since
    from counted
    asof join starts on counted.term = starts.term and counted.known_at >= starts.since_at
),

with_rates as (
    -- Ten events in twenty account-years are lent to a market that is young.
    select
        with_market.account_id,
        with_market.known_at,
        with_market.term,
        with_market.e_window,
        with_market.y_window,
        (coalesce(market_counts.n_events, 0) + 10)
        / (
            cast(cast(epoch(with_market.known_at) as hugeint) * with_market.n_watched - with_market.sum_since as double)
            / 86400.0
            + 20 * 365
        ) as market_rate,
        {{ prior_shape }} + with_market.y_baseline as alpha,
        with_market.e_baseline
    from with_market
    asof left join market_counts
        on with_market.term = market_counts.term and with_market.known_at >= market_counts.known_at
),

vacancies as (
    -- Slots left more than 30 days ago that nobody was known to hold.
    select
        moments.account_id,
        moments.known_at,
        count(distinct terms.term_id) as n_vacant
    from moments
    inner join terms
        on
            moments.account_id = terms.account_id
            and terms.term = 'departure'
            and moments.known_at >= terms.known_at
            and moments.known_at - terms.effective_hi > interval 30 day
            and terms.effective_pt > moments.known_at - interval {{ window_days }} day
            and coalesce(terms.superseded_at > moments.known_at, true)
    anti join slots
        on
            terms.account_id = slots.account_id
            and terms.function = slots.function
            and slots.from_hi > terms.effective_lo
            and slots.known_at <= moments.known_at
    group by moments.account_id, moments.known_at
),

surprises as (
    select
        account_id,
        known_at,
        term,
        y_window,
        {{ gamma_poisson_tail('y_window', 'e_window', 'alpha', '(1.5 / market_rate + e_baseline)') }} as p_up,
        (y_window - e_window * alpha / ({{ prior_shape }} / market_rate + e_baseline))
        / sqrt(
            e_window * alpha / ({{ prior_shape }} / market_rate + e_baseline)
            * (1 + e_window / ({{ prior_shape }} / market_rate + e_baseline))
        ) as z
    from with_rates
    where e_window >= 28
),

weighed as (
    select
        surprises.account_id,
        surprises.known_at,
        coalesce(max(y_window) filter (where term = 'departure'), 0) as n_departures,
        coalesce(max(y_window) filter (where term = 'filing'), 0) as n_filings,
        coalesce(max(y_window) filter (where term = 'repost'), 0) as n_reposts,
        coalesce(max(vacancies.n_vacant), 0) as n_vacant,
        coalesce(max(least(-log10(p_up), 4.0)) filter (where term = 'departure' and y_window > 0), 0.0) as s_departures,
        coalesce(max(least(-log10(p_up), 4.0)) filter (where term = 'filing' and y_window > 0), 0.0) as s_filings,
        coalesce(max(greatest(0.0, least(z, 5.0))) filter (where term = 'repost' and y_window > 0), 0.0) as z_reposts,
        min(p_up) filter (where term = 'departure') as p_departures
    from surprises
    left join vacancies using (account_id, known_at)
    group by surprises.account_id, surprises.known_at
),

composites as (
    -- Vacant slots are part of the departures: their surprise is taken in proportion.
    select
        *,
        s_departures * n_vacant / greatest(n_departures, 1) as s_vacant,
        s_departures
        + 0.5 * s_departures * n_vacant / greatest(n_departures, 1)
        + 0.5 * s_filings
        + 0.3 * z_reposts as u
    from weighed
),

unrest as (
    select
        *,
        least(u, 4.0) / 2 as x
    from composites
    where
        -- Two terms above nothing, from two kinds of evidence, and three events.
        cast(s_departures > 0 as integer) + cast(s_filings > 0 as integer) + cast(z_reposts > 0 as integer) >= 2
        and n_departures + n_filings + n_reposts >= 3
        and u >= 1.3
    qualify
        coalesce(
            known_at - lag(known_at) over (partition by account_id order by known_at)
            > interval {{ window_days }} day,
            true
        )
),

unrest_members as (
    select
        unrest.account_id,
        unrest.known_at,
        min(terms.effective_lo) as effective_lo,
        max(terms.effective_hi) as effective_hi,
        max(terms.effective_pt) as effective_pt,
        arg_min(terms.before_visit_id, (terms.effective_lo, terms.term_id)) as before_visit_id,
        arg_max(terms.after_visit_id, (terms.effective_hi, terms.term_id)) as after_visit_id,
        count(distinct terms.term_id) as n_members,
        list_sort(list(terms.superseded_at) filter (where terms.superseded_at is not null)) as withdrawn
    from unrest
    inner join terms
        on
            unrest.account_id = terms.account_id
            and unrest.known_at >= terms.known_at
            and terms.effective_pt > unrest.known_at - interval {{ window_days }} day
            and coalesce(terms.superseded_at > unrest.known_at, true)
    group by unrest.account_id, unrest.known_at
),

internal_unrest as (
    select
        unrest.account_id,
        'internal_unrest' as signal_type,
        'organisation' as subject,
        unrest_members.effective_lo,
        unrest_members.effective_hi,
        unrest_members.effective_pt,
        unrest.known_at,
        unrest_members.withdrawn[unrest_members.n_members - 2] as superseded_at,
        unrest.x as strength,
        cast(null as double) as p_value,
        'observed_act' as evidence_class,
        unrest_members.before_visit_id,
        unrest_members.after_visit_id,
        'within {{ window_days }} days: ' || unrest.n_departures || ' leaders no longer listed, '
        || unrest.n_vacant || ' roles vacant, ' || unrest.n_filings || ' filings on chair, auditor or late accounts, '
        || unrest.n_reposts || ' ads repeated' as quote_after,
        unrest.u as effect,
        visits.source
    from unrest
    inner join unrest_members
        on unrest.account_id = unrest_members.account_id and unrest.known_at = unrest_members.known_at
    inner join visits on unrest_members.after_visit_id = visits.visit_id
),

all_signals as (
    select * from filings
    union all
    select * from internal_unrest
),

final_cte as (
    select
        all_signals.account_id,
        all_signals.signal_type,
        all_signals.subject,
        all_signals.effective_lo,
        all_signals.effective_hi,
        all_signals.effective_pt,
        all_signals.known_at,
        all_signals.superseded_at,
        all_signals.strength,
        all_signals.p_value,
        all_signals.evidence_class,
        all_signals.before_visit_id as before_ref,
        all_signals.after_visit_id as after_ref,
        cast(null as varchar) as quote_before,
        all_signals.quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        all_signals.effect,
        all_signals.source,
        visits.url
    from all_signals
    left join visits on all_signals.after_visit_id = visits.visit_id
)

select * from final_cte
