-- The titles of a person over time. A new title is one that the page which showed the old
-- one shows on two visits at least 24 hours apart; another page that words the same role
-- otherwise changes nothing.
with sightings as (
    select * from {{ ref('hist_people_sightings') }}
    where title_norm <> ''
),

classes as (
    select * from {{ ref('hist_title_classes') }}
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
        row_number() over person as version_no
    from changes
    left join classes on changes.title = classes.title
    window
        person as (
            partition by changes.account_id, changes.source, changes.person_key
            order by changes.sighted_at, changes.url
        )
)

select * from final_cte
