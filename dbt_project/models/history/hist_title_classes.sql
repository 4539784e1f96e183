{#- What is said of a title follows from its words and these rules: a title is judged once. -#}
{%- set reading = [
    title_words('w'), manages('w'), is_interim('w'), is_during_leave('w'), is_founder('w'), role_kinds('w'),
] | join | replace("'", "''") -%}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='title',
        on_schema_change='fail'
    )
}}
-- Function, seniority and managing or not of every title ever shown, of people, of job ads
-- and of press texts. A title is judged when it is new and when the rules are (29 of 84 s
-- of a build of a year of 60 accounts went into judging the same titles again).
with people as (
    select * from {{ ref('hist_people_listings') }}
),

job_ads as (
    select * from {{ ref('stg_observed__job_ads') }}
),

announcements as (
    select * from {{ ref('stg_observed__announcements') }}
),

press_titles as (
    select unnest(announcements.statements).title as title
    from announcements
    where len(announcements.statements) > 0
),

rules as (
    select * from {{ ref('title_rules') }}
),

rules_now as (
    select
        md5(
            md5('{{ reading }}')
            || string_agg(
                concat_ws('|', rules.priority, rules.pattern, rules.function, rules.seniority),
                '\n' order by rules.priority, rules.pattern
            )
        ) as rules_version
    from rules
),

shown_titles as (
    select people.title
    from people
    where people.title is not null
    union
    select job_ads.title
    from job_ads
    where job_ads.title is not null
    union
    select press_titles.title
    from press_titles
    where press_titles.title is not null
),

titles as (
    select
        shown_titles.title,
        rules_now.rules_version
    from shown_titles
    cross join rules_now
    {% if is_incremental() -%}
    left join {{ this }} as judged
        on
            shown_titles.title = judged.title
            and rules_now.rules_version = judged.rules_version
    where judged.title is null
    {%- endif %}
),

divided as (
    -- "Head of Design; Interim VP Product" is two titles of one person.
    select
        title,
        rules_version,
        string_split_regex(title, '\s*[;|]\s*') as title_parts
    from titles
),

numbered as (
    select
        title,
        rules_version,
        title_parts,
        unnest(range(1, len(title_parts) + 1)) as part_no
    from divided
),

parts as (
    select
        title,
        rules_version,
        part_no,
        title_parts[part_no] as part
    from numbered
),

words as (
    select distinct
        part,
        {{ title_words('part') }} as part_words
    from parts
),

-- A pattern of a column is compiled for each title it is held against (41.5 s of 23,227
-- titles): it is held against all titles at once, a line each (1.4 s).
lines as (
    select string_agg(distinct part_words, chr(10)) as all_words
    from words
),

matched_lines as (
    select
        unnest(regexp_extract_all(lines.all_words, '(?m)^.*(?:' || rules.pattern || ').*$')) as part_words,
        nullif(rules.function, '') as function,
        nullif(rules.seniority, 0) as seniority,
        (rules.priority, rules.pattern) as precedence
    from lines
    cross join rules
),

matches as (
    select
        words.part,
        matched_lines.function,
        matched_lines.seniority,
        matched_lines.precedence
    from words
    left join matched_lines on words.part_words = matched_lines.part_words
),

part_classes as (
    select
        part,
        arg_min(function, precedence) filter (where function is not null) as function,
        coalesce(arg_min(seniority, precedence) filter (where seniority is not null), 1) as seniority
    from matches
    group by part
),

main_parts as (
    -- The most senior one says what its holder is; of several the first.
    select
        parts.title,
        parts.rules_version,
        part_classes.function,
        part_classes.seniority,
        {{ title_words('parts.title') }} as title_words,
        {{ title_words('parts.part') }} as part_words
    from parts
    inner join part_classes on parts.part = part_classes.part
    qualify
        row_number() over (
            partition by parts.title
            order by case when part_classes.seniority = 5 then 0 else part_classes.seniority end desc, parts.part_no
        ) = 1
),

final_cte as (
    select
        title,
        coalesce(function, 'unknown') as function,
        seniority,
        {{ manages('title_words') }} as is_manager,
        {{ is_interim('part_words') }} as is_interim,
        {{ is_during_leave('title_words') }} as is_during_leave,
        {{ is_founder('title_words') }} as is_founder,
        {{ role_kinds('title_words') }} as role_kinds,
        rules_version
    from main_parts
)

select * from final_cte
