{{ config(materialized='days', meta={'entity': ['account_id', 'source'], 'marked': true}) }}
{%- set after = last_standing_day() %}
-- Appearances and departures of people. An appearance is proved by a second sighting at
-- least 24 hours after the first, a departure by the gone rule; a departure whose person is
-- back within 30 days is superseded at the return and stays in the log. A first list may
-- have been shown in part, and there is nothing to judge its length by: nobody is new
-- before a list was read on two good days, unless the second showed eight or more of whom at
-- most a fifth had not been there. A list shown in part lacks more.
--
-- Every claim says when it was known, so that after new visits alone the accounts of which
-- something was known since are judged anew, and those where a name came or a list was
-- believed late: both change who was seen when.
{%- set baseline_days = 2 %}
with all_sightings as not materialized (
    select * from {{ ref('hist_people_sightings') }}
),

all_lists as (
    select * from {{ ref('hist_people_lists') }}
),

listings as ( -- noqa: ST03
    select * from {{ ref('hist_people_listings') }}
),

classes as (
    select * from {{ ref('hist_title_classes') }}
),

{% if after -%}
touched as ( -- noqa: ST03
    -- Spells that began, or were seen for a day, since.
    select
        account_id,
        source
    from all_sightings
    group by account_id, source, person_key, spell_no
    having
        max(day) > date '{{ after }}'
        and coalesce(
            max(sighted_at) filter (where day <= date '{{ after }}') < min(sighted_at) + interval 24 hour,
            true
        )
    union
    select
        account_id,
        source
    from all_sightings
    where
        cast(gone_known_at as date) > date '{{ after }}'
        or cast(gone_superseded_at as date) > date '{{ after }}'
    union
    select
        account_id,
        source
    from listings
    where key_first_day > date '{{ after }}'
    union
    select
        account_id,
        source
    from all_lists
    where cast(believed_at as date) > date '{{ after }}'
),

{% endif -%}
sightings as (
    select all_sightings.*
    from all_sightings
    {% if after -%}
    semi join touched using (account_id, source)
    {%- endif %}
),

lists as (
    select all_lists.*
    from all_lists
    {% if after -%}
    semi join touched using (account_id, source)
    {%- endif %}
),

first_keys as (
    select
        *,
        -- ?page=2 and /page/2 go on with the list of the address without them.
        rtrim(
            regexp_replace(
                url,
                '[?&](page|p|side|sida|sivu|pg|paged|offset|start)=[0-9]+$'
                || '|/(page|side|sida|sivu|seite)/[0-9]+/?$',
                ''
            ),
            '/'
        ) as list_url,
        min(day) over (partition by account_id, source, person_key) as person_first_day
    from sightings
),

page_newcomers as (
    select
        account_id,
        source,
        list_url,
        url,
        day,
        count(*) filter (where person_first_day = day) as n_newcomers,
        max(n_seen) as n_people,
        bool_or(is_first_list) as is_first_list
    from first_keys
    group by account_id, source, list_url, url, day
),

nearly_whole as (
    select
        account_id,
        source,
        url,
        day,
        n_people >= 8 and n_newcomers <= 0.2 * n_people as is_nearly_whole
    from page_newcomers
),

-- What was known of a list on the day it was first seen. A list over several pages is one.
list_newcomers as (
    select
        account_id,
        source,
        list_url,
        day,
        sum(n_newcomers) as n_newcomers,
        sum(n_people) as n_people,
        bool_and(is_first_list) as is_first_list
    from page_newcomers
    group by account_id, source, list_url, day
),

list_baselines as (
    select
        pages.account_id,
        pages.source,
        pages.url,
        pages.day,
        -- A page seen for the first time appoints nobody, unless most of its people were
        -- known from other pages: then the roster has moved and what is new is new. Nor
        -- does a further page of a known list, unless it holds few: a list that grew.
        (
            pages.is_first_list
            and pages.n_newcomers > 0.4 * pages.n_people
            and (
                lists_of_pages.is_first_list
                or (
                    pages.n_newcomers >= 5
                    and pages.n_newcomers > 0.1 * lists_of_pages.n_people
                )
            )
        ) as is_baseline
    from page_newcomers as pages
    inner join list_newcomers as lists_of_pages
        on
            pages.account_id = lists_of_pages.account_id
            and pages.source = lists_of_pages.source
            and pages.list_url = lists_of_pages.list_url
            and pages.day = lists_of_pages.day
),

