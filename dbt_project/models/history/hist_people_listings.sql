{{ config(materialized='days', meta={'day_column': 'day'}) }}
{%- set after = last_standing_day() %}
-- One row per page, day and person listed on it, as shown.
with lists as (
    select * from {{ ref('hist_people_lists') }}
    where {{ is_to_build('day') }}
),

people as (
    select * from {{ ref('stg_observed__people') }}
),

titles_once as (
    select
        source,
        url,
        payload_digest,
        parser_version,
        person_key,
        title,
        arg_min(name, (order_no, record_index)) as name,
        min(order_no) as order_no,
        min((order_no, record_index)) as place
    from people
    {% if after -%}
    semi join lists using (source, url, payload_digest, parser_version)
    {%- endif %}
    group by source, url, payload_digest, parser_version, person_key, title
),

people_once as (
    -- Listed more than once on a page: one person with all of the titles, in the order of
    -- the page to show and in none to compare.
    select
        source,
        url,
        payload_digest,
        parser_version,
        person_key,
        arg_min(name, place) as name,
        min(order_no) as order_no,
        string_agg(title, '; ' order by place) as title,
        coalesce(array_to_string(
            list_sort(list(distinct trim({{ title_words('title') }})) filter (where title is not null)), ' '
        ), '') as title_norm
    from titles_once
    group by source, url, payload_digest, parser_version, person_key
),

{% if after -%}
shown_before as ( -- noqa: ST03
    select
        account_id,
        source,
        shown_key,
        min(key_first_day) as first_day
    from {{ this }}
    where day <= date '{{ after }}'
    group by account_id, source, shown_key
),

{% endif -%}
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
        people_once.title_norm,
        {% if after -%}
        coalesce(shown_before.first_day,
        {%- endif %} min(lists.day) over (
            partition by lists.account_id, lists.source, people_once.person_key
        ){% if after %}){% endif %} as key_first_day
    from lists
    inner join people_once
        on
            lists.source = people_once.source
            and lists.url = people_once.url
            and lists.payload_digest = people_once.payload_digest
            and lists.parser_version = people_once.parser_version
    {% if after -%}
    left join shown_before -- noqa: ST11
        on
            lists.account_id = shown_before.account_id
            and lists.source = shown_before.source
            and people_once.person_key = shown_before.shown_key
    {%- endif %}
)

select * from final_cte
