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
    where all_signals.subject like '%:corroborated'
),

-- What a source changed for many at once says nothing of each of them.
of_a_source as (
    select
        source,
        day,
        kind,
        subject,
        unnest(account_ids) as account_id
    from {{ ref('source_changes') }}
    where kind <> 'page_text'
),

set_aside as (
    select distinct
        all_signals.account_id,
        all_signals.signal_type,
        all_signals.subject,
        all_signals.effective_hi,
        all_signals.known_at
    from all_signals
    inner join catalogue on all_signals.signal_type = catalogue.id
    inner join of_a_source
        on
            all_signals.account_id = of_a_source.account_id
            and all_signals.source = of_a_source.source
            and cast(all_signals.effective_hi as date) = of_a_source.day
            and (
                all_signals.subject = of_a_source.subject
                or (of_a_source.kind = 'people_list' and catalogue.family = 'leadership')
            )
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
    anti join set_aside using (account_id, signal_type, subject, effective_hi, known_at)
    left join retold
        on
            all_signals.account_id = retold.account_id
            and catalogue.family = retold.family
            and split_part(all_signals.subject, ':', 1) = retold.stem
            and all_signals.superseded_at = retold.known_at
),

final_cte as (
    select
        {{ event_id(['account_id', 'signal_type', 'subject', 'effective_lo', 'effective_hi']) }} as signal_id,
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
