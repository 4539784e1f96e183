-- Filings that tell of unrest: board members who resign out of the season of general
-- meetings, and accounts that are not filed well after their deadline.
{%- set window_days = 90 %}
{%- set late_grace_days = 60 %}
with roles as (
    select * from {{ ref('hist_registry_roles') }}
),

registry as (
    select * from {{ ref('hist_registry') }}
),

annual_accounts as (
    select * from {{ ref('hist_annual_accounts') }}
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
            resigned_together.known_at
            - lag(resigned_together.known_at)
                over (
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

final_cte as (
    select * from board_resignations
    union all
    select * from accounts_late
)

select * from final_cte