new_lists as (
    -- Pages that were a list of their own when they were first seen.
    select
        account_id,
        source,
        url
    from list_baselines
    where is_baseline
    group by account_id, source, url
),

absences as (
    -- The latest evidence of the page before each of its days, else of any other page.
    select
        account_id,
        source,
        url,
        day,
        last_value(case when is_evidence then fetched_at end ignore nulls) over earlier
            as page_lo_at,
        last_value(case when is_evidence then visit_id end ignore nulls) over earlier
            as page_lo_visit_id,
        count(*) filter (where is_evidence) over earlier as page_good_days
    from lists
    window
        earlier as (
            partition by account_id, source, url
            order by day
            rows between unbounded preceding and 1 preceding
        )
),

account_days as (
    select
        account_id,
        source,
        day,
        arg_max(fetched_at, (n_seen, url)) filter (where is_evidence) as evidence_at,
        arg_max(visit_id, (n_seen, url)) filter (where is_evidence) as evidence_visit_id
    from lists
    group by account_id, source, day
),

account_absences as (
    select
        account_id,
        source,
        day,
        last_value(evidence_at ignore nulls) over earlier as account_lo_at,
        last_value(evidence_visit_id ignore nulls) over earlier as account_lo_visit_id,
        count(evidence_at) over earlier as account_good_days
    from account_days
    window
        earlier as (
            partition by account_id, source
            order by day
            rows between unbounded preceding and 1 preceding
        )
),

spells as (
    select
        account_id,
        source,
        person_key,
        spell_no,
        min(sighted_at) as first_at,
        min(day) as first_day
    from sightings
    group by account_id, source, person_key, spell_no
),

proofs as (
    select
        spells.*,
        min(sightings.sighted_at) as proved_at
    from spells
    inner join sightings
        on
            spells.account_id = sightings.account_id
            and spells.source = sightings.source
            and spells.person_key = sightings.person_key
            and spells.spell_no = sightings.spell_no
            and sightings.sighted_at >= spells.first_at + interval 24 hour
    group by all
),

appeared as (
    select
        proofs.account_id,
        proofs.source,
        proofs.person_key,
        proofs.spell_no,
        proved.name,
        proved.title,
        first_sighting.url,
        first_sighting.order_no,
        'appeared' as event,
        coalesce(
            first_sighting.spell_lo_at, absences.page_lo_at, account_absences.account_lo_at
        ) as lo_at,
        coalesce(
            first_sighting.spell_lo_visit_id,
            absences.page_lo_visit_id,
            account_absences.account_lo_visit_id
        ) as before_visit_id,
        proofs.first_at as hi_at,
        first_sighting.visit_id as after_visit_id,
        first_sighting.name as shown_name,
        first_sighting.title as shown_title,
        proofs.proved_at as known_at,
        cast(null as timestamp) as superseded_at,
        proofs.spell_no = 1 and (
            coalesce(account_absences.account_good_days, 0)
            + cast(first_list.is_nearly_whole as integer) < {{ baseline_days }}
            or coalesce(account_absences.account_good_days, 0) = 0
            or (
                new_lists.url is not null
                and (
                    coalesce(absences.page_good_days, 0)
                    + cast(first_list.is_nearly_whole as integer) < {{ baseline_days }}
                    or coalesce(absences.page_good_days, 0) = 0
                )
            )
        ) as is_left_censored
    from proofs
    inner join sightings as first_sighting
        on
            proofs.account_id = first_sighting.account_id
            and proofs.source = first_sighting.source
            and proofs.person_key = first_sighting.person_key
            and proofs.first_at = first_sighting.sighted_at
    inner join sightings as proved
        on
            proofs.account_id = proved.account_id
            and proofs.source = proved.source
            and proofs.person_key = proved.person_key
            and proofs.proved_at = proved.sighted_at
    inner join nearly_whole as first_list
        on
            first_sighting.account_id = first_list.account_id
            and first_sighting.source = first_list.source
            and first_sighting.url = first_list.url
            and first_sighting.day = first_list.day
    left join new_lists
        on
            first_sighting.account_id = new_lists.account_id
            and first_sighting.source = new_lists.source
            and first_sighting.url = new_lists.url
    left join absences
        on
            first_sighting.account_id = absences.account_id
            and first_sighting.source = absences.source
            and first_sighting.url = absences.url
            and first_sighting.day = absences.day
    left join account_absences
        on
            first_sighting.account_id = account_absences.account_id
            and first_sighting.source = account_absences.source
            and first_sighting.day = account_absences.day
),

