{{ config(materialized='days', meta={'day_column': 'day'}) }}
-- Ads on companies' own pages and boards: one row per account, source, day and ad
-- (position, where only title and place name it), with what the pages of that day say of it.
with visits as (
    select * from {{ ref('hist_visits') }}
),

job_ads as (
    select * from {{ ref('stg_observed__job_ads') }}
),

identities as (
    select * from {{ ref('hist_job_identities') }}
),

{{ job_ad_rows() }},

keyed as (
    -- A system's own number names an ad: another number is another ad, though it may be the same
    -- position again. On a company's own pages addresses change, and title and place must do.
    select
        ad_rows.*,
        identities.job_key,
        case when ad_rows.source = 'company_pages' then identities.job_key else ad_rows.ad_ref end as spell_ref
    from ad_rows
    inner join identities
        on
            ad_rows.account_id = identities.account_id
            and ad_rows.source = identities.source
            and ad_rows.ad_ref = identities.ad_ref
            -- Before it had a title nobody knew what it was.
            and ad_rows.day >= identities.first_day
),

final_cte as (
    -- Where a company lists its ads, only the list says that an ad is open: pages of filled
    -- positions stay up for long. An ad's own page adds words to it.
    select
        account_id,
        source,
        day,
        spell_ref,
        job_key,
        arg_min(fetched_at, reading) as fetched_at,
        arg_min(visit_id, reading) as visit_id,
        arg_min(url, reading) as list_url,
        arg_min(ad_id, (not is_listing, ad_id)) as ad_id,
        arg_min(title, reading) filter (where title is not null) as title,
        arg_min(employer_name, reading) filter (where employer_name is not null) as employer,
        arg_min(place, reading) filter (where place is not null) as place,
        arg_min(ad_url, reading) filter (where ad_url is not null) as ad_url,
        arg_min(apply_url, reading) filter (where apply_url is not null) as apply_url,
        arg_max(terms, (len(terms), visit_id, -record_index)) as terms,
        min(posted_at) as posted_at
    from keyed
    group by account_id, source, day, spell_ref, job_key
    having bool_or(is_listing or not has_lists)
)

select * from final_cte
