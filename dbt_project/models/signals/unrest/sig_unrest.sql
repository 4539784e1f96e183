-- Unrest of an organisation, from counts and filings only: board members who resign out of
-- season, accounts that are late, and the composite of SCIENCE 2.6. The composite wants two
-- terms, two independent kinds of evidence (site, register, ads) and three events; it says
-- nothing of any person, nor why anything happened.
{%- set window_days = 90 %}
{%- set prior_shape = 1.5 %}
{%- set late_grace_days = 60 %}
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

registry as (
    select * from {{ ref('hist_registry') }}
),

annual_accounts as (
    select * from {{ ref('hist_annual_accounts') }}
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

ending as (
    -- Whoever is wound up changes its board and files no accounts.
    select
        account_id,
        min(known_at) as known_at
    from registry
    where field in ('is_bankrupt', 'is_in_liquidation', 'is_deleted') and value = 'true' and is_sub_unit is not true
    group by account_id
),

-- Board members who resign out of season -------------------------------------------------
seats as (
    select
        account_id,
        source,
        org_number,
        event,
        lower(holder_name) as holder,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        before_visit_id,
        after_visit_id
    from roles
    where role_class in ('chair', 'deputy_chair', 'board_member') and not is_left_censored
),

resignations as (
    -- From one seat to another is no resignation.
    select seats.*
    from seats
    anti join seats as seated
        on
            seats.account_id = seated.account_id
            and seats.holder = seated.holder
            and seats.effective_hi = seated.effective_hi
            and seated.event = 'appeared'
    left join ending on seats.account_id = ending.account_id
    where
        seats.event = 'gone'
        and seats.before_visit_id is not null
        and not {{ is_meeting_season('seats.effective_pt') }}
        and coalesce(ending.known_at > seats.known_at, true)
),

resigned_together as (
    select
        latest.account_id,
        latest.source,
        latest.holder,
        latest.known_at,
        latest.after_visit_id,
        count(distinct fellows.holder) as n_left,
        min(fellows.effective_lo) as effective_lo,
        max(fellows.effective_hi) as effective_hi,
        max(fellows.effective_pt) as effective_pt,
        arg_min(fellows.before_visit_id, (fellows.effective_lo, fellows.holder)) as before_visit_id
    from resignations as latest
    inner join resignations as fellows
        on
            latest.account_id = fellows.account_id
            and latest.known_at >= fellows.known_at
            and latest.effective_pt - fellows.effective_pt between interval 0 day and interval {{ window_days }} day
    group by latest.account_id, latest.source, latest.holder, latest.known_at, latest.after_visit_id
),

newcomers as (
    select
        resigned_together.account_id,
        resigned_together.holder,
        resigned_together.known_at,
        count(distinct seats.holder) as n_came
    from resigned_together
    inner join seats
        on
            resigned_together.account_id = seats.account_id
            and seats.event = 'appeared'
            and resigned_together.known_at >= seats.known_at
            and seats.effective_hi >= resigned_together.effective_lo
    group by resigned_together.account_id, resigned_together.holder, resigned_together.known_at
),

board_resignations as (
    -- A board that is filled at once was changed by its owners.
    select
        resigned_together.account_id,
        'board_resignations' as signal_type,
        'styr' as subject,
        resigned_together.effective_lo,
        resigned_together.effective_hi,
        resigned_together.effective_pt,
        resigned_together.known_at,
        cast(null as timestamp) as superseded_at,
        least(1.0, 0.4 * resigned_together.n_left) as strength,
        cast(null as double) as p_value,
        'filed_act' as evidence_class,
        resigned_together.before_visit_id,
        resigned_together.after_visit_id,
        resigned_together.n_left || ' board members left outside the season of general meetings' as quote_after,
        cast(resigned_together.n_left as double) as effect,
        resigned_together.source
    from resigned_together
    left join newcomers using (account_id, holder, known_at)
    where resigned_together.n_left >= 2 and coalesce(newcomers.n_came, 0) < resigned_together.n_left
    qualify
        coalesce(
            resigned_together.known_at - lag(resigned_together.known_at) over (
                partition by resigned_together.account_id
                order by resigned_together.known_at, resigned_together.holder
            )
            > interval {{ window_days }} day,
            true
        )
),

-- Accounts that are late -------------------------------------------------------------------
filings as (
    select
        account_id,
        source,
        period_to,
        min(known_at) as known_at
    from annual_accounts
    group by account_id, source, period_to
),

readings as (
    -- Every reading of the register of accounts with the latest period it had by then.
    select
        visits.account_id,
        visits.source,
        visits.fetched_at,
        visits.visit_id,
        max(filings.period_to) as period_to
    from visits
    inner join filings
        on
            visits.account_id = filings.account_id
            and visits.source = filings.source
            and visits.fetched_at >= filings.known_at
    group by visits.account_id, visits.source, visits.fetched_at, visits.visit_id
),

due as (
    -- Filed within seven months of the end of the year.
    select
        *,
        last_day(period_to + interval 1 year + interval 7 month) as deadline
    from readings
),

checks as (
    -- The last reading before the deadline, and the first one well after it.
    select
        due.account_id,
        due.source,
        due.period_to,
        due.deadline,
        arg_min(due.visit_id, due.fetched_at) filter (
            where due.fetched_at >= due.deadline + interval {{ late_grace_days }} day
        ) as after_visit_id,
        min(due.fetched_at) filter (
            where due.fetched_at >= due.deadline + interval {{ late_grace_days }} day
        ) as late_at,
        arg_max(due.visit_id, due.fetched_at) filter (where due.fetched_at <= due.deadline) as before_visit_id
    from due
    group by due.account_id, due.source, due.period_to, due.deadline
),

settled as (
    -- Who filed is seen in a newer period, first read at any time.
    select
        checks.account_id,
        checks.deadline,
        checks.late_at as known_at,
        true as is_late
    from checks
    where checks.late_at is not null
    union all
    select
        earlier.account_id,
        last_day(earlier.period_to + interval 1 year + interval 7 month) as deadline,
        later.known_at,
        false as is_late
    from filings as earlier
    inner join filings as later
        on
            earlier.account_id = later.account_id
            and earlier.source = later.source
            and later.period_to > earlier.period_to
            and later.period_to <= earlier.period_to + interval 1 year + interval 5 day
),

shares as (
    select
        deadline,
        known_at,
        count(*) filter (where is_late) over so_far as n_late,
        count(*) over so_far as n_settled
    from settled
    window
        so_far as (
            partition by deadline order by known_at range between unbounded preceding and current row
        )
),

extended as (
    -- Late for a third of those who had the same deadline: it was extended, or the register is behind.
    select
        deadline,
        min(known_at) as known_at
    from shares
    where n_late >= 3 and n_late > 0.3 * n_settled
    group by deadline
),

accounts_late as (
    select
        checks.account_id,
        'accounts_late' as signal_type,
        'accounts:' || cast(checks.period_to + interval 1 year as date) as subject,
        cast(checks.deadline as timestamp) as effective_lo,
        checks.late_at as effective_hi,
        cast(checks.deadline as timestamp) as effective_pt,
        checks.late_at as known_at,
        extended.known_at as superseded_at,
        1.0 as strength,
        cast(null as double) as p_value,
        'filed_act' as evidence_class,
        checks.before_visit_id,
        checks.after_visit_id,
        'no accounts filed after those of ' || checks.period_to || ', due by ' || cast(checks.deadline as date)
            as quote_after,
        cast(null as double) as effect,
        checks.source
    from checks
    left join extended on checks.deadline = extended.deadline
    left join ending on checks.account_id = ending.account_id
    where
        checks.late_at is not null
        and checks.before_visit_id is not null
        and checks.late_at <= checks.deadline + interval 400 day
        and coalesce(extended.known_at > checks.late_at, true)
        and coalesce(ending.known_at > checks.late_at, true)
),

-- The composite ----------------------------------------------------------------------------
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
    from accounts_late
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
        (s_departures > 0)::integer + (s_filings > 0)::integer + (z_reposts > 0)::integer >= 2
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
    select * from board_resignations
    union all
    select * from accounts_late
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
