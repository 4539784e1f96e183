{{ config(materialized='days') }}
-- What every signal adds to its type on every landmark day on which it stood, per offer:
-- strength times match with the offer, halved every half-life (SCIENCE 2.7). A buyer whose
-- ad says nothing of the offer's theme may buy anything: other, .15 (SCIENCE 2.5). A signal of
-- a parent or subsidiary counts by the factor of its family, unless the account has one of
-- its own of the same event; of several that come so, the strongest of its type counts.
with signals as (
    select * from {{ ref('signals') }}
    where signal_type <> 'unclassified_change'
),

edges as (
    select * from {{ ref('account_edges') }}
    where parent_account_id is not null and child_account_id is not null
),

edge_factors as (
    select * from {{ ref('edge_factors') }}
),

catalogue as (
    select * from {{ ref('signal_types') }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
    where {{ is_to_build('as_of') }}
),

offers as (
    select * from {{ ref('offers') }}
),

offer_functions as (
    select * from {{ ref('offer_functions') }}
),

offer_cpv as (
    select * from {{ ref('offer_cpv') }}
),

theme_openings as (
    select * from {{ ref('theme_job_openings') }}
),

openings as (
    select * from {{ ref('hiring_openings') }}
),

notices as (
    select * from {{ ref('hist_notices') }}
    where role = 'buyer'
),

replacements as (
    select * from {{ ref('leadership_replacements') }}
),

moves as (
    select * from {{ ref('leadership_moves') }}
),

theme_matches as (
    select distinct
        theme_openings.offer,
        openings.account_id,
        openings.event_id,
        openings.known_at
    from theme_openings
    inner join openings on theme_openings.event_id = openings.event_id
),

cpv_matches as (
    select distinct
        offer_cpv.offer,
        notices.account_id,
        notices.notice_id
    from notices
    inner join offer_cpv
        on len(list_filter(notices.cpv, code -> starts_with(code, offer_cpv.cpv_prefix))) > 0
),

matched as (
    select
        signals.signal_id,
        signals.account_id,
        signals.signal_type,
        signals.subject,
        signals.effective_lo,
        signals.effective_hi,
        signals.known_at,
        signals.superseded_at,
        signals.strength,
        signals.effective_pt,
        catalogue.family,
        offers.offer,
        catalogue.half_life_days,
        greatest(signals.effective_pt, signals.known_at - interval 30 day) as known_pt,
        case
            when catalogue.family = 'leadership' then coalesce(offer_functions.match_weight, 0.15)
            when signals.signal_type = 'theme_job_opened'
                then case when theme_matches.event_id is not null then 1.0 else 0.0 end
            when signals.signal_type = 'procurement_role_opened'
                then case when theme_matches.event_id is not null then 1.0 else 0.15 end
            when catalogue.family = 'demand'
                then case when cpv_matches.notice_id is not null then 1.0 else 0.0 end
            else 1.0
        end as match_weight
    from signals
    inner join catalogue on signals.signal_type = catalogue.id
    cross join offers
    left join offer_functions
        on offers.offer = offer_functions.offer and signals.function = offer_functions.function
    left join theme_matches
        on
            signals.signal_type in ('theme_job_opened', 'procurement_role_opened')
            and offers.offer = theme_matches.offer
            and signals.account_id = theme_matches.account_id
            and signals.subject = theme_matches.event_id
            -- That a buyer is wanted may be known later than the ad: its text may come after.
            and signals.known_at >= theme_matches.known_at
    left join cpv_matches
        on
            catalogue.family = 'demand'
            and offers.offer = cpv_matches.offer
            and signals.account_id = cpv_matches.account_id
            and signals.subject = cpv_matches.notice_id
),

absorbed as (
    -- Appointment and departure that are known to be one replacement count there, once.
    select distinct
        signals.signal_id,
        replacements.known_at as from_at,
        replacements.superseded_at as until_at
    from replacements
    inner join moves
        on replacements.appeared_move_id = moves.move_id or replacements.gone_move_id = moves.move_id
    inner join signals
        on
            moves.account_id = signals.account_id
            and moves.person_key = split_part(signals.subject, ':', 3)
            and moves.effective_lo = signals.effective_lo
            and moves.effective_hi = signals.effective_hi
            and signals.signal_type
            = case
                when moves.event = 'gone' then 'functional_leader_departed'
                else 'functional_leader_appointed'
            end
),

standing as (
    select
        matched.*,
        landmarks.as_of,
        cast(landmarks.as_of + 1 as timestamp) - interval 1 microsecond as as_of_end
    from matched
    inner join landmarks
        on
            matched.known_at < cast(landmarks.as_of + 1 as timestamp)
            and coalesce(matched.superseded_at >= cast(landmarks.as_of + 1 as timestamp), true)
    where matched.match_weight > 0
),

own as (
    select
        standing.account_id,
        standing.offer,
        standing.as_of,
        standing.signal_type,
        standing.signal_id,
        standing.known_at,
        standing.effective_pt,
        standing.family,
        standing.as_of_end,
        standing.strength * standing.match_weight
        * {{ halved(
            "greatest(0, date_diff('second', standing.known_pt, standing.as_of_end)) / 86400.0",
            'standing.half_life_days'
        ) }} as intensity
    from standing
    left join absorbed
        on
            standing.signal_id = absorbed.signal_id
            and standing.as_of_end >= absorbed.from_at
            and coalesce(absorbed.until_at > standing.as_of_end, true)
    where absorbed.signal_id is null
),

directions as (
    select
        parent_account_id as from_account_id,
        child_account_id as to_account_id,
        'down' as direction,
        known_at,
        valid_to
    from edges
    union all
    select
        child_account_id as from_account_id,
        parent_account_id as to_account_id,
        'up' as direction,
        known_at,
        valid_to
    from edges
),

related as (
    select
        directions.to_account_id as account_id,
        own.offer,
        own.as_of,
        own.signal_type,
        own.signal_id,
        own.known_at,
        own.effective_pt,
        own.account_id as via_account_id,
        own.intensity
        * case directions.direction when 'down' then edge_factors.down else edge_factors.up end as intensity
    from own
    inner join edge_factors on own.family = edge_factors.family
    inner join directions
        on
            own.account_id = directions.from_account_id
            and own.as_of_end >= directions.known_at
            and coalesce(directions.valid_to > own.as_of_end, true)
),

inherited as (
    select related.*
    from related
    where
        related.intensity > 0
        and not exists (
            select 1
            from own
            where
                own.account_id = related.account_id
                and own.offer = related.offer
                and own.as_of = related.as_of
                and own.signal_type = related.signal_type
                and abs(date_diff('day', own.effective_pt, related.effective_pt)) <= 30
        )
    qualify
        row_number() over (
            partition by related.account_id, related.offer, related.as_of, related.signal_type
            order by related.intensity desc, related.signal_id
        ) = 1
),

final_cte as (
    select
        account_id,
        offer,
        as_of,
        signal_type,
        signal_id,
        known_at,
        cast(null as varchar) as via_account_id,
        intensity
    from own
    union all
    select
        account_id,
        offer,
        as_of,
        signal_type,
        signal_id,
        known_at,
        via_account_id,
        intensity
    from inherited
)

select * from final_cte
