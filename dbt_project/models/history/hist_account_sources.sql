-- Which account can be seen in which source at all, as the watch list stands.
with accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

sources as (
    select * from {{ ref('stg_lyttepost__sources') }}
),

places as (
    select
        account_id,
        source,
        count(*) as n_places
    from {{ ref('stg_lyttepost__places') }}
    group by account_id, source
),

opt_outs as (
    select
        account_id,
        bool_or(domain = '') as is_whole,
        count(*) filter (where domain <> '') as n_domains
    from {{ ref('stg_lyttepost__opt_outs') }}
    group by account_id
),

final_cte as (
    select
        accounts.account_id,
        sources.source,
        sources.needs,
        coalesce(opt_outs.is_whole, false)
        or (
            sources.needs = 'domains'
            and len(accounts.domains) > 0
            and coalesce(opt_outs.n_domains, 0) >= len(accounts.domains)
        ) as is_opted_out,
        case
            when
                len(sources.countries) > 0
                and not coalesce(list_contains(sources.countries, accounts.country), false)
                then 'its country is not covered'
            when sources.needs = 'domains' and len(accounts.domains) = 0
                then 'no domain is known'
            when sources.needs = 'org_number' and accounts.org_number is null
                then 'no organisation number is known'
            when sources.needs = 'place' and coalesce(places.n_places, 0) = 0
                then 'no place of it is known'
        end as lacks
    from accounts
    cross join sources
    left join places
        on accounts.account_id = places.account_id and sources.source = places.source
    left join opt_outs on accounts.account_id = opt_outs.account_id
)

select * from final_cte
