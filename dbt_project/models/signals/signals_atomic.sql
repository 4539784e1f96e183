-- Signals that rest on observations alone, of all detectors in the variable `detectors`,
-- with their ids. Detectors that read other detectors' signals (variable
-- `later_detectors`) read them here; `signals` has both.
with all_signals as (
    {% for detector in var('detectors') -%}
    select * from {{ ref('sig_' ~ detector) }}
    {% if not loop.last -%}
    union all by name
    {% endif -%}
    {% endfor %}
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
        function,
        seniority,
        person_name,
        person_title,
        cast(effect as double) as effect,
        source,
        url
    from all_signals
)

select * from final_cte
