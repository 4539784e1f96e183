-- Signals that rest on observations alone, of all detectors in the variable `detectors`,
-- with their ids. Detectors that read other detectors' signals (variable
-- `later_detectors`) read them here; `signals` has both. What a better telling replaced
-- gives way, and what a source changed for many accounts at once is left out.
with all_signals as (
    {% for detector in var('detectors') -%}
    select * from {{ ref('sig_' ~ detector) }}
    {% if not loop.last -%}
    union all by name
    {% endif -%}
    {% endfor %}
),

catalogue as (
    select
        id,
        family
    from {{ ref('signal_types') }}
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

of_a_source as (
    -- What a source changed for many at once says nothing of each of them.
    select
        source,
        day,
        kind,
        subject,
        unnest(account_ids) as account_id
    from {{ ref('source_changes') }}
    where kind not in ('page_text', 'site_template')
),

set_aside as (
    select distinct standing.signal_id
    from standing
    inner join catalogue on standing.signal_type = catalogue.id
    inner join of_a_source
        on
            standing.account_id = of_a_source.account_id
            and standing.source = of_a_source.source
            and cast(standing.effective_hi as date) = of_a_source.day
            and (
                standing.subject = of_a_source.subject
                or (of_a_source.kind = 'people_list' and catalogue.family = 'leadership')
            )
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
        function,
        seniority,
        person_name,
        person_title,
        cast(effect as double) as effect,
        source,
        url
    from standing
    anti join set_aside using (signal_id)
)

select * from final_cte
