{{ config(materialized='days', meta={'entity': ['account_id', 'source'], 'marked': true}) }}
{%- set after = last_standing_day() %}
-- The titles of a person over time. A new title is one that the page which showed the old
-- one shows on two visits at least 24 hours apart; another page that words the same role
-- otherwise changes nothing.
--
-- After new visits alone, an account keeps its rows when no name came and every title shown
-- now was shown on the page in the month before and no other, on two days at least.
with all_sightings as not materialized (
    select * from {{ ref('hist_people_sightings') }}
    where title_norm <> ''
),

listings as ( -- noqa: ST03
    select * from {{ ref('hist_people_listings') }}
),

classes as (
    select * from {{ ref('hist_title_classes') }}
),

lists as (
    select * from {{ ref('hist_people_lists') }}
),

{% if after -%}
recent_titles as (
    select
        account_id,
        source,
        person_key,
        url
    from all_sightings
    where day > date '{{ after }}' - 35
    group by account_id, source, person_key, url
    having
        max(day) > date '{{ after }}'
        and (
            count(distinct title_norm) > 1
            or coalesce(
                max(sighted_at) filter (where day <= date '{{ after }}')
                < min(sighted_at) filter (where day <= date '{{ after }}') + interval 24 hour,
                true
            )
        )
),

touched as ( -- noqa: ST03
    select
        account_id,
        source
    from recent_titles
    union
    select
        account_id,
        source
    from listings
    where key_first_day > date '{{ after }}'
),

{% endif -%}
sightings as (
    select all_sightings.*
    from all_sightings
    {% if after -%}
    semi join touched using (account_id, source)
    {%- endif %}
),

steps as (
    select
        *,
        lag(title_norm) over page as previous_title_norm,
        lag(visit_id) over page as previous_visit_id,
        lag({{ first_words("concat_ws(', ', name, title)") }}) over page as previous_quote
    from sightings
    window page as (partition by account_id, source, person_key, url order by sighted_at)
),

runs as (
    select
        *,
        sum(case when title_norm is distinct from previous_title_norm then 1 else 0 end) over (
            partition by account_id, source, person_key, url
            order by sighted_at
            rows unbounded preceding
        ) as run_no
    from steps
),

run_starts as (
    select
        *,
        min(sighted_at) over (
            partition by account_id, source, person_key, url, run_no
        ) as run_start_at
    from runs
),

proofs as (
    select
        account_id,
        source,
        person_key,
        url,
        run_no,
        run_start_at,
        min(sighted_at) filter (where sighted_at >= run_start_at + interval 24 hour) as known_at
    from run_starts
    group by all
),

proved as (
    -- The first title of a page is only a version when it is the first one of the person.
    select
        run_starts.*,
        proofs.known_at,
        row_number() over (
            partition by run_starts.account_id, run_starts.source, run_starts.person_key
            order by run_starts.sighted_at, proofs.known_at, run_starts.url
        ) = 1 as is_first_of_person,
        row_number() over (
            partition by
                run_starts.account_id, run_starts.source, run_starts.person_key, run_starts.url
            order by run_starts.sighted_at
        ) = 1 as is_first_of_page
    from run_starts
    inner join proofs
        on
            run_starts.account_id = proofs.account_id
            and run_starts.source = proofs.source
            and run_starts.person_key = proofs.person_key
            and run_starts.url = proofs.url
            and run_starts.run_no = proofs.run_no
            and run_starts.sighted_at = proofs.run_start_at
    where proofs.known_at is not null
),

candidates as (
    select *
    from proved
    where is_first_of_person or not is_first_of_page
),

versions as (
    select
        *,
        lag(title_norm) over person as last_title_norm
    from candidates
    window person as (partition by account_id, source, person_key order by sighted_at, url)
),

changes as (
    select *
    from versions
    where title_norm is distinct from last_title_norm
),

numbered as (
    select
        changes.*,
        lists.n_seen as n_listed,
        row_number() over person as version_no
    from changes
    left join lists on changes.visit_id = lists.visit_id
    window
        person as (
            partition by changes.account_id, changes.source, changes.person_key
            order by changes.sighted_at, changes.url
        )
),

edits as (
    select
        *,
        count(*) over (
            partition by account_id, source, visit_id
            order by known_at
            range between unbounded preceding and current row
        ) as n_known
    from numbered
    where version_no > 1
),

rewordings as (
    -- Half of a list under new titles in one edit: written anew, or in another language.
    select
        account_id,
        source,
        visit_id,
        min(known_at) as reworded_known_at
    from edits
    where n_known >= 3 and n_known >= 0.5 * n_listed
    group by account_id, source, visit_id
),

final_cte as (
    select
        changes.account_id,
        changes.person_key,
        changes.name,
        changes.title,
        coalesce(classes.function, 'unknown') as function,
        coalesce(classes.seniority, 1) as seniority,
        coalesce(classes.is_interim, false) as is_interim,
        changes.source,
        changes.url,
        changes.sighted_at as valid_from,
        lead(changes.sighted_at) over person as valid_to,
        lead(changes.known_at) over person as valid_to_known_at,
        changes.known_at,
        changes.previous_visit_id as before_visit_id,
        changes.visit_id as after_visit_id,
        changes.previous_quote as quote_before,
        {{ first_words("concat_ws(', ', changes.name, changes.title)") }} as quote_after,
        changes.version_no,
        case when changes.version_no > 1 then rewordings.reworded_known_at end as reworded_known_at
    from numbered as changes
    left join classes on changes.title = classes.title
    left join rewordings
        on
            changes.account_id = rewordings.account_id
            and changes.source = rewordings.source
            and changes.visit_id = rewordings.visit_id
    window
        person as (
            partition by changes.account_id, changes.source, changes.person_key
            order by changes.sighted_at, changes.url
        )
)

{% if after -%}
{{ marked_anew('final_cte', 'touched', 'account_id, source') }}
{%- else -%}
select * from final_cte
{%- endif %}
