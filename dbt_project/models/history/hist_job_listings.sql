-- Ads on companies' own pages and boards: one row per account, source, day and ad
-- (position, where only title and place name it), with what the pages of that day say of it.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null and parser_version is not null
),

job_ads as (
    select * from {{ ref('stg_observed__job_ads') }}
),

ad_rows as (
    select
        visits.account_id,
        visits.day,
        visits.fetched_at,
        visits.visit_id,
        (not job_ads.is_listing, visits.fetched_at, visits.visit_id, job_ads.record_index) as reading,
        {{ ad_identity('job_ads.ad_id') }} as ad_ref,
        bool_or(job_ads.is_listing) over (
            partition by visits.account_id, visits.source
            order by visits.day
            range between unbounded preceding and current row
        ) as has_lists,
        job_ads.*
    from visits
    inner join job_ads
        on
            visits.source = job_ads.source
            and visits.url = job_ads.url
            and visits.payload_digest = job_ads.payload_digest
            and visits.parser_version = job_ads.parser_version
    where job_ads.ad_status = 'active'
),

first_days as (
    select
        account_id,
        source,
        ad_ref,
        min(day) as first_day
    from ad_rows
    where title is not null
    group by account_id, source, ad_ref
),

named as (
    -- Named by what was shown on the first day, the list before the ad's own page: a place
    -- learnt later does not make it another position.
    select
        ad_rows.account_id,
        ad_rows.source,
        ad_rows.ad_ref,
        ad_rows.day as first_day,
        {{ job_key(
            'arg_min(ad_rows.title, ad_rows.reading) filter (where ad_rows.title is not null)',
            'arg_min(ad_rows.place, ad_rows.reading) filter (where ad_rows.place is not null)'
        ) }} as name_key
    from ad_rows
    inner join first_days
        on
            ad_rows.account_id = first_days.account_id
            and ad_rows.source = first_days.source
            and ad_rows.ad_ref = first_days.ad_ref
            and ad_rows.day = first_days.first_day
    group by ad_rows.account_id, ad_rows.source, ad_rows.ad_ref, ad_rows.day
),

namesakes as (
    -- Ads that share title and place with another one.
    select *
    from named
    qualify count(*) over (partition by account_id, source, name_key) > 1
),

namesake_days as (
    select distinct
        namesakes.*,
        ad_rows.day,
        regexp_replace(ad_rows.url, '[?#].*$', '') as list_url
    from namesakes
    inner join ad_rows
        on
            namesakes.account_id = ad_rows.account_id
            and namesakes.source = ad_rows.source
            and namesakes.ad_ref = ad_rows.ad_ref
    where ad_rows.is_listing or not ad_rows.has_lists
),

beside as (
    -- Which namesakes stood there on an ad's first day: those it came in with, by number, and older ones.
    select
        namesakes.account_id,
        namesakes.source,
        namesakes.ad_ref,
        count(distinct others.ad_ref) filter (where others.first_day < namesakes.first_day) as n_older,
        count(distinct others.ad_ref) filter (
            where others.first_day = namesakes.first_day and others.ad_ref < namesakes.ad_ref
        ) as n_before
    from namesake_days as namesakes
    inner join namesake_days as others
        on
            namesakes.account_id = others.account_id
            and namesakes.source = others.source
            and namesakes.name_key = others.name_key
            and namesakes.first_day = others.day
            -- The same ad on two pages, each with its own link, is one.
            and namesakes.list_url = others.list_url
    where namesakes.day = namesakes.first_day
    group by namesakes.account_id, namesakes.source, namesakes.ad_ref
),

identities as (
    -- An ad that takes over the title and place of one that has gone is the same position. One that
    -- stands beside it is another: two listed at once are two to fill.
    select
        named.account_id,
        named.source,
        named.ad_ref,
        case
            when beside.n_older > 0 then named.name_key || '|' || named.ad_ref
            when beside.n_before > 0 then named.name_key || '|' || (beside.n_before + 1)
            else named.name_key
        end as job_key
    from named
    left join beside
        on
            named.account_id = beside.account_id
            and named.source = beside.source
            and named.ad_ref = beside.ad_ref
),

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
