-- The spellings of one person: a name as shown and the key it is the same person as.
-- Only spellings that differ from the person's first one have a row.
--
-- A spelling that changes between two visits of one page, with the title unchanged, is one
-- person: a mended typo, a name taken in marriage, an initial written out. A name written
-- more fully is one person under any title.
with recursive lists as (
    select * from {{ ref('hist_people_lists') }}
),

listings as not materialized (
    select * from {{ ref('hist_people_listings') }}
),

list_steps as (
    select
        account_id,
        source,
        url,
        day,
        lag(day) over (partition by account_id, source, url order by day) as previous_day
    from lists
    where n_seen > 0
),

arrivals as (
    select
        listings.*,
        list_steps.previous_day
    from listings
    inner join list_steps using (account_id, source, url, day)
    where
        listings.key_first_day = listings.day
        and list_steps.previous_day is not null
),

spelling_candidates as (
    select
        arrivals.account_id,
        arrivals.source,
        arrivals.shown_key as new_key,
        before.shown_key as old_key,
        jaro_winkler_similarity(arrivals.shown_key, before.shown_key) as similarity
    from arrivals
    inner join listings as before
        on
            arrivals.account_id = before.account_id
            and arrivals.source = before.source
            and arrivals.url = before.url
            and arrivals.previous_day = before.day
    anti join listings as still
        on
            before.account_id = still.account_id
            and before.source = still.source
            and before.shown_key = still.shown_key
            and arrivals.day = still.day
    where
        {{ is_fuller_name('arrivals.shown_key', 'before.shown_key') }}
        or (
            arrivals.title_norm <> ''
            and arrivals.title_norm = before.title_norm
            and (
                {{ is_respelling('arrivals.shown_key', 'before.shown_key') }}
                or (
                    arrivals.order_no = before.order_no
                    and (
                        split_part(arrivals.shown_key, ' ', 1) = split_part(before.shown_key, ' ', 1)
                        or split_part(arrivals.shown_key, ' ', -1) = split_part(before.shown_key, ' ', -1)
                    )
                )
            )
        )
),

spellings as (
    select distinct
        account_id,
        source,
        new_key,
        old_key
    from spelling_candidates
    qualify
        rank() over (
            partition by account_id, source, new_key order by similarity desc, old_key
        ) = 1
        and rank() over (
            partition by account_id, source, old_key order by similarity desc, new_key
        ) = 1
),

spelling_roots as (
    select
        account_id,
        source,
        new_key,
        old_key as root_key
    from spellings
    union all
    select
        spelling_roots.account_id,
        spelling_roots.source,
        spelling_roots.new_key,
        spellings.old_key as root_key
    from spelling_roots
    inner join spellings
        on
            spelling_roots.account_id = spellings.account_id
            and spelling_roots.source = spellings.source
            and spelling_roots.root_key = spellings.new_key
),

final_cte as (
    select
        spelling_roots.account_id,
        spelling_roots.source,
        spelling_roots.new_key as shown_key,
        spelling_roots.root_key as person_key
    from spelling_roots
    anti join spellings
        on
            spelling_roots.account_id = spellings.account_id
            and spelling_roots.source = spellings.source
            and spelling_roots.root_key = spellings.new_key
)

select * from final_cte
