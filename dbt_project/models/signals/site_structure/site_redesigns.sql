-- Days on which a site was built anew or got another template: its frame is another, half
-- of what surrounds its matter is new, its platform or several of its services changed at
-- once, or its addresses moved. What changes with it says nothing of the company.
with layouts as (
    select * from {{ ref('hist_site_structure') }}
),

technologies as (
    select * from {{ ref('hist_technologies') }}
    where evidence not in ('job_text', 'page_text')
),

pages as (
    select * from {{ ref('hist_pages') }}
),

blocks as (
    select * from {{ ref('hist_blocks') }}
    where role in ('header', 'footer', 'aside')
),

steps as (
    select
        account_id,
        source,
        part,
        valid_from as seen_at,
        known_at,
        list_transform(layout, entry -> entry.target) as targets,
        layout,
        lag(layout) over page as previous_layout,
        list_transform(lag(layout) over page, entry -> entry.target) as previous_targets
    from layouts
    where part in ('frame', 'menu')
    window page as (partition by account_id, source, url, part order by version)
),

frames as (
    select
        account_id,
        source,
        seen_at,
        known_at,
        'frame' as reason
    from steps
    where
        part = 'frame'
        and previous_targets is not null
        and least(len(targets), len(previous_targets)) > 4
        and len(list_intersect(targets, previous_targets))
        < 0.6 * greatest(len(targets), len(previous_targets))
),

menu_moves as (
    select
        account_id,
        source,
        seen_at,
        known_at,
        len(list_filter(
            layout,
            entry -> entry.label is not null
            and not list_contains(previous_targets, entry.target)
            and list_contains(list_transform(previous_layout, old -> lower(old.label)), lower(entry.label))
        )) as n_moved,
        len(layout) as n_entries
    from steps
    where part = 'menu' and previous_layout is not null
),

technology_steps as (
    select
        account_id,
        source,
        category,
        appeared_hi as seen_at,
        known_at
    from technologies
    where not is_left_censored
    union all
    select
        account_id,
        source,
        category,
        gone_hi as seen_at,
        gone_known_at as known_at
    from technologies
    where gone_hi is not null
),

technology_days as (
    select
        account_id,
        source,
        seen_at,
        min(case when category in ('cms', 'framework', 'ecommerce') then known_at end) as platform_known_at,
        list_sort(list(known_at))[2] as second_known_at
    from technology_steps
    group by account_id, source, seen_at
),

template_days as (
    select
        account_id,
        source,
        valid_from as seen_at,
        valid_from as known_at
    from pages
    where change_class = 'template'
    group by account_id, source, valid_from
    having count(distinct url) >= 3
),

arrivals as (
    -- Texts around the matter of a site that stood nowhere on it before.
    select
        account_id,
        source,
        first_seen_at as seen_at,
        count(*) as n_new
    from (
        select
            account_id,
            source,
            block_key,
            min(first_seen_at) as first_seen_at,
            bool_or(is_left_censored) as is_left_censored
        from blocks
        group by account_id, source, block_key
    ) as firsts
    where not is_left_censored
    group by account_id, source, first_seen_at
    having count(*) >= 4
),

surrounded as (
    select
        arrivals.account_id,
        arrivals.source,
        arrivals.seen_at,
        arrivals.n_new,
        count(distinct blocks.block_key) as n_standing
    from arrivals
    inner join blocks
        on
            arrivals.account_id = blocks.account_id
            and arrivals.source = blocks.source
            and arrivals.seen_at >= blocks.first_seen_at
            -- Gone is known at the visit that proves it: until then it stands.
            and coalesce(arrivals.seen_at < blocks.gone_at, true)
    group by arrivals.account_id, arrivals.source, arrivals.seen_at, arrivals.n_new
),

reasons as (
    select * from frames
    union all by name
    select
        account_id,
        source,
        seen_at,
        known_at,
        'addresses' as reason
    from menu_moves
    where n_moved >= 2 and n_moved >= 0.2 * n_entries
    union all by name
    select
        account_id,
        source,
        seen_at,
        least(platform_known_at, second_known_at) as known_at,
        'technologies' as reason
    from technology_days
    where platform_known_at is not null or second_known_at is not null
    union all by name
    select
        account_id,
        source,
        seen_at,
        known_at,
        'template' as reason
    from template_days
    union all by name
    select
        account_id,
        source,
        seen_at,
        seen_at as known_at,
        'surroundings' as reason
    from surrounded
    where n_new >= 0.5 * n_standing
),

final_cte as (
    select
        account_id,
        source,
        seen_at,
        reason,
        min(known_at) as known_at
    from reasons
    group by account_id, source, seen_at, reason
)

select * from final_cte
