-- All detectors in one shape, with what the catalogue says of each type. A detector is
-- listed in the variable `detectors`.
with all_signals as (
    {% for detector in var('detectors') -%}
    select * from {{ ref('sig_' ~ detector) }}
    {% if not loop.last -%}
    union all by name
    {% endif -%}
    {% endfor %}
),

catalogue as (
    select * from {{ ref('signal_types') }}
),

identified as (
    select
        *,
        {{ event_id(['account_id', 'signal_type', 'subject', 'effective_lo', 'effective_hi']) }} as signal_id
    from all_signals
),

given_way as (
    -- A detector may tell anew, with more evidence, what another has told.
    select
        retells as signal_id,
        min(known_at) as told_at
    from identified
    where retells is not null
    group by retells
),

standing as (
    select
        identified.* exclude (superseded_at),
        least(identified.superseded_at, given_way.told_at) as superseded_at
    from identified
    left join given_way on identified.signal_id = given_way.signal_id
    -- Two tellings known at the same moment never stood alone.
    where coalesce(given_way.told_at > identified.known_at, true)
),

latest as (
    select cast(max(as_of) as timestamp) as latest_at
    from {{ ref('landmarks') }}
),

retold as (
    -- A telling with more evidence may have another type: announced, then registered.
    select distinct
        standing.account_id,
        catalogue.family,
        split_part(standing.subject, ':', 1) as stem,
        standing.known_at
    from standing
    inner join catalogue on standing.signal_type = catalogue.id
    where standing.subject like '%:corroborated'
),

labelled as (
    select
        standing.*,
        catalogue.label_nb,
        catalogue.label_en,
        catalogue.family,
        catalogue.awareness,
        catalogue.half_life_days,
        latest.latest_at,
        retold.account_id is not null as is_retold
    from standing
    inner join catalogue on standing.signal_type = catalogue.id
    cross join latest
    left join retold
        on
            standing.account_id = retold.account_id
            and catalogue.family = retold.family
            and split_part(standing.subject, ':', 1) = retold.stem
            and standing.superseded_at = retold.known_at
),

final_cte as (
    select
        signal_id,
        account_id,
        signal_type,
        subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        cast(strength as double) as strength,
        p_value,
        evidence_class,
        before_ref,
        after_ref,
        quote_before,
        quote_after,
        case
            -- A telling that gave way to a corroborated one was not wrong.
            when is_retold then 'expired'
            when superseded_at is not null then 'contradicted'
            when date_diff('day', effective_pt, latest_at) > 3 * half_life_days then 'expired'
            when
                evidence_class = 'observed_act'
                and family in ('hiring', 'language')
                and known_at >= latest_at
                then 'candidate'
            else 'confirmed'
        end as status,
        function,
        seniority,
        person_name,
        person_title,
        cast(effect as double) as effect,
        label_nb,
        label_en,
        family,
        awareness,
        source,
        url
    from labelled
)

select * from final_cte
