{#- What is said of a title follows from its words and these rules: a title is judged once. -#}
{%- set reading = [title_words('w'), manages('w')] | join | replace("'", "''") -%}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='title',
        on_schema_change='fail'
    )
}}
-- Function, seniority and managing or not of every title ever shown, of people and of job
-- ads. A title is judged when it is new and when the rules are (29 of 84 s of a build of a
-- year of 60 accounts went into judging the same titles again).
with people as (
    select * from {{ ref('stg_observed__people') }}
),

job_ads as (
    select * from {{ ref('stg_observed__job_ads') }}
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

words as (
    select
        titles.title,
        titles.rules_version,
        {{ title_words('titles.title') }} as title_words
    from titles
),

matches as (
    select
        words.title,
        nullif(rules.function, '') as function,
        nullif(rules.seniority, 0) as seniority,
        (rules.priority, rules.pattern) as precedence
    from words
    left join rules on regexp_matches(words.title_words, rules.pattern)
),

first_matches as (
    select
        title,
        arg_min(function, precedence) filter (where function is not null) as function,
        arg_min(seniority, precedence) filter (where seniority is not null) as seniority
    from matches
    group by title
),

final_cte as (
    select
        words.title,
        coalesce(first_matches.function, 'unknown') as function,
        coalesce(first_matches.seniority, 1) as seniority,
        {{ manages('words.title_words') }} as is_manager,
        regexp_matches(
            words.title_words,
            ' (konstituert|fungerende|fungerande|tf|midlertidig|mellombels|interim|acting'
            || '|temporary|tillförordnad|vikarierende|väliaikainen|konst) '
        ) as is_interim,
        words.rules_version
    from words
    inner join first_matches on words.title = first_matches.title
)

select * from final_cte
