{{ config(materialized='days', meta={'entity': ['account_id', 'source', 'url'], 'marked': true}) }}
{%- set after = last_standing_day() %}
{%- set page = 'account_id, source, url' -%}
-- Versions of the meaningful text of pages, each with the kind of change that began it.
-- A failed, empty or soft-404 visit never begins a version, and neither does a text that
-- was seen at one visit only (hist_page_changes).
--
-- After new visits the pages that are new have all rows anew, and those of which other
-- changes are told than their rows say: changes are few, and a day may alter what is said
-- of an earlier one.
with all_page_visits as {% if after %}not materialized {% endif %}(
    select * from {{ ref('hist_page_visits') }}
),

page_visits as {% if after %}not materialized {% endif %}(
    select * from all_page_visits
    where {{ is_to_build('day') }}
),

changes as (
    select
        account_id,
        source,
        url,
        text_digest,
        language,
        fetched_at as valid_from,
        known_at,
        change_class,
        before_visit_id,
        after_visit_id,
        scope as page_role
    from {{ ref('hist_page_changes') }}
    where known_at is not null
),

redirects as (
    select * from {{ ref('hist_visits') }}
    where is_ok and len(redirect_chain) > 0 and {{ is_to_build('day') }}
),

pages as (
    select * from {{ ref('stg_observed__pages') }}
),

-- A page that is new to a site we know may be an old one at a new address.
new_pages as (
    select * from page_visits
    where visit_no = 1 and day > account_first_day
),

-- What the site showed on a day that something was new to it: few visits of many.
read_that_day as (
    select
        account_id,
        source,
        url,
        day
    from page_visits
    semi join new_pages using (account_id, source, day)
),

left_pages as (
    select
        new_pages.account_id,
        new_pages.source,
        new_pages.url,
        earlier.url as left_url,
        max(earlier.fetched_at) as left_at,
        arg_max(earlier.payload_digest, earlier.fetched_at) as left_digest,
        arg_max(earlier.parser_version, earlier.fetched_at) as left_parser_version
    from new_pages
    inner join all_page_visits as earlier
        on
            new_pages.account_id = earlier.account_id
            and new_pages.source = earlier.source
            and new_pages.url <> earlier.url
            and new_pages.day > earlier.day
            and new_pages.day - earlier.day <= 60
    anti join read_that_day as still
        on
            earlier.account_id = still.account_id
            and earlier.source = still.source
            and earlier.url = still.url
            and new_pages.day = still.day
    {% if after -%}
    where earlier.day > date '{{ after }}' - 60
    {% endif -%}
    group by new_pages.account_id, new_pages.source, new_pages.url, earlier.url
),

-- By their keys first: joined with whole pages, these can be held in memory in place of
-- the few addresses, which a first day of 20,000 accounts has no room for.
readings as (
    select distinct
        pages.source,
        pages.url,
        pages.payload_digest,
        pages.parser_version
    from {{ ref('stg_observed__pages') }} as pages
    semi join (
        select
            source,
            url
        from new_pages
        union all
        select
            source,
            left_url as url
        from left_pages
    ) as concerned using (source, url)
),

matters as (
    select
        pages.source,
        pages.url,
        pages.payload_digest,
        pages.parser_version,
        list_distinct(list_filter(
            list_transform(
                pages.blocks, lambda b: case when b.role = 'main' then coalesce(b.meaning, lower(b.text)) end
            ),
            lambda meaning: meaning <> ''
        )) as matter
    from pages
    inner join readings using (source, url, payload_digest, parser_version)
),

alike as (
    select
        new_pages.account_id,
        new_pages.source,
        new_pages.url,
        left_pages.left_url,
        left_pages.left_at,
        list_sum(list_transform(old.matter, lambda meaning: length(meaning))) as old_size,
        list_sum(list_transform(new.matter, lambda meaning: length(meaning))) as new_size,
        list_sum(list_transform(list_intersect(old.matter, new.matter), lambda meaning: length(meaning))) as shared_size
    from new_pages
    inner join left_pages
        on
            new_pages.account_id = left_pages.account_id
            and new_pages.source = left_pages.source
            and new_pages.url = left_pages.url
    inner join matters as new
        on
            new_pages.source = new.source
            and new_pages.url = new.url
            and new_pages.payload_digest = new.payload_digest
            and new_pages.parser_version = new.parser_version
    inner join matters as old
        on
            left_pages.source = old.source
            and left_pages.left_url = old.url
            and left_pages.left_digest = old.payload_digest
            and left_pages.left_parser_version = old.parser_version
),

-- Four fifths of the text of the larger, or the old address leads to the new one.
moves as (
    select
        account_id,
        source,
        url,
        left_url,
        left_at
    from alike
    where shared_size >= 0.8 * greatest(old_size, new_size)
    union all
    select
        new_pages.account_id,
        new_pages.source,
        new_pages.url,
        redirects.url as left_url,
        redirects.fetched_at as left_at
    from new_pages
    inner join redirects
        on
            new_pages.account_id = redirects.account_id
            and new_pages.source = redirects.source
            and new_pages.url <> redirects.url
            and new_pages.day = redirects.day
            and list_contains(redirects.redirect_chain, new_pages.url)
),

moved as (
    select
        account_id,
        source,
        url,
        arg_max(left_url, (left_at, left_url)) as moved_from_url
    from moves
    group by account_id, source, url
),

firsts as (
    select
        page_visits.account_id,
        page_visits.source,
        page_visits.url,
        page_visits.text_digest,
        page_visits.language,
        page_visits.fetched_at as valid_from,
        page_visits.fetched_at as known_at,
        'first' as change_class,
        cast(null as varchar) as before_visit_id,
        page_visits.visit_id as after_visit_id,
        page_visits.scope as page_role,
        moved.moved_from_url
    from page_visits
    left join moved using (account_id, source, url)
    where page_visits.visit_no = 1
),

{% if after -%}
built as (
    select * from {{ this }}
),

built_changes as (
    select
        account_id,
        source,
        url,
        text_digest,
        language,
        valid_from,
        known_at,
        change_class,
        before_visit_id,
        after_visit_id,
        page_role
    from built
    where version > 1
),

changes_told_anew as (
    (
        select * from changes
        except
        select * from built_changes
    )
    union all
    (
        select * from built_changes
        except
        select * from changes
    )
),

touched as ( -- noqa: ST03
    select
        account_id,
        source,
        url
    from firsts
    union
    select
        account_id,
        source,
        url
    from changes_told_anew
),

{% endif -%}
versions as (
    select * from firsts
    union all by name
    select * from changes
    {% if after -%}
    semi join touched using ({{ page }})
    union all by name
    select built.* exclude (version, valid_to, valid_to_known_at)
    from built
    semi join touched using ({{ page }})
    anti join firsts using ({{ page }})
    where built.version = 1
    {%- endif %}
),

final_cte as (
    select
        account_id,
        source,
        url,
        row_number() over page as version,
        text_digest,
        language,
        valid_from,
        lead(valid_from) over page as valid_to,
        known_at,
        change_class,
        before_visit_id,
        after_visit_id,
        page_role,
        lead(known_at) over page as valid_to_known_at,
        moved_from_url
    from versions
    window page as (partition by account_id, source, url order by valid_from)
)

{% if after -%}
{{ marked_anew('final_cte', 'touched', page) }}
{%- else -%}
select * from final_cte
{%- endif %}
