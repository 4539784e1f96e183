-- What menus, lists of offerings and links to own hosts tell: another structure, an
-- offering more or less, another order of priorities, a new portal. Markup plays no part,
-- and nothing is told that came with a redesign.
with changes as (
    select * from {{ ref('site_list_changes') }}
),

layouts as (
    select * from {{ ref('hist_site_structure') }}
    where part in ('menu', 'offerings', 'showcase')
),

page_visits as (
    select * from {{ ref('hist_page_visits') }}
),

visits as not materialized (
    select * from {{ ref('hist_visits') }}
),

blocks as (
    select * from {{ ref('hist_blocks') }}
    where role = 'main' and not is_boilerplate
),

calm as (
    select
        *,
        list_transform(before_layout, entry -> entry.target) as before_targets,
        list_transform(after_layout, entry -> entry.target) as after_targets,
        list_transform(before_layout, entry -> {{ label_key('entry.label') }}) as before_labels,
        list_transform(after_layout, entry -> {{ label_key('entry.label') }}) as after_labels,
        list_filter(before_layout, entry -> entry.label is not null) as before_items,
        list_filter(after_layout, entry -> entry.label is not null) as after_items
    from changes
    where
        not is_return
        and n_runs <= 4
        and coalesce(redesign_known_at > stood_two_weeks_at, true)
        and effective_hi - observed_from >= interval 28 day
),

-- Items without a counterpart: another target and another label.
differences as (
    select
        *,
        list_filter(
            after_items,
            entry -> not list_contains(before_targets, entry.target)
            and not list_contains(before_labels, {{ label_key('entry.label') }})
        ) as added,
        list_filter(
            before_items,
            entry -> not list_contains(after_targets, entry.target)
            and not list_contains(after_labels, {{ label_key('entry.label') }})
        ) as removed,
        list_filter(
            after_items,
            entry -> list_contains(before_targets, entry.target)
            and not list_contains(before_labels, {{ label_key('entry.label') }})
        ) as renamed,
        -- A menu in another language is the same menu.
        len(list_filter(after_targets, target -> regexp_matches(target, '^/[a-z]{2}(/|$)')))
        > 0.5 * len(after_targets)
        and len(list_filter(before_targets, target -> regexp_matches(target, '^/[a-z]{2}(/|$)')))
        <= 0.5 * len(before_targets) as is_other_language
    from calm
),

menu_changes as (
    select
        *,
        (len(added) + len(removed) + 0.5 * len(renamed))
        / cast(greatest(len(before_items), len(after_items)) as double) as distance
    from differences
    where part = 'menu' and not is_other_language
),

structure as (
    select
        'site_structure_change' as signal_type,
        'menu' as subject,
        differences.*,
        stood_two_weeks_at as known_at,
        least(1.0, distance) as strength,
        distance as effect,
        array_to_string(list_transform(removed, entry -> entry.label), ', ') as quote_before,
        array_to_string(list_transform(added, entry -> entry.label), ', ') as quote_after
    from menu_changes as differences
    where
        len(before_items) >= 3
        and len(added) + len(removed) + 0.5 * len(renamed) >= 3
        and len(added) >= 1
        and distance >= 0.25
),

offering_items as (
    select
        differences.* exclude (added, removed),
        'offering_added' as signal_type,
        unnest(added) as item
    from differences
    where
        part = 'offerings'
        and not is_other_language
        and len(before_items) >= 1
        and len(added) <= greatest(2, 0.5 * len(before_items))
        -- A list made anew is another list.
        and len(removed) <= 0.5 * len(before_items)
    union all by name
    select
        differences.* exclude (added, removed),
        'offering_removed' as signal_type,
        unnest(removed) as item
    from differences
    where
        part = 'offerings'
        and not is_other_language
        and len(after_items) >= 1
        and len(removed) <= 0.5 * len(before_items)
),

offerings as (
    select
        *,
        {{ label_key('item.label') }} as item_key,
        rtrim(regexp_extract(url, '^https?://[^/]+') || item.target, '/') as item_url
    from offering_items
    where
        (signal_type = 'offering_removed' or not list_contains(earlier_targets, item.target))
        and not {{ is_campaign('item.label') }}
),

entries as (
    select
        account_id,
        source,
        valid_from,
        known_at,
        valid_to_known_at,
        unnest(layout) as entry
    from layouts
),

