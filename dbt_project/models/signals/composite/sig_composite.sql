-- Patterns of signals, as the seed composite_steps tells them: one row the first time all
-- steps of a pattern stand, dated by the step that completed it. `part_ids` are the
-- signals it is made of, in the order of the steps. It falls when one of them falls.
with recursive part_steps as (
    select * from {{ ref('composite_steps') }}
    where role = 'part'
),

vetoes as (
    select * from {{ ref('composite_steps') }}
    where role = 'veto'
),

lengths as (
    select
        pattern,
        max(step_no) as n_steps,
        max(within_days) filter (where step_no = 1) as quiet_days
    from part_steps
    group by pattern
),

atomic as (
    select * from {{ ref('signals_atomic') }}
    where signal_type in (select steps.signal_type from {{ ref('composite_steps') }} as steps)
),

notices_in_category as (
    select distinct
        notices.account_id,
        notices.notice_id
    from {{ ref('hist_notices') }} as notices
    inner join {{ ref('offer_cpv') }} as offer_cpv
        on len(list_filter(notices.cpv, code -> starts_with(code, offer_cpv.cpv_prefix))) > 0
    where notices.role = 'buyer'
),

functions_in_offers as (
    select distinct function
    from {{ ref('offer_functions') }}
),

events as (
    select
        atomic.*,
        notices_in_category.notice_id is not null or functions_in_offers.function is not null as is_match
    from atomic
    left join notices_in_category
        on
            atomic.account_id = notices_in_category.account_id
            and atomic.subject = notices_in_category.notice_id
    left join functions_in_offers on atomic.function = functions_in_offers.function
),

chains as (
    select
        part_steps.pattern,
        part_steps.step_no,
        events.account_id,
        [events.signal_id] as part_ids,
        events.effective_pt as first_pt,
        events.effective_pt as last_pt,
        events.known_at,
        events.superseded_at
    from events
    inner join part_steps on events.signal_type = part_steps.signal_type
    where part_steps.step_no = 1 and {{ concerns('events', 'part_steps') }}
    union all
    select
        chains.pattern,
        part_steps.step_no,
        chains.account_id,
        list_append(chains.part_ids, events.signal_id) as part_ids,
        least(chains.first_pt, events.effective_pt) as first_pt,
        greatest(chains.last_pt, events.effective_pt) as last_pt,
        greatest(chains.known_at, events.known_at) as known_at,
        -- The earlier of two moments of which either may be missing.
        least(
            coalesce(chains.superseded_at, events.superseded_at),
            coalesce(events.superseded_at, chains.superseded_at)
        ) as superseded_at
    from chains
    inner join part_steps
        on chains.pattern = part_steps.pattern and chains.step_no + 1 = part_steps.step_no
    inner join events
        on chains.account_id = events.account_id and part_steps.signal_type = events.signal_type
    where
        {{ concerns('events', 'part_steps') }}
        and case
            -- What was seen at one visit has no order.
            when part_steps.in_order
                then
                    events.effective_pt > chains.last_pt
                    and events.effective_pt <= chains.last_pt + to_days(cast(part_steps.within_days as integer))
            else
                events.effective_pt
                between chains.last_pt - to_days(cast(part_steps.within_days as integer))
                and chains.last_pt + to_days(cast(part_steps.within_days as integer))
        end
        and not list_contains(chains.part_ids, events.signal_id)
        -- Both stood when the later of them was known.
        and coalesce(events.superseded_at > chains.known_at, true)
        and coalesce(chains.superseded_at > events.known_at, true)
),

complete as (
    select
        chains.*,
        lengths.quiet_days
    from chains
    inner join lengths on chains.pattern = lengths.pattern and chains.step_no = lengths.n_steps
),

allowed as (
    -- One telling a moment: the one whose parts are latest.
    select complete.*
    from complete
    where
        not exists (
            select 1
            from vetoes
            inner join events on vetoes.signal_type = events.signal_type
            where
                vetoes.pattern = complete.pattern
                and events.account_id = complete.account_id
                and {{ concerns('events', 'vetoes') }}
                and events.known_at <= complete.known_at
                and coalesce(events.superseded_at > complete.known_at, true)
                and events.effective_pt > complete.known_at - to_days(cast(vetoes.within_days as integer))
        )
    qualify
        row_number() over (
            partition by complete.account_id, complete.pattern, complete.known_at
            order by complete.last_pt desc, complete.first_pt desc, complete.part_ids
        ) = 1
),

told as (
    -- Another of the same days is the same pattern going on.
    select allowed.*
    from allowed
    where not exists (
        select 1
        from allowed as earlier
        where
            earlier.account_id = allowed.account_id
            and earlier.pattern = allowed.pattern
            and earlier.known_at < allowed.known_at
            and earlier.known_at > allowed.known_at - to_days(cast(allowed.quiet_days as integer))
            and coalesce(earlier.superseded_at > allowed.known_at, true)
    )
),

parts as (
    select
        told.*,
        events.signal_id,
        events.signal_type,
        events.effective_lo as part_lo,
        events.effective_hi as part_hi,
        events.effective_pt as part_pt,
        events.strength,
        events.before_ref,
        events.after_ref,
        events.source,
        events.url,
        coalesce(events.quote_after, events.person_title, replace(events.subject, '_', ' ')) as words,
        -- A chain is no stronger than its weakest part.
        list_position(
            ['third_party_report', 'statement', 'observed_act', 'filed_act'], events.evidence_class
        ) as evidence_rank
    from told
    inner join events on told.account_id = events.account_id and list_contains(told.part_ids, events.signal_id)
),

grouped as (
    select
        account_id,
        pattern,
        part_ids,
        known_at,
        superseded_at,
        string_agg(signal_type, ' > ' order by list_position(part_ids, signal_id)) as types,
        arg_max(part_lo, (part_pt, signal_id)) as effective_lo,
        arg_max(part_hi, (part_pt, signal_id)) as effective_hi,
        max(part_pt) as effective_pt,
        least(1.0, min(strength)) as strength,
        min(evidence_rank) as evidence_rank,
        coalesce(
            arg_min(before_ref, (part_pt, signal_id)) filter (where before_ref is not null),
            arg_min(after_ref, (part_pt, signal_id))
        ) as before_ref,
        arg_max(after_ref, (part_pt, signal_id)) as after_ref,
        arg_min(words, (part_pt, signal_id)) as words_before,
        arg_max(words, (part_pt, signal_id)) as words_after,
        arg_max(source, (part_pt, signal_id)) as source,
        arg_max(url, (part_pt, signal_id)) as url
    from parts
    group by account_id, pattern, part_ids, known_at, superseded_at
),

final_cte as (
    select
        account_id,
        pattern as signal_type,
        types || ' #' || left(md5(array_to_string(part_ids, '|')), 8) as subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        strength,
        cast(null as double) as p_value,
        ['third_party_report', 'statement', 'observed_act', 'filed_act'][evidence_rank] as evidence_class,
        before_ref,
        after_ref,
        {{ first_words('words_before') }} as quote_before,
        {{ first_words('words_after') }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(null as double) as effect,
        source,
        url,
        part_ids
    from grouped
)

select * from final_cte
