{#- Days between two tellings of one event, at most. -#}
{%- set reach_days = 120 -%}
{%- set same_keys = same_company('earlier.counterparty_key', 'later.counterparty_key') -%}
-- Which evidence tells of one event: the same account and family of type, at most 120 days
-- apart, and the same other company where both name one. Evidence joins what was known
-- before it, so that what comes later moves nothing that was told.
with recursive evidence as (
    select
        *,
        coalesce(stated_at, known_at) as happened_at
    from {{ ref('hist_announcement_events') }}
    -- Old news that resurfaces is no event; what is filed late was filed all the same.
    where
        stated_at is null
        or stated_at >= known_at
        - case when evidence_class = 'filed_act' then interval 365 day else interval 120 day end
),

pairs as (
    -- Everything known earlier that may be the same event.
    select
        later.evidence_id,
        later.counterparty_key,
        later.known_at,
        earlier.evidence_id as earlier_id,
        earlier.counterparty_key as earlier_key,
        earlier.known_at as earlier_known_at,
        {{ same_keys }} as is_same_party
    from evidence as later
    inner join evidence as earlier
        on
            later.account_id = earlier.account_id
            and later.event_family = earlier.event_family
            and (earlier.known_at, earlier.evidence_id) < (later.known_at, later.evidence_id)
            and abs(date_diff('day', earlier.happened_at, later.happened_at)) <= {{ reach_days }}
),

unnamed_roots as (
    -- Evidence that names nobody and has nothing before it: the first that names a
    -- company after it says who it was about.
    select
        pairs.earlier_id as evidence_id,
        arg_min(pairs.counterparty_key, (pairs.known_at, pairs.evidence_id)) as adopted_key
    from pairs
    anti join pairs as above on pairs.earlier_id = above.evidence_id
    where pairs.earlier_key is null and pairs.counterparty_key is not null
    group by pairs.earlier_id
),

parents as (
    select
        pairs.evidence_id,
        arg_min(pairs.earlier_id, (pairs.earlier_known_at, pairs.earlier_id)) as parent_id
    from pairs
    left join unnamed_roots on pairs.earlier_id = unnamed_roots.evidence_id
    where
        pairs.counterparty_key is null
        or pairs.is_same_party
        or {{ same_company('pairs.counterparty_key', 'unnamed_roots.adopted_key') }}
    group by pairs.evidence_id
),

rooted as (
    select
        evidence.evidence_id,
        evidence.evidence_id as event_id
    from evidence
    anti join parents on evidence.evidence_id = parents.evidence_id
    union all
    select
        parents.evidence_id,
        rooted.event_id
    from rooted
    inner join parents on rooted.evidence_id = parents.parent_id
),

final_cte as (
    select
        rooted.event_id,
        evidence.evidence_id,
        evidence.account_id,
        evidence.event_family,
        evidence.signal_type,
        evidence.evidence_class,
        evidence.source,
        evidence.category,
        evidence.announcement_id,
        evidence.title,
        evidence.counterparty_name,
        evidence.amount,
        evidence.currency,
        evidence.stated_at,
        evidence.happened_at,
        evidence.known_at,
        evidence.visit_id,
        evidence.before_visit_id,
        evidence.before_at,
        evidence.url,
        evidence.announcement_url,
        row_number() over event_order as evidence_number,
        count(*) over (partition by rooted.event_id) as evidence_count
    from rooted
    inner join evidence on rooted.evidence_id = evidence.evidence_id
    window
        event_order as (
            partition by rooted.event_id order by evidence.known_at, evidence.evidence_id
        )
)

select * from final_cte
