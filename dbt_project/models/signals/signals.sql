-- All signals in one shape, those made of other signals among them, with what the
-- catalogue says of each type and where each stands in its life (SIGNALS 5D): a candidate
-- until a second observation, confirmed, expired after three half-lives or when told
-- better, contradicted when it was withdrawn.
with all_signals as (
    select * from {{ ref('signals_atomic') }}
    {% for detector in var('later_detectors') -%}
    union all by name
    select
        {{ event_id(['account_id', 'signal_type', 'subject', 'effective_lo', 'effective_hi']) }} as signal_id,
        *
    from {{ ref('sig_' ~ detector) }}
    {% endfor %}
),

catalogue as (
    select * from {{ ref('signal_types') }}
),

latest as (
    select cast(max(as_of) as timestamp) as latest_at
    from {{ ref('landmarks') }}
),

retold as (
    -- A telling with more evidence may have another type: announced, then registered.
    select distinct
        all_signals.account_id,
        catalogue.family,
        split_part(all_signals.subject, ':', 1) as stem,
        all_signals.known_at
    from all_signals
    inner join catalogue on all_signals.signal_type = catalogue.id
    where
        all_signals.subject like '%:corroborated'
        -- Who left, then who came instead.
        or all_signals.signal_type = 'ceo_change'
),

labelled as (
    select
        all_signals.*,
        catalogue.label_nb,
        catalogue.label_en,
        catalogue.family,
        catalogue.awareness,
        catalogue.half_life_days,
        latest.latest_at,
        retold.account_id is not null as is_retold
    from all_signals
    inner join catalogue on all_signals.signal_type = catalogue.id
    cross join latest
    left join retold
        on
            all_signals.account_id = retold.account_id
            and catalogue.family = retold.family
            and split_part(all_signals.subject, ':', 1) = retold.stem
            and all_signals.superseded_at = retold.known_at
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
            -- A telling that gave way to a better one was not wrong.
            when is_retold then 'expired'
            when signal_type = 'unclassified_change' and superseded_at is not null then 'expired'
            when superseded_at is not null then 'contradicted'
            when date_diff('day', effective_pt, latest_at) > 3 * half_life_days then 'expired'
            -- Nobody knows what it means; it is shown on request and never alerted.
            when signal_type = 'unclassified_change' then 'candidate'
            -- Counts, words and tempo rest on one reading until the next; what is filed,
            -- stated or seen twice by its own rule does not.
            when
                evidence_class = 'observed_act'
                and family in ('hiring', 'language', 'tempo', 'composite')
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