listed as (
    -- In a menu or list before (not new), or in one still (not gone).
    select distinct
        offerings.account_id,
        offerings.signal_type,
        offerings.item_url,
        offerings.effective_hi
    from offerings
    inner join entries
        on
            offerings.account_id = entries.account_id
            and offerings.source = entries.source
            and (
                offerings.item.target = entries.entry.target
                or offerings.item_key = {{ label_key('entries.entry.label') }}
            )
    where
        entries.entry.label is not null
        and case
            when offerings.signal_type = 'offering_added'
                then
                    entries.known_at <= offerings.effective_lo
                    and entries.valid_from < offerings.effective_hi - interval 7 day
            else
                entries.known_at <= offerings.stood_two_weeks_at
                and coalesce(entries.valid_to_known_at > offerings.stood_two_weeks_at, true)
        end
),

readings as (
    -- Its page was read before it was listed, or is read still.
    select distinct
        offerings.account_id,
        offerings.signal_type,
        offerings.item_url,
        offerings.effective_hi
    from offerings
    inner join page_visits
        on
            offerings.account_id = page_visits.account_id
            and offerings.source = page_visits.source
            and offerings.item_url = rtrim(page_visits.url, '/')
    inner join visits on page_visits.visit_id = visits.visit_id
    where
        case
            when offerings.signal_type = 'offering_added'
                then page_visits.fetched_at < offerings.effective_lo - interval 7 day
            else
                page_visits.fetched_at >= offerings.effective_hi + interval 1 day
                and page_visits.fetched_at <= offerings.stood_two_weeks_at
                and coalesce(len(visits.redirect_chain), 0) = 0
        end
),

texts as (
    select
        offerings.account_id,
        offerings.source,
        offerings.signal_type,
        offerings.item_url,
        offerings.effective_lo,
        offerings.effective_hi,
        offerings.stood_two_weeks_at,
        own.block_key
    from offerings
    inner join blocks as own
        on
            offerings.account_id = own.account_id
            and offerings.source = own.source
            and offerings.item_url = rtrim(own.url, '/')
            and offerings.stood_two_weeks_at >= own.first_seen_at
    -- Headings stand on the page of the list too.
    where len(string_split(own.text, ' ')) >= 6
),

moves as (
    -- Its text stood, or stands now, at another address: it has moved.
    select
        texts.account_id,
        texts.signal_type,
        texts.item_url,
        texts.effective_hi
    from texts
    left join blocks as other
        on
            texts.account_id = other.account_id
            and texts.source = other.source
            and texts.block_key = other.block_key
            and texts.item_url <> rtrim(other.url, '/')
            and texts.stood_two_weeks_at >= other.first_seen_at
            and (
                texts.signal_type = 'offering_added'
                or other.first_seen_at > texts.effective_lo - interval 28 day
            )
    group by texts.account_id, texts.signal_type, texts.item_url, texts.effective_hi
    having count(distinct other.block_key) >= 0.5 * count(distinct texts.block_key)
),

offering_changes as (
    select
        offerings.* exclude (item, item_key, item_url),
        {{ first_words('offerings.item.label', 10) }} as subject,
        offerings.stood_two_weeks_at as known_at,
        1.0 as strength,
        cast(null as double) as effect,
        case when offerings.signal_type = 'offering_removed' then offerings.item.label end as quote_before,
        case when offerings.signal_type = 'offering_added' then offerings.item.label end as quote_after
    from offerings
    anti join listed using (account_id, signal_type, item_url, effective_hi)
    anti join readings using (account_id, signal_type, item_url, effective_hi)
    anti join moves using (account_id, signal_type, item_url, effective_hi)
    -- The menu and the list of services tell of one offering: once.
    qualify
        row_number() over (
            partition by offerings.account_id, offerings.signal_type, offerings.item_key
            order by offerings.stood_two_weeks_at, offerings.effective_hi, offerings.url, offerings.part
        ) = 1
),

ranked as (
    select
        differences.*,
        list_filter(before_items, entry -> list_contains(after_targets, entry.target)) as before_shared,
        list_filter(after_items, entry -> list_contains(before_targets, entry.target)) as after_shared
    from differences
    where
        part in ('offerings', 'showcase')
        and stood_three_weeks_at is not null
        and n_runs <= 3
        and n_settled <= 3
        and coalesce(redesign_known_at > stood_three_weeks_at, true)
),