gone as (
    select
        sightings.account_id,
        sightings.source,
        sightings.person_key,
        sightings.spell_no,
        sightings.name,
        sightings.title,
        sightings.url,
        sightings.order_no,
        'gone' as event,
        sightings.sighted_at as lo_at,
        sightings.visit_id as before_visit_id,
        sightings.first_miss_at as hi_at,
        sightings.first_miss_visit_id as after_visit_id,
        sightings.name as shown_name,
        sightings.title as shown_title,
        sightings.gone_known_at as known_at,
        sightings.gone_superseded_at as superseded_at,
        false as is_left_censored
    from sightings
    inner join proofs
        on
            sightings.account_id = proofs.account_id
            and sightings.source = proofs.source
            and sightings.person_key = proofs.person_key
            and sightings.spell_no = proofs.spell_no
            and sightings.gone_known_at >= proofs.proved_at
),

all_events as (
    select * from appeared
    union all
    select * from gone
),

-- Many at once in one edit of a list tell of the list and not of the people: a page that
-- began to show everybody, a data file written anew. The claim stands from the moment at
-- which so many of them were proved.
edits as (
    select
        all_events.*,
        lists.n_seen as n_after,
        count(*) over (edit range between unbounded preceding and current row) as n_known
    from all_events
    left join lists on all_events.after_visit_id = lists.visit_id
    where not all_events.is_left_censored
    window
        edit as (
            partition by
                all_events.account_id, all_events.source, all_events.event, all_events.after_visit_id
            order by all_events.known_at
        )
),

bulk_edits as (
    select
        account_id,
        source,
        event,
        after_visit_id,
        min(known_at) as bulk_known_at
    from edits
    where {{ is_bulk_edit('event', 'n_known', 'n_after') }}
    group by account_id, source, event, after_visit_id
),

quoted as (
    select
        all_events.*,
        {{ first_words("concat_ws(', ', all_events.shown_name, all_events.shown_title)") }} as shown_quote,
        {{ first_words(
            "'not listed among ' || lists.n_seen || ' people, with '"
            " || array_to_string(lists.names[greatest(all_events.order_no, 1):all_events.order_no + 1], ' and ')"
        ) }} as missing_quote
    from all_events
    left join lists
        on
            lists.visit_id
            = case when all_events.event = 'gone' then all_events.after_visit_id else all_events.before_visit_id end
),

final_cte as (
    select
        {{ event_id([
            'quoted.account_id',
            'quoted.source',
            'quoted.person_key',
            'quoted.event',
            'quoted.lo_at',
            'quoted.hi_at',
        ]) }} as event_id,
        quoted.account_id,
        quoted.person_key,
        quoted.spell_no,
        quoted.name,
        quoted.title,
        coalesce(classes.function, 'unknown') as function,
        coalesce(classes.seniority, 1) as seniority,
        coalesce(classes.is_interim, false) as is_interim,
        quoted.source,
        quoted.url,
        quoted.event,
        case when not quoted.is_left_censored then quoted.lo_at end as effective_lo,
        quoted.hi_at as effective_hi,
        case
            when quoted.is_left_censored or quoted.lo_at is null then quoted.hi_at
            else quoted.lo_at + (quoted.hi_at - quoted.lo_at) / 2
        end as effective_pt,
        quoted.known_at,
        quoted.superseded_at,
        quoted.is_left_censored,
        case when not quoted.is_left_censored then bulk_edits.bulk_known_at end as bulk_known_at,
        case when not quoted.is_left_censored then quoted.before_visit_id end as before_visit_id,
        quoted.after_visit_id,
        case
            when quoted.event = 'gone' then quoted.shown_quote
            when not quoted.is_left_censored then quoted.missing_quote
        end as quote_before,
        case
            when quoted.event = 'gone' then quoted.missing_quote
            else quoted.shown_quote
        end as quote_after,
        case
            when not quoted.is_left_censored
                then date_diff('second', quoted.lo_at, quoted.hi_at) / 86400.0
        end as interval_days
    from quoted
    left join classes on quoted.title = classes.title
    left join bulk_edits
        on
            quoted.account_id = bulk_edits.account_id
            and quoted.source = bulk_edits.source
            and quoted.event = bulk_edits.event
            and quoted.after_visit_id = bulk_edits.after_visit_id
)

{% if after -%}
{{ marked_anew('final_cte', 'touched', 'account_id, source') }}
{%- else -%}
select * from final_cte
{%- endif %}
