-- Leaders of a function appointed, departed and replaced, leaders for the time being, and
-- changes of chief executive.
-- A chief executive told by register and site within 120 days is one signal: the first
-- telling stands alone (0.8) until the other is known, then gives way to both (1.0).
-- One who left and one who came are one change: who left stands until somebody else came,
-- and is not told when somebody else is there already.
{%- set one_source = 0.8 %}
{%- set reach_days = 120 %}
with moves as (
    select
        *,
        function = 'general' and seniority = 4 as is_ceo
    from {{ ref('leadership_moves') }}
),

replacements as (
    select * from {{ ref('leadership_replacements') }}
),

tellings as (
    select
        registry.move_id as registry_move_id,
        site.move_id as site_move_id,
        greatest(registry.known_at, site.known_at) as known_at
    from moves as registry
    inner join moves as site
        on
            registry.account_id = site.account_id
            and registry.name_ends = site.name_ends
            and registry.origin = 'filed'
            and site.origin <> 'filed'
            and site.event = 'appeared'
            and site.is_ceo
            and not site.is_interim
            and abs(date_diff('day', registry.effective_pt, site.effective_pt)) <= {{ reach_days }}
    qualify
        row_number() over (
            partition by registry.move_id
            order by greatest(registry.known_at, site.known_at), site.move_id
        ) = 1
        and row_number() over (
            partition by site.move_id
            order by greatest(registry.known_at, site.known_at), registry.move_id
        ) = 1
),

successions as (
    -- A chief executive gone and another come within 120 days.
    select
        predecessor.move_id as gone_move_id,
        successor.move_id as appeared_move_id,
        predecessor.known_at as gone_known_at,
        successor.known_at as appeared_known_at,
        predecessor.quote_before
    from moves as successor
    inner join moves as predecessor
        on
            successor.account_id = predecessor.account_id
            and successor.name_ends <> predecessor.name_ends
            and successor.event = 'appeared'
            and predecessor.event = 'gone'
            and successor.effective_lo - predecessor.effective_hi <= interval {{ reach_days }} day
            and predecessor.effective_lo - successor.effective_hi <= interval {{ reach_days }} day
            -- What was taken back before the other was known never met it.
            and coalesce(successor.superseded_at > predecessor.known_at, true)
            and coalesce(predecessor.superseded_at > successor.known_at, true)
    where successor.is_ceo and predecessor.is_ceo and not successor.is_interim and not predecessor.is_interim
),

predecessors as (
    -- Whom the newcomer followed, as far as known when they were told of.
    select
        appeared_move_id as move_id,
        arg_max(quote_before, (gone_known_at, gone_move_id)) as predecessor_quote
    from successions
    where gone_known_at <= appeared_known_at
    group by appeared_move_id
),

told as (
    select
        registry_move_id as move_id,
        known_at as told_at
    from tellings
    union all
    select
        site_move_id as move_id,
        known_at as told_at
    from tellings
    union all
    select
        gone_move_id as move_id,
        min(appeared_known_at) as told_at
    from successions
    group by gone_move_id
),

alone as (
    -- Two tellings known at the same moment never stood alone.
    select
        moves.* exclude (superseded_at, quote_before),
        coalesce(predecessors.predecessor_quote, moves.quote_before) as quote_before,
        case
            when moves.is_interim then 'interim_leader'
            when moves.is_ceo then 'ceo_change'
            when moves.event = 'gone' then 'functional_leader_departed'
            else 'functional_leader_appointed'
        end as signal_type,
        '' as subject_suffix,
        moves.magnitude * {{ one_source }} as strength,
        least(moves.superseded_at, told.told_at) as superseded_at
    from moves
    left join told on moves.move_id = told.move_id
    left join predecessors on moves.move_id = predecessors.move_id
    where
        coalesce(told.told_at > moves.known_at, true)
        -- Who held a role for the time being was meant to go.
        and not (moves.is_interim and moves.event = 'gone')
),

corroborated as (
    select
        registry.* exclude (known_at, magnitude, superseded_at, quote_before),
        site.person_title as site_title,
        'ceo_change' as signal_type,
        ':corroborated' as subject_suffix,
        tellings.known_at,
        cast(null as timestamp) as superseded_at,
        greatest(registry.magnitude, site.magnitude) as strength,
        coalesce(predecessors.predecessor_quote, site.quote_before) as quote_before
    from tellings
    inner join moves as registry on tellings.registry_move_id = registry.move_id
    inner join moves as site on tellings.site_move_id = site.move_id
    left join predecessors on site.move_id = predecessors.move_id
),

replaced as (
    select
        successor.* exclude (
            known_at, magnitude, superseded_at, before_visit_id, quote_before
        ),
        'functional_leader_replaced' as signal_type,
        '' as subject_suffix,
        replacements.known_at,
        replacements.superseded_at,
        predecessor.before_visit_id,
        predecessor.quote_before,
        greatest(successor.magnitude, predecessor.magnitude) * {{ one_source }} as strength
    from replacements
    inner join moves as successor on replacements.appeared_move_id = successor.move_id
    inner join moves as predecessor on replacements.gone_move_id = predecessor.move_id
),

all_signals as (
    select * from alone
    union all by name
    select * from corroborated
    union all by name
    select * from replaced
),

final_cte as (
    select
        account_id,
        signal_type,
        concat_ws(':', function, seniority, person_key) || subject_suffix as subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        strength,
        cast(null as double) as p_value,
        case when origin = 'filed' then 'filed_act' else 'observed_act' end as evidence_class,
        before_visit_id as before_ref,
        after_visit_id as after_ref,
        quote_before,
        quote_after,
        function,
        cast(seniority as bigint) as seniority,
        person_name,
        coalesce(site_title, person_title) as person_title,
        cast(null as double) as effect,
        source,
        url
    from all_signals
    qualify
        row_number() over (
            partition by account_id, signal_type, subject, effective_lo, effective_hi
            order by known_at, source, url
        ) = 1
)

select * from final_cte
