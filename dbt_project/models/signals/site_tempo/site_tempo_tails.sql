{{ config(materialized='days') }}
-- Gamma-Poisson tails (SCIENCE 2.1) of how often a company rewrites its core pages and of
-- how often it publishes news: 8 weeks against the 44 before, without the days out of
-- season, deflated for dispersion and set against what the sector does.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null and parser_version is not null
),

items as (
    select * from {{ ref('site_tempo_items') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
    where {{ is_to_build('as_of') }}
),

reading_days as (
    select
        account_id,
        case
            when source = 'company_pages' and scope <> 'news' then 'edits'
            else 'publishing'
        end as series,
        day,
        arg_max(visit_id, (fetched_at, visit_id)) as visit_id,
        max(fetched_at) as fetched_at
    from visits
    where
        source in ('press_feeds', 'ntb_releases')
        or (
            source = 'company_pages'
            and scope in (
                'news', 'about', 'services', 'products', 'prices', 'customers', 'partners', 'strategy',
                'content', 'sustainability'
            )
        )
    group by all
),

{{ tempo_exposure('reading_days', 'items', 'account_id, series', seasonal=true) }},

{{ tempo_dispersion('tempo_exposed', 'items', 'account_id, series', pool='series') }},

exposure as (
    select
        tempo_exposed.*,
        coalesce(accounts.segment, '') as segment
    from tempo_exposed
    inner join accounts on tempo_exposed.account_id = accounts.account_id
),

{{ tempo_tails('exposure', 'tempo_dispersed', 'account_id, series', pool='series') }},

final_cte as (
    select
        exposure.* exclude (segment),
        tempo_tailed.phi,
        tempo_tailed.effect,
        tempo_tailed.n_expected,
        tempo_tailed.has_baseline,
        tempo_tailed.p_up,
        tempo_tailed.p_down
    from exposure
    left join tempo_tailed using (account_id, series, as_of)
)

select * from final_cte
