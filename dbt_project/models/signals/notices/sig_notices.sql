{#- Requests for information or quotes, in the words of their titles. -#}
{%- set rfi = '(?i)\\b(rfi|rfq|request for information|request for quotation|prisforespørsel|prisførespurnad'
    ~ '|tilbudsforespørsel|tilbodsførespurnad|forespørsel om (informasjon|pris|tilbud)'
    ~ '|førespurnad om (informasjon|pris|tilbod)|innhenting av (pris|tilbud|informasjon))' -%}
{#- One notice for all that a buyer means to buy in a year. -#}
{%- set umbrella = '(?i)((^|\\s)(årlig|årleg|annual)|(anskaffelses|innkjøps|innkjøp)s?(plan|kalender)'
    ~ '|(planlagte|kommende|komande) (anskaffelser|innkjøp)|samlekunngjøring)' -%}
{%- set call_off = '(?i)(\\bavrop|minikonkurranse|call-?\\s?off)' -%}
{#- Contracts are looked at anew so long before they end. -#}
{%- set lead_days = 450 -%}
{#- What ends sooner after it was given was never a term to wait for. -#}
{%- set least_term_days = 270 -%}
-- Procurement notices in which the account is the buyer. A notice is a formal act filed in
-- the official notice database and carries its own date, so it needs no capture before it.
-- Notices of one procedure and kind are one event: a corrigendum is not counted again,
-- nor the same notice from another publisher.
-- Awards an account has won are left out: they say nothing of what it needs. A call-off
-- under a framework is no new award. A contract's end comes near as time passes: it is
-- told on the first day of its window, and told anew when a notice extends it.
with notices as (
    -- What its first publisher calls a notice holds: another may have no word for it.
    select
        * exclude (notice_type),
        first_value(notice_type) over (
            partition by account_id, notice_key order by known_at, source, notice_id
        ) as notice_type
    from {{ ref('hist_notices') }}
    where role = 'buyer'
),

typed as (
    select
        *,
        case
            when
                notice_type in ('market_dialogue', 'planning', 'other') and regexp_matches(title, '{{ rfi }}')
                and not regexp_matches(lower(title), '(markedsdialog|marknadsdialog|dialogkonferanse)')
                then 'rfi_or_quote_request_published'
            when notice_type = 'market_dialogue' then 'market_dialogue'
            when
                notice_type = 'planning'
                and not coalesce(regexp_matches(title, '{{ umbrella }}'), false)
                and coalesce(len(list_distinct(list_transform(cpv, code -> left(code, 2)))), 0) < 5
                then 'tender_planning'
            when notice_type = 'competition' then 'tender_open'
            when notice_type = 'cancelled' then 'tender_cancelled'
            when notice_type = 'intention' then 'direct_award_notice'
            when
                notice_type = 'award' and not coalesce(regexp_matches(title, '{{ call_off }}'), false)
                then 'contract_awarded'
        end as signal_type
    from notices
    where published_at >= known_at - interval 365 day
),

first_of_chain as (
    select *
    from typed
    where signal_type is not null
    qualify
        -- A framework is awarded once, however long it is called on.
        not (
            signal_type = 'contract_awarded' and coalesce(is_framework, false)
            and row_number() over (
                partition by account_id, signal_type, chain_id
                order by known_at, published_at, notice_id
            ) > 1
        )
        and coalesce(
            known_at - lag(known_at) over (
                partition by account_id, signal_type, chain_id
                order by known_at, published_at, notice_id
            ) > interval 365 day,
            row_number() over (
                partition by account_id, signal_type, chain_id
                order by known_at, published_at, notice_id
            ) = 1
        )
),

terms as (
    -- When a contract ends, options not counted, by its award and by notices that change it.
    select
        *,
        coalesce(
            contract_end_on,
            cast(
                coalesce(contract_start_on, concluded_on, cast(published_at as date))
                + cast(round(duration_months * 30.44) as integer) * interval 1 day as date
            )
        ) as ends_on
    from notices
    where
        notice_type in ('award', 'change')
        and coalesce(contract_end_on is not null or duration_months > 0, false)
        and not coalesce(regexp_matches(title, '{{ call_off }}'), false)
),

term_steps as (
    select
        *,
        lag(ends_on) over term_order as ended_on,
        count(*) filter (where notice_type = 'award') over term_order as n_awards,
        min(cast(published_at as date)) over term_order as given_on
    from terms
    window
        term_order as (
            partition by account_id, chain_id
            order by known_at, published_at, notice_id
            rows between unbounded preceding and current row
        )
),

windows as (
    select
        *,
        cast(ends_on - {{ lead_days }} as timestamp) as opens_at,
        lead(known_at) over (
            partition by account_id, chain_id order by known_at, published_at, notice_id
        ) as extended_at
    from term_steps
    where n_awards > 0 and ends_on is distinct from ended_on
),

latest as (
    select cast(max(as_of) + 1 as timestamp) as until_at
    from {{ ref('landmarks') }}
),

open_windows as (
    select
        windows.*,
        greatest(windows.known_at, windows.opens_at) as open_known_at
    from windows
    cross join latest
    where
        greatest(windows.known_at, windows.opens_at) < latest.until_at
        and windows.ends_on - windows.given_on >= {{ least_term_days }}
        and cast(windows.ends_on as timestamp) > windows.known_at + interval 90 day
        and coalesce(windows.extended_at > greatest(windows.known_at, windows.opens_at), true)
),

told as (
    select
        account_id,
        signal_type,
        notice_id as subject,
        published_at as effective_lo,
        published_at as effective_hi,
        published_at as effective_pt,
        known_at,
        cast(null as timestamp) as superseded_at,
        1.0 as strength,
        visit_id,
        title,
        source,
        url
    from first_of_chain
    union all
    select
        account_id,
        'contract_expiry_window' as signal_type,
        notice_id as subject,
        opens_at as effective_lo,
        cast(ends_on as timestamp) as effective_hi,
        cast(ends_on as timestamp) as effective_pt,
        open_known_at as known_at,
        extended_at as superseded_at,
        -- An option may still be used; then a notice says so.
        case when coalesce(renewals, 0) > 0 then 0.5 else 1.0 end as strength,
        visit_id,
        title,
        source,
        url
    from open_windows
),

final_cte as (
    select
        account_id,
        signal_type,
        subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        strength,
        cast(null as double) as p_value,
        'filed_act' as evidence_class,
        cast(null as varchar) as before_ref,
        visit_id as after_ref,
        cast(null as varchar) as quote_before,
        {{ first_words('title') }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(null as double) as effect,
        source,
        url
    from told
)

select * from final_cte
