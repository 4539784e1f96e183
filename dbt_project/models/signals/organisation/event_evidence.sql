{#- Days between two tellings of one event, at most. -#}
{%- set reach_days = 120 -%}
{%- set same_keys = same_company('earlier.counterparty_key', 'later.counterparty_key') -%}
-- Which evidence tells of one event: the same account and family of type, at most 120 days
-- apart, and the same other company where both name one. Evidence joins what was known
-- before it, so that what comes later moves nothing that was told.
with recursive announced as (
    select * from {{ ref('hist_announcement_events') }}
    where event_family not in ('leadership', 'negative_mention', 'hiring_freeze')
),

unit_events as (
    select * from {{ ref('registry_unit_events') }}
),

menus as (
    select
        *,
        list_transform(list_filter(layout, entry -> entry.depth = 0), entry -> lower(entry.label)) as labels
    from {{ ref('hist_site_structure') }}
    where part = 'menu'
),

menu_steps as (
    select
        *,
        lag(labels) over page as previous_labels,
        -- A first menu read once may have been shown in part.
        lag(after_visit_id) over page <> before_visit_id as is_previous_read_twice
    from menus
    window page as (partition by account_id, source, url order by version)
),

certificates as (
    select * from {{ ref('site_certifications') }}
),

phased_out as (
    -- In an advertisement or on a page: the company says what it is leaving.
    select
        technologies.* exclude (before_visit_id),
        max(visits.fetched_at) as before_at,
        arg_max(visits.visit_id, visits.fetched_at) as before_visit_id
    from {{ ref('hist_technologies') }} as technologies
    inner join {{ ref('hist_visits') }} as visits
        on
            technologies.account_id = visits.account_id
            and technologies.source = visits.source
            and technologies.known_at > visits.fetched_at
            and visits.is_ok
    where technologies.is_phased_out and not technologies.is_left_censored
    group by all
),

repeated as (
    -- What was said before in the same words, and what comes out once a year.
    select distinct later.evidence_id
    from announced as later
    inner join announced as earlier
        on
            later.account_id = earlier.account_id
            and later.signal_type = earlier.signal_type
            and later.evidence_id <> earlier.evidence_id
            and later.known_at >= earlier.known_at
    where
        later.evidence_class <> 'filed_act'
        and (
            (
                later.words_key = earlier.words_key
                and coalesce(later.stated_at, later.known_at)
                > coalesce(earlier.stated_at, earlier.known_at) + interval 120 day
            )
            or (
                later.words_key = earlier.words_key
                and later.signal_type = 'strategy_statement'
                and later.known_at > earlier.known_at
            )
            or (
                later.signal_type = 'sustainability_or_compliance_focus'
                and coalesce(later.stated_at, later.known_at) - coalesce(earlier.stated_at, earlier.known_at)
                between interval 300 day and interval 430 day
            )
        )
),

evidence as (
    select
        evidence_id,
        account_id,
        event_family,
        signal_type,
        evidence_class,
        source,
        category,
        announcement_id,
        coalesce(quote, title) as title,
        counterparty_name,
        counterparty_key,
        is_group_internal,
        amount,
        currency,
        stated_at,
        coalesce(stated_at, known_at) as happened_at,
        known_at,
        visit_id,
        before_visit_id,
        before_at,
        url,
        announcement_url
    from announced
    anti join repeated on announced.evidence_id = repeated.evidence_id
    -- Old news that resurfaces is no event; what is filed late was filed all the same.
    where
        stated_at is null
        or stated_at >= known_at
        - case when evidence_class = 'filed_act' then interval 365 day else interval 120 day end
    union all by name
    select
        event_id as evidence_id,
        account_id,
        signal_type as event_family,
        signal_type,
        'filed_act' as evidence_class,
        source,
        'registry' as category,
        unit_number as announcement_id,
        concat_ws(', ', unit_name, place) as title,
        place as counterparty_name,
        lower(place) as counterparty_key,
        false as is_group_internal,
        stated_at,
        coalesce(stated_at, known_at) as happened_at,
        known_at,
        visit_id,
        before_visit_id,
        before_at,
        superseded_at as withdrawn_at,
        url
    from unit_events
    where signal_type is not null
    union all by name
    select
        md5(concat_ws('|', 'phase_out', account_id, source, name, evidence)) as evidence_id,
        account_id,
        'technology_phase_out_stated' as event_family,
        'technology_phase_out_stated' as signal_type,
        'statement' as evidence_class,
        source,
        evidence as category,
        url as announcement_id,
        quote as title,
        name as counterparty_name,
        lower(name) as counterparty_key,
        false as is_group_internal,
        known_at as happened_at,
        known_at,
        after_visit_id as visit_id,
        before_visit_id,
        before_at,
        url
    from phased_out
    union all by name
    -- Named on the company's pages, or not any more: what a text of the press says too.
    select
        md5(concat_ws('|', 'certificate', account_id, url, certificate, turn, effective_hi)) as evidence_id,
        account_id,
        'certification_' || turn as event_family,
        'certification_gained_or_lost' as signal_type,
        'observed_act' as evidence_class,
        source,
        'site_list' as category,
        url as announcement_id,
        certificate || ' ' || turn as title,
        certificate as counterparty_name,
        {{ company_name_key('certificate') }} as counterparty_key,
        false as is_group_internal,
        effective_hi as happened_at,
        known_at,
        superseded_at as withdrawn_at,
        after_ref as visit_id,
        before_ref as before_visit_id,
        effective_lo as before_at,
        url
    from certificates
    union all by name
    -- Branches that come and go are the second kind of evidence that units are moved about.
    select
        md5('reorganisation' || event_id) as evidence_id,
        account_id,
        'reorganisation' as event_family,
        'reorganisation' as signal_type,
        'filed_act' as evidence_class,
        source,
        'registry' as category,
        unit_number as announcement_id,
        unit_name as title,
        false as is_group_internal,
        stated_at,
        coalesce(stated_at, known_at) as happened_at,
        known_at,
        visit_id,
        before_visit_id,
        before_at,
        url
    from unit_events
    where signal_type in ('establishment_opened', 'establishment_closed')
    union all by name
    select
        md5(concat_ws('|', 'menu', account_id, source, url, version)) as evidence_id,
        account_id,
        'reorganisation' as event_family,
        'reorganisation' as signal_type,
        'observed_act' as evidence_class,
        source,
        'site' as category,
        url as announcement_id,
        array_to_string(list_filter(labels, label -> not list_contains(previous_labels, label)), ', ') as title,
        false as is_group_internal,
        valid_from as happened_at,
        known_at,
        after_visit_id as visit_id,
        before_visit_id,
        valid_from as before_at,
        url
    from menu_steps
    where
        is_previous_read_twice
        and len(list_filter(labels, label -> not list_contains(previous_labels, label)))
        + len(list_filter(previous_labels, label -> not list_contains(labels, label))) >= 3
),

pairs as (
    -- Everything known earlier that may be the same event.
    select
        later.evidence_id,
        later.counterparty_key,
        later.known_at,
        earlier.evidence_id as earlier_id,
        earlier.counterparty_key as earlier_key,
        earlier.known_at as earlier_known_at,
        {{ same_keys }} as is_same_party
    from evidence as later
    inner join evidence as earlier
        on
            later.account_id = earlier.account_id
            and later.event_family = earlier.event_family
            and (earlier.known_at, earlier.evidence_id) < (later.known_at, later.evidence_id)
            and abs(date_diff('day', earlier.happened_at, later.happened_at)) <= {{ reach_days }}
),

unnamed_roots as (
    -- Evidence that names nobody and has nothing before it: the first that names a
    -- company after it says who it was about.
    select
        pairs.earlier_id as evidence_id,
        arg_min(pairs.counterparty_key, (pairs.known_at, pairs.evidence_id)) as adopted_key
    from pairs
    anti join pairs as above on pairs.earlier_id = above.evidence_id
    where pairs.earlier_key is null and pairs.counterparty_key is not null
    group by pairs.earlier_id
),

parents as (
    select
        pairs.evidence_id,
        arg_min(pairs.earlier_id, (pairs.earlier_known_at, pairs.earlier_id)) as parent_id
    from pairs
    left join unnamed_roots on pairs.earlier_id = unnamed_roots.evidence_id
    where
        pairs.counterparty_key is null
        or pairs.is_same_party
        or {{ same_company('pairs.counterparty_key', 'unnamed_roots.adopted_key') }}
    group by pairs.evidence_id
),

rooted as (
    select
        evidence.evidence_id,
        evidence.evidence_id as event_id
    from evidence
    anti join parents on evidence.evidence_id = parents.evidence_id
    union all
    select
        parents.evidence_id,
        rooted.event_id
    from rooted
    inner join parents on rooted.evidence_id = parents.parent_id
),

final_cte as (
    select
        rooted.event_id,
        evidence.evidence_id,
        evidence.account_id,
        evidence.event_family,
        evidence.signal_type,
        evidence.evidence_class,
        evidence.source,
        evidence.category,
        evidence.announcement_id,
        evidence.title,
        evidence.counterparty_name,
        evidence.is_group_internal,
        evidence.amount,
        evidence.currency,
        evidence.stated_at,
        evidence.happened_at,
        evidence.known_at,
        evidence.withdrawn_at,
        evidence.visit_id,
        evidence.before_visit_id,
        evidence.before_at,
        evidence.url,
        evidence.announcement_url,
        row_number() over event_order as evidence_number,
        count(*) over (partition by rooted.event_id) as evidence_count
    from rooted
    inner join evidence on rooted.evidence_id = evidence.evidence_id
    window
        event_order as (
            partition by rooted.event_id order by evidence.known_at, evidence.evidence_id
        )
)

select * from final_cte
