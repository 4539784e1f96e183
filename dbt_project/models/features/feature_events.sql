-- What every signal adds to its type on every landmark day on which it stood, per offer:
-- strength times match with the offer, halved every half-life (SCIENCE 2.7).
with signals as (
    select * from {{ ref('signals') }}
),

catalogue as (
    select * from {{ ref('signal_types') }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
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
        offers.offer,
        catalogue.half_life_days,
        greatest(signals.effective_pt, signals.known_at - interval 30 day) as known_pt,
        case
            when catalogue.family = 'leadership' then coalesce(offer_functions.match_weight, 0.15)
            when signals.signal_type = 'theme_job_opened'
                then case when theme_matches.event_id is not null then 1.0 else 0.0 end
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
            signals.signal_type = 'theme_job_opened'
            and offers.offer = theme_matches.offer
            and signals.account_id = theme_matches.account_id
            and signals.subject = theme_matches.event_id
            and signals.known_at = theme_matches.known_at
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

final_cte as (
    select
        standing.account_id,
        standing.offer,
        standing.as_of,
        standing.signal_type,
        standing.signal_id,
        standing.known_at,
        standing.strength * standing.match_weight
        * pow(
            2.0,
            -greatest(0, date_diff('second', standing.known_pt, standing.as_of_end))
            / 86400.0 / standing.half_life_days
        ) as intensity
    from standing
    left join absorbed
        on
            standing.signal_id = absorbed.signal_id
            and standing.as_of_end >= absorbed.from_at
            and coalesce(absorbed.until_at > standing.as_of_end, true)
    where absorbed.signal_id is null
)

select * from final_cte
