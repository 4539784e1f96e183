{{ config(materialized='days', meta={'day_column': 'day'}) }}
{%- set after = last_standing_day() %}
{%- set parts = ['nav', 'header', 'footer', 'aside'] -%}
-- Days on which a site's own frame changed: the same part (menu, header, footer, what
-- stands beside) was another on half of the pages read again, and on five or more. One
-- event of the site, not one of each page. A part that does so again and again (offers in
-- turn) is no event. When most of the frame is another while four fifths of the pages say
-- what they said, the site was built anew: what its lists lack in the fourteen days after
-- is not counted as gone (`frozen_until`), for a new site may show them empty at first.
--
-- Judged by that day and the days before it, so that a past day is never judged anew.
with all_page_visits as (
    select * from {{ ref('hist_page_visits') }}
),

{% if after %}
-- A change of the frame is judged by the sixty days before it, and by the visit before those.
starts as (
    select
        account_id,
        source,
        url,
        max(visit_no) as visit_no
    from all_page_visits
    where day <= date '{{ after }}' - 60
    group by account_id, source, url
),

page_visits as (
    select all_page_visits.*
    from all_page_visits
    left join starts using (account_id, source, url)
    where all_page_visits.visit_no >= coalesce(starts.visit_no, 0)
),
{% else %}
page_visits as (
    select * from all_page_visits
),
{% endif %}

pages as (
    select * from {{ ref('stg_observed__pages') }}
),

visits as (
    select
        page_visits.account_id,
        page_visits.source,
        page_visits.url,
        page_visits.day,
        page_visits.fetched_at,
        page_visits.visit_id,
        page_visits.visit_no,
        page_visits.payload_digest,
        page_visits.parser_version,
        lag(page_visits.payload_digest) over history as previous_digest,
        lag(page_visits.parser_version) over history as previous_version,
        lag(page_visits.visit_id) over history as previous_visit_id
    from page_visits
    window
        history as (
            partition by page_visits.account_id, page_visits.source, page_visits.url
            order by page_visits.visit_no
        )
),

recent as (
    select * from visits
    where visit_no > 1{% if after %} and day > date '{{ after }}' - 60{% endif %}
),

-- Work follows change: what was always the same is not looked into.
changed as (
    select
        source,
        url,
        payload_digest
    from recent
    where payload_digest <> previous_digest
    union
    select
        source,
        url,
        previous_digest as payload_digest
    from recent
    where payload_digest <> previous_digest
),

readings as (
    select
        source,
        url,
        payload_digest,
        parser_version,
        {% for part in parts -%}
        list_sort(list_transform(
            list_filter(blocks, b -> b.role = '{{ part }}' and b.is_matter is not true),
            b -> hash(coalesce(b.meaning, lower(b.text)))
        )) as {{ part }}_texts,
        {% endfor -%}
        list_sort(list_distinct(list_transform(
            list_filter(blocks, b -> b.role not in ('main', 'consent') and b.is_matter is not true),
            b -> hash(coalesce(b.meaning, lower(b.text)))
        ))) as frame_texts,
        hash(list_sort(list_transform(
            list_filter(blocks, b -> coalesce(b.is_matter, b.role = 'main')),
            b -> coalesce(b.meaning, lower(b.text))
        ))) as matter_digest
    from pages
    semi join changed using (source, url, payload_digest)
),

-- Every page read again that day, once, changed or not.
steps as (
    select
        recent.account_id,
        recent.source,
        recent.url,
        recent.day,
        recent.fetched_at,
        recent.visit_id,
        recent.previous_visit_id,
        {% for part in parts -%}
        coalesce(now.{{ part }}_texts <> earlier.{{ part }}_texts, false) as is_{{ part }}_changed,
        {% endfor -%}
        coalesce(now.matter_digest <> earlier.matter_digest, false) as is_matter_changed,
        coalesce(now.frame_texts <> earlier.frame_texts, false) as is_frame_changed,
        earlier.frame_texts as frame_before,
        now.frame_texts as frame_after
    from recent
    left join readings as now
        on
            recent.source = now.source
            and recent.url = now.url
            -- An expression on one side keeps this a join of equal keys.
            and case when recent.payload_digest <> recent.previous_digest then recent.payload_digest end
            = now.payload_digest
            and recent.parser_version = now.parser_version
    left join readings as earlier
        on
            recent.source = earlier.source
            and recent.url = earlier.url
            and case when recent.payload_digest <> recent.previous_digest then recent.previous_digest end
            = earlier.payload_digest
            and recent.previous_version = earlier.parser_version
    qualify
        row_number() over (
            partition by recent.account_id, recent.source, recent.url, recent.day
            order by recent.visit_no desc
        ) = 1
),

site_days as (
    select
        account_id,
        source,
        day,
        max(fetched_at) as known_at,
        count(*) as n_pages,
        count(*) filter (where not is_matter_changed) as n_pages_same,
        {% for part in parts -%}
        count(*) filter (where is_{{ part }}_changed) as n_{{ part }},
        {% endfor -%}
        arg_min({ 'before_visit_id': previous_visit_id, 'after_visit_id': visit_id }, url) filter (
            where is_frame_changed
        ) as example,
        coalesce(median(
            len(list_intersect(frame_before, frame_after)) / greatest(len(frame_before), len(frame_after), 1)
        ) filter (
            where is_frame_changed
        ), 1) as frame_kept
    from steps
    group by account_id, source, day
    having count(*) >= 5
),

part_days as (
    {% for part in parts -%}
    select
        account_id,
        source,
        day,
        '{{ part }}' as part,
        n_{{ part }} as n_changed
    from site_days
    where n_{{ part }} >= 5 and n_{{ part }} >= 0.5 * n_pages
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
),

-- What changes thrice in two months changes by habit.
seldom as (
    select *
    from part_days
    qualify
        count(*) over (
            partition by account_id, source, part
            order by day
            range between interval 60 day preceding and interval 1 day preceding
        ) < 3
),

changed_days as (
    select
        account_id,
        source,
        day,
        list_sort(list(part)) as parts,
        max(n_changed) as n_pages_changed
    from seldom
    group by account_id, source, day
),

final_cte as (
    select
        changed_days.account_id,
        changed_days.source,
        changed_days.day,
        changed_days.parts,
        changed_days.n_pages_changed,
        site_days.n_pages as n_pages_read,
        site_days.frame_kept < 0.5 and site_days.n_pages_same >= 0.8 * site_days.n_pages as is_redesign,
        case
            when site_days.frame_kept < 0.5 and site_days.n_pages_same >= 0.8 * site_days.n_pages
                then changed_days.day + 14
        end as frozen_until,
        site_days.known_at,
        site_days.example.before_visit_id,
        site_days.example.after_visit_id
    from changed_days
    inner join site_days using (account_id, source, day)
    where {{ is_to_build('changed_days.day') }}
)

select * from final_cte
