-- One row per page, day and person listed on it, as shown.
with lists as (
    select * from {{ ref('hist_people_lists') }}
),

people as (
    select * from {{ ref('stg_observed__people') }}
),

people_once as (
    select *
    from people
    qualify
        row_number() over (
            partition by source, url, payload_digest, parser_version, person_key
            order by order_no, record_index
        ) = 1
),

final_cte as (
    select
        lists.account_id,
        lists.source,
        lists.url,
        lists.day,
        lists.fetched_at,
        lists.visit_id,
        lists.n_seen,
        lists.med28,
        lists.is_first_list,
        people_once.person_key as shown_key,
        people_once.name,
        people_once.title,
        people_once.order_no,
        trim({{ title_words('people_once.title') }}) as title_norm,
        min(lists.day) over (
            partition by lists.account_id, lists.source, people_once.person_key
        ) as key_first_day
    from lists
    inner join people_once
        on
            lists.source = people_once.source
            and lists.url = people_once.url
            and lists.payload_digest = people_once.payload_digest
            and lists.parser_version = people_once.parser_version
)

select * from final_cte