ranked_lists as (
    select
        *,
        list_transform(after_shared, item -> lower(item.label))
        = list_sort(list_transform(after_shared, item -> lower(item.label))) as is_by_alphabet
    from ranked
    where
        len(before_shared) >= 3
        and len(before_shared) >= 0.7 * greatest(len(before_items), len(after_items))
),

ranked_items as (
    select
        *,
        unnest(after_shared) as entry
    from ranked_lists
    -- In the order of the alphabet nothing comes first.
    where not is_by_alphabet
),

ranks as (
    select
        account_id,
        source,
        url,
        part,
        effective_hi,
        entry.label,
        entry.target,
        row_number() over (
            partition by account_id, source, url, part, effective_hi
            order by entry.order_no
        ) as rank_after,
        list_position(list_transform(before_shared, old -> old.target), entry.target) as rank_before
    from ranked_items
),

promoted as (
    select *
    from ranks
    where
        rank_before - rank_after >= 2
        and rank_after <= 2
        and not {{ is_campaign('label') }}
    qualify
        row_number() over (
            partition by account_id, source, url, part, effective_hi
            order by rank_before - rank_after desc, rank_after
        ) = 1
),

reorders as (
    select
        'priority_reorder' as signal_type,
        {{ first_words('promoted.label', 10) }} as subject,
        ranked.* exclude (before_shared, after_shared),
        ranked.stood_three_weeks_at as known_at,
        least(1.0, (promoted.rank_before - promoted.rank_after) / 4.0) as strength,
        cast(promoted.rank_before - promoted.rank_after as double) as effect,
        array_to_string(list_transform(ranked.before_shared[1:4], entry -> entry.label), ', ') as quote_before,
        array_to_string(list_transform(ranked.after_shared[1:4], entry -> entry.label), ', ') as quote_after
    from ranked
    inner join promoted using (account_id, source, url, part, effective_hi)
    -- The menu and the front page tell of one new order: once.
    qualify
        row_number() over (
            partition by ranked.account_id, ranked.effective_hi order by ranked.part, ranked.url
        ) = 1
),

host_lists as (
    select
        *,
        len(list_filter(after_targets, target -> not list_contains(before_targets, target))) as n_new
    from differences
    where part = 'hosts'
),

hosts as (
    select
        *,
        unnest(after_items) as host
    from host_lists
    -- Many at once are a list of other sites.
    where n_new <= 2
),

new_hosts as (
    select
        'new_subdomain_or_portal' as signal_type,
        host.target as subject,
        hosts.*,
        stood_two_weeks_at as known_at,
        1.0 as strength,
        cast(null as double) as effect,
        cast(null as varchar) as quote_before,
        concat_ws(': ', host.target, nullif(host.label, '')) as quote_after
    from hosts
    where not list_contains(before_targets, host.target) and not list_contains(earlier_targets, host.target)
),

seen_hosts as (
    select
        visits.account_id,
        regexp_extract(visits.url, '^https?://(?:www\.)?([^/:]+)', 1) as host,
        min(visits.fetched_at) as first_at
    from visits
    semi join new_hosts on visits.account_id = new_hosts.account_id
    where visits.is_ok
    group by visits.account_id, regexp_extract(visits.url, '^https?://(?:www\.)?([^/:]+)', 1)
),

portals as (
    select new_hosts.*
    from new_hosts
    anti join seen_hosts
        on
            new_hosts.account_id = seen_hosts.account_id
            and new_hosts.subject = seen_hosts.host
            and new_hosts.effective_lo > seen_hosts.first_at
),

told as (
    {{ one_after_the_other(['structure', 'offering_changes', 'reorders', 'portals'], 'known_at') }}
),

final_cte as (
    select
        account_id,
        signal_type,
        subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        case
            when reverted_at > known_at and reverted_at <= known_at + interval 60 day then reverted_at
        end as superseded_at,
        strength * {{ interval_weight('effective_lo', 'effective_hi') }} as strength,
        cast(null as double) as p_value,
        'observed_act' as evidence_class,
        before_ref,
        after_ref,
        {{ first_words('quote_before') }} as quote_before,
        {{ first_words('quote_after') }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        effect,
        source,
        url
    from told
)

select * from final_cte
