-- What companies and registers tell of an organisation, one event with all its evidence
-- and one contribution, whatever the type: the types differ in their words and in what
-- proves them. A reorganisation needs a statement and a second kind of evidence, an open
-- conflict two independent classes, and what is bad news about the company somebody who
-- answers for it. An event is told anew when evidence changes its
-- strength, type or class; the telling before gives way (SCIENCE 2.5: register and own
-- site 1.0, one source 0.8, press only 0.7).
with evidence as (
    select * from {{ ref('event_evidence') }}
),

ranked as (
    select
        *,
        case evidence_class
            when 'filed_act' then 1
            when 'statement' then 2
            when 'observed_act' then 3
            when 'third_party_report' then 4
        end as class_rank,
        -- A signal is a difference: an observation before it, or an act with its own date.
        before_visit_id is not null
        or (evidence_class = 'filed_act' and stated_at is not null) as is_difference
    from evidence
),

so_far as (
    -- Every event as it was known after each piece of evidence.
    select
        *,
        bool_or(evidence_class = 'filed_act') over until_now as has_filed,
        bool_or(evidence_class in ('statement', 'third_party_report')) over until_now as has_told,
        bool_or(evidence_class = 'statement') over until_now as has_statement,
        bool_or(evidence_class = 'third_party_report') over until_now as has_report,
        bool_or(category = 'site') over until_now as has_site,
        bool_or(category = 'site_list') over until_now as has_site_list,
        bool_or(is_group_internal) over until_now as is_internal,
        bool_and(category = 'press' or evidence_class = 'third_party_report') over until_now as is_press_only,
        min(happened_at) over until_now as event_at,
        arg_min(evidence_id, (class_rank, known_at, evidence_id)) filter (where is_difference)
            over until_now as decisive_id,
        first_value(signal_type) over until_now as first_type
    from ranked
    window
        until_now as (
            partition by event_id
            order by known_at, evidence_id
            rows between unbounded preceding and current row
        )
),

decided as (
    select
        so_far.event_id,
        so_far.account_id,
        so_far.event_family,
        so_far.evidence_number,
        so_far.known_at as told_at,
        so_far.event_at,
        decisive.evidence_class,
        decisive.source,
        decisive.url,
        decisive.title,
        decisive.visit_id,
        decisive.before_visit_id,
        decisive.before_at,
        decisive.stated_at,
        decisive.withdrawn_at,
        case
            when so_far.event_family = 'merger' and so_far.has_filed then 'merger_registered'
            when so_far.event_family = 'merger' then 'merger_announced'
            else so_far.first_type
        end as signal_type,
        case
            when (so_far.has_filed or so_far.has_site_list) and so_far.has_told then 1.0
            when so_far.is_press_only then 0.7
            else 0.8
        end
        -- A tidying among companies of one group changes little for anybody.
        * case when so_far.is_internal then 0.3 else 1.0 end
        -- A loss is shown; what raises the score is a gain.
        * case when so_far.event_family = 'certification_lost' then 0.0 else 1.0 end as strength
    from so_far
    inner join ranked as decisive on so_far.decisive_id = decisive.evidence_id
    where
        case
            when so_far.event_family = 'reorganisation'
                then so_far.has_told and (so_far.has_site or so_far.has_filed)
            when so_far.event_family = 'public_conflict'
                then
                    cast(so_far.has_filed as integer) + cast(so_far.has_statement as integer)
                    + cast(so_far.has_report as integer) >= 2
            when so_far.event_family in ('workforce_reduction', 'security_incident')
                then so_far.has_filed or so_far.has_statement
            else true
        end
),

last_of_moment as (
    -- Evidence that came together is told together.
    select *
    from decided
    qualify
        row_number() over (partition by event_id, told_at order by evidence_number desc) = 1
),

changed as (
    select *
    from last_of_moment
    window
        event_order as (partition by event_id order by told_at)
    qualify
        lag(strength) over event_order is null
        or strength <> lag(strength) over event_order
        or signal_type <> lag(signal_type) over event_order
        or evidence_class <> lag(evidence_class) over event_order
),

tellings as (
    select
        *,
        row_number() over event_order as telling_number,
        least(lead(told_at) over event_order, withdrawn_at) as superseded_at
    from changed
    window
        event_order as (partition by event_id order by told_at)
),

final_cte as (
    select
        account_id,
        signal_type,
        event_family || ':' || event_id
        || case when telling_number > 1 then ':' || telling_number || ':corroborated' else '' end as subject,
        case when stated_at is null then least(before_at, event_at) else event_at end as effective_lo,
        event_at as effective_hi,
        case
            when stated_at is null then least(before_at, event_at) + (event_at - least(before_at, event_at)) / 2
            else event_at
        end as effective_pt,
        told_at as known_at,
        superseded_at,
        strength,
        cast(null as double) as p_value,
        evidence_class,
        before_visit_id as before_ref,
        visit_id as after_ref,
        cast(null as varchar) as quote_before,
        {{ first_words('title') }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        case event_family when 'certification_gained' then 1.0 when 'certification_lost' then -1.0 end as effect,
        source,
        url
    from tellings
)

select * from final_cte
