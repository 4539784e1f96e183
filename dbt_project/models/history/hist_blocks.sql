{{ config(
    materialized='days',
    meta={
        'entity': ['account_id', 'source', 'url', 'block_key'], 'marked': true,
        'row': ['account_id', 'source', 'url', 'block_key', 'first_seen_at'], 'learnt_later': ['last_seen_at'],
        'parts': {'of': 'hist_page_visits', 'rows': 60000}
    }
) }}
{%- set after = last_standing_day() %}
-- Text blocks of pages: one row per stretch in which a block stood on a page. Gone after
-- three visits without it that span seven days; `gone_at` is the visit that proved it, so
-- that a reader of a past day never knows more than was known. A block that comes back
-- after that has a new row.
--
-- A page that shows its texts in turn (a test of variants) shows all of them: what it
-- showed in the last fourteen days is not missed. Neither is anything in the fourteen days
-- after the site was built anew.
--
-- After new visits alone, blocks that stood and were shown at each of them only stand for
-- longer, which is written into their rows, and those of pages that were not read keep
-- theirs; the others are judged anew.
--
-- Texts go as numbers until the end, and their terms are fetched there: what is grouped and
-- kept in between is narrow, and can be put on the disk where memory is short.
with all_page_visits as {% if after %}not materialized {% endif %}(
    select * from {{ ref('hist_page_visits') }}
    where {{ of_part() }}
),

{% if after %}
new_visits as (
    select * from all_page_visits
    where day > date '{{ after }}'
),

-- Visits of a page are numbered without a gap: the last of the days that stand comes
-- before the first new one, and no older visit is read to find it.
last_numbers as (
    select
        account_id,
        source,
        url,
        min(visit_no) - 1 as visit_no
    from new_visits
    group by account_id, source, url
),

last_readings as (
    select
        all_page_visits.account_id,
        all_page_visits.source,
        all_page_visits.url,
        all_page_visits.fetched_at as last_at,
        all_page_visits.payload_digest,
        all_page_visits.parser_version
    from all_page_visits
    semi join last_numbers using (account_id, source, url, visit_no)
),

page_standings as (
    select
        new_visits.account_id,
        new_visits.source,
        new_visits.url,
        last_readings.last_at,
        max(new_visits.fetched_at) as newest_at,
        count(*) as n_new,
        coalesce(
            bool_and(
                new_visits.payload_digest = last_readings.payload_digest
                and new_visits.parser_version = last_readings.parser_version
            ),
            false
        ) as is_as_before
    from new_visits
    left join last_readings using (account_id, source, url)
    group by new_visits.account_id, new_visits.source, new_visits.url, last_readings.last_at
),

-- Where every page shows what it showed, and no block was missed before, nothing is read.
sites_in_question as ( -- noqa: ST03
    select
        account_id,
        source
    from page_standings
    where not is_as_before
    union
    select
        built.account_id,
        built.source
    from {{ this }} as built
    inner join page_standings using (account_id, source, url)
    where built.gone_at is null and built.last_seen_at <> page_standings.last_at
),

{% endif %}
page_visits as (
    select * from all_page_visits
    {% if after -%}
    semi join sites_in_question using (account_id, source)
    {%- endif %}
),

payloads_in_question as (
    select distinct
        source,
        url,
        payload_digest,
        parser_version
    from page_visits
),

-- Read three times, each time other columns: kept whole in between, it would be all pages.
pages as not materialized (
    select * from {{ ref('stg_observed__pages') }}
    semi join payloads_in_question using (source, url, payload_digest, parser_version)
),

redesigns as (
    select * from {{ ref('hist_template_changes') }}
    where is_redesign
),

page_blocks as (
    select
        pages.source,
        pages.url,
        pages.payload_digest,
        pages.parser_version,
        pages.record_index,
        pages.language,
        unnest(list_transform(pages.blocks, lambda b: struct_pack(role := b.role, text := b.text))) as block
    from pages
),

named_blocks as (
    select
        source,
        url,
        payload_digest,
        parser_version,
        record_index,
        language,
        block.role,
        block.text
    from page_blocks
),

-- The same words stand on many pages, so each text is normalised once.
distinct_texts as (
    select distinct text
    from named_blocks
),

normalised as (
    select
        text,
        row_number() over (order by text) as text_no,
        -- Digits come and go: dates, counters and prices do not make another block.
        trim(regexp_replace(lower(text), '[^\p{L}]+', ' ', 'g')) as words
    from distinct_texts
),

texts as materialized (
    select * from normalised
    where words <> ''
),

payload_blocks as (
    select
        named_blocks.source,
        named_blocks.url,
        named_blocks.payload_digest,
        named_blocks.parser_version,
        named_blocks.role,
        md5(named_blocks.role || '|' || texts.words) as block_key,
        min(named_blocks.language) as language,
        min(texts.text_no) as text_no,
        arg_min(named_blocks.record_index, texts.text_no) as record_index
    from named_blocks
    inner join texts on named_blocks.text = texts.text
    group by all
),

{% if after %}
shown_anew as (
    select
        page_visits.account_id,
        page_visits.source,
        page_visits.url,
        payload_blocks.block_key,
        count(*) as n_shown,
        max(page_visits.fetched_at) as last_at
    from page_visits
    inner join payload_blocks
        on
            page_visits.source = payload_blocks.source
            and page_visits.url = payload_blocks.url
            and page_visits.payload_digest = payload_blocks.payload_digest
            and page_visits.parser_version = payload_blocks.parser_version
    semi join page_standings as read_anew
        on
            page_visits.account_id = read_anew.account_id
            and page_visits.source = read_anew.source
            and page_visits.url = read_anew.url
            and not read_anew.is_as_before
    where page_visits.day > date '{{ after }}'
    group by page_visits.account_id, page_visits.source, page_visits.url, payload_blocks.block_key
),

standing as (
    select
        built.account_id,
        built.source,
        built.url,
        built.block_key,
        built.first_seen_at,
        case
            when not page_standings.is_as_before then shown_anew.last_at
            when built.last_seen_at = page_standings.last_at then page_standings.newest_at
        end as last_at,
        coalesce(
            built.last_seen_at = page_standings.last_at
            and (page_standings.is_as_before or shown_anew.n_shown = page_standings.n_new),
            false
        ) as is_steady
    from {{ this }} as built
    inner join page_standings using (account_id, source, url)
    left join shown_anew using (account_id, source, url, block_key)
    where built.gone_at is null
),

to_judge as ( -- noqa: ST03
    select
        account_id,
        source,
        url,
        block_key
    from standing
    where not is_steady
    union
    select
        shown_anew.account_id,
        shown_anew.source,
        shown_anew.url,
        shown_anew.block_key
    from shown_anew
    anti join standing using (account_id, source, url, block_key)
),

longer as ( -- noqa: ST03
    select
        account_id,
        source,
        url,
        block_key,
        first_seen_at,
        last_at as last_seen_at
    from standing
    where is_steady
),

judged_blocks as (
    select payload_blocks.*
    from payload_blocks
    semi join to_judge using (source, block_key)
),

judged_visits as (
    select page_visits.*
    from page_visits
    semi join to_judge using (account_id, source, url)
),
{% else %}
judged_blocks as (
    select * from payload_blocks
),

judged_visits as (
    select * from page_visits
),
{% endif %}
presence as (
    select
        judged_visits.account_id,
        judged_visits.source,
        judged_visits.url,
        judged_visits.visit_no,
        judged_visits.fetched_at,
        judged_visits.visit_id,
        judged_visits.payload_digest,
        judged_visits.parser_version,
        judged_visits.day,
        judged_blocks.block_key
    from judged_visits
    inner join judged_blocks
        on
            judged_visits.source = judged_blocks.source
            and judged_visits.url = judged_blocks.url
            and judged_visits.payload_digest = judged_blocks.payload_digest
            and judged_visits.parser_version = judged_blocks.parser_version
    {% if after -%}
    semi join to_judge
        on
            judged_visits.account_id = to_judge.account_id
            and judged_visits.source = to_judge.source
            and judged_visits.url = to_judge.url
            and judged_blocks.block_key = to_judge.block_key
    {%- endif %}
),

page_lengths as (
    select
        account_id,
        source,
        url,
        max(visit_no) as n_visits
    from page_visits
    group by account_id, source, url
),

block_spans as (
    select
        account_id,
        source,
        url,
        block_key,
        min(visit_no) as first_no,
        count(*) as n_present
    from presence
    group by account_id, source, url, block_key
),

-- Most blocks never miss a visit; only the others need the rule.
unsteady as (
    select block_spans.*
    from block_spans
    inner join page_lengths using (account_id, source, url)
    where block_spans.n_present < page_lengths.n_visits - block_spans.first_no + 1
),

-- Three returns within thirty days to one of at most four texts: variants.
turns as (
    select
        account_id,
        source,
        url,
        visit_no,
        fetched_at,
        text_digest,
        text_digest <> lag(text_digest) over (
            partition by account_id, source, url order by visit_no
        ) as is_turn,
        lag(fetched_at) over (
            partition by account_id, source, url, text_digest order by visit_no
        ) as shown_before_at
    from page_visits
    semi join unsteady using (account_id, source, url)
),

counted_turns as (
    select
        *,
        count(*) filter (where is_turn and fetched_at - shown_before_at <= interval 30 day) over (
            partition by account_id, source, url
            order by fetched_at
            range between interval 30 day preceding and current row
        ) as n_returns
    from turns
),

-- Texts are counted where a page returned so often, which hardly one does.
variants as (
    select
        counted_turns.account_id,
        counted_turns.source,
        counted_turns.url,
        counted_turns.visit_no,
        count(distinct turns.text_digest) <= 4 as is_multi_variant
    from counted_turns
    inner join turns
        on
            counted_turns.account_id = turns.account_id
            and counted_turns.source = turns.source
            and counted_turns.url = turns.url
            and counted_turns.fetched_at >= turns.fetched_at
            and counted_turns.fetched_at - interval 30 day <= turns.fetched_at
    where counted_turns.n_returns >= 3
    group by counted_turns.account_id, counted_turns.source, counted_turns.url, counted_turns.visit_no
),

frozen as (
    select distinct
        page_visits.account_id,
        page_visits.source,
        page_visits.url,
        page_visits.visit_no
    from page_visits
    inner join redesigns
        on
            page_visits.account_id = redesigns.account_id
            and page_visits.source = redesigns.source
            and page_visits.day >= redesigns.day
            and page_visits.day < redesigns.frozen_until
),

rounds as (
    select
        unsteady.account_id,
        unsteady.source,
        unsteady.url,
        unsteady.block_key,
        page_visits.fetched_at as state_at,
        page_visits.visit_id,
        case when presence.visit_no is null then 0 else 1 end as is_seen,
        coalesce(variants.is_multi_variant, false) as is_multi_variant,
        frozen.visit_no is not null as is_frozen,
        max(presence.fetched_at) over (
            partition by unsteady.account_id, unsteady.source, unsteady.url, unsteady.block_key
            order by page_visits.visit_no
            rows unbounded preceding
        ) as shown_at
    from unsteady
    inner join page_visits
        on
            unsteady.account_id = page_visits.account_id
            and unsteady.source = page_visits.source
            and unsteady.url = page_visits.url
            and unsteady.first_no <= page_visits.visit_no
    left join presence
        on
            unsteady.account_id = presence.account_id
            and unsteady.source = presence.source
            and unsteady.url = presence.url
            and unsteady.block_key = presence.block_key
            and page_visits.visit_no = presence.visit_no
    left join variants
        on
            unsteady.account_id = variants.account_id
            and unsteady.source = variants.source
            and unsteady.url = variants.url
            and page_visits.visit_no = variants.visit_no
    left join frozen
        on
            unsteady.account_id = frozen.account_id
            and unsteady.source = frozen.source
            and unsteady.url = frozen.url
            and page_visits.visit_no = frozen.visit_no
),

states as (
    select
        account_id,
        source,
        url,
        block_key,
        state_at,
        visit_id,
        is_seen
    from rounds
    where is_seen = 1 or not (is_frozen or (is_multi_variant and state_at - shown_at <= interval 14 day))
),

{{ gone_rule('states', 'account_id, source, url, block_key', misses=3, days=7, flip_weight=0, back_days=0) }},

stretches as (
    select
        account_id,
        source,
        url,
        block_key,
        min(sighted_at) as first_seen_at,
        max(sighted_at) as last_seen_at,
        max(gone_known_at) as gone_at,
        max(spell_lo_visit_id) as lo_visit_id
    from spelled
    group by account_id, source, url, block_key, spell_no
    union all
    select
        presence.account_id,
        presence.source,
        presence.url,
        presence.block_key,
        min(presence.fetched_at) as first_seen_at,
        max(presence.fetched_at) as last_seen_at,
        cast(null as timestamp) as gone_at,
        cast(null as varchar) as lo_visit_id
    from presence
    anti join unsteady using (account_id, source, url, block_key)
    group by presence.account_id, presence.source, presence.url, presence.block_key
),

-- A block on a third of a site's pages on the day it came belongs to the site, not to them.
site_days as (
    select
        account_id,
        source,
        day,
        count(distinct url) as n_pages
    from page_visits
    group by account_id, source, day
),

-- What the account showed the day before a new page: the nearest thing to its absence.
account_days as (
    select
        account_id,
        source,
        day,
        arg_min(visit_id, (scope <> 'home', url, visit_id)) as visit_id
    from page_visits
    group by account_id, source, day
),

account_steps as (
    select
        account_id,
        source,
        day,
        lag(visit_id) over (partition by account_id, source order by day) as previous_visit_id
    from account_days
),

starts as (
    select
        stretches.*,
        first_visit.visit_id as first_visit_id,
        first_visit.visit_no as first_no,
        first_visit.day as first_day,
        first_visit.account_first_day,
        first_visit.payload_digest as first_digest,
        first_visit.parser_version as first_parser_version,
        judged_blocks.role,
        judged_blocks.text_no,
        judged_blocks.record_index,
        judged_blocks.language,
        coalesce(stretches.lo_visit_id, before_visit.visit_id, account_steps.previous_visit_id)
            as before_visit_id,
        before_visit.payload_digest as before_digest,
        before_visit.parser_version as before_parser_version
    from stretches
    inner join judged_visits as first_visit
        on
            stretches.account_id = first_visit.account_id
            and stretches.source = first_visit.source
            and stretches.url = first_visit.url
            and stretches.first_seen_at = first_visit.fetched_at
    inner join judged_blocks
        on
            first_visit.source = judged_blocks.source
            and first_visit.url = judged_blocks.url
            and first_visit.payload_digest = judged_blocks.payload_digest
            and first_visit.parser_version = judged_blocks.parser_version
            and stretches.block_key = judged_blocks.block_key
    left join judged_visits as before_visit
        on
            stretches.account_id = before_visit.account_id
            and stretches.source = before_visit.source
            and stretches.url = before_visit.url
            and first_visit.visit_no - 1 = before_visit.visit_no
    left join account_steps
        on
            stretches.account_id = account_steps.account_id
            and stretches.source = account_steps.source
            and first_visit.day = account_steps.day
),

block_days as (
    select
        page_visits.account_id,
        page_visits.source,
        page_visits.day,
        judged_blocks.block_key,
        count(distinct page_visits.url) as n_pages
    from page_visits
    inner join judged_blocks
        on
            page_visits.source = judged_blocks.source
            and page_visits.url = judged_blocks.url
            and page_visits.payload_digest = judged_blocks.payload_digest
            and page_visits.parser_version = judged_blocks.parser_version
    semi join starts
        on
            page_visits.account_id = starts.account_id
            and page_visits.source = starts.source
            and page_visits.day = starts.first_day
            and judged_blocks.block_key = starts.block_key
    group by page_visits.account_id, page_visits.source, page_visits.day, judged_blocks.block_key
),

-- A new block nearly equal to one that left at the same visit is an edit of it.
newcomers as (
    select
        starts.account_id,
        starts.source,
        starts.url,
        starts.block_key,
        starts.first_seen_at,
        starts.first_no,
        starts.before_digest,
        starts.before_parser_version,
        starts.role,
        list_distinct(string_split(texts.words, ' ')) as word_list
    from starts
    inner join texts on starts.text_no = texts.text_no
    where starts.first_no > 1 and starts.before_digest is not null
),

arrivals as (
    select distinct
        account_id,
        source,
        url,
        first_no,
        before_digest,
        before_parser_version,
        role
    from newcomers
),

-- Made first: joined in another order, every visit is looked up in every block.
arrival_visits as materialized (
    select
        arrivals.account_id,
        arrivals.source,
        arrivals.url,
        arrivals.first_no,
        judged_visits.payload_digest,
        judged_visits.parser_version
    from arrivals
    inner join judged_visits
        on
            arrivals.account_id = judged_visits.account_id
            and arrivals.source = judged_visits.source
            and arrivals.url = judged_visits.url
            and arrivals.first_no = judged_visits.visit_no
),

still_shown as (
    select distinct
        arrival_visits.account_id,
        arrival_visits.source,
        arrival_visits.url,
        arrival_visits.first_no,
        payload_blocks.block_key
    from arrival_visits
    inner join payload_blocks
        on
            arrival_visits.source = payload_blocks.source
            and arrival_visits.url = payload_blocks.url
            and arrival_visits.payload_digest = payload_blocks.payload_digest
            and arrival_visits.parser_version = payload_blocks.parser_version
),

leavers as (
    select
        arrivals.account_id,
        arrivals.source,
        arrivals.url,
        arrivals.first_no,
        arrivals.role,
        list_distinct(string_split(texts.words, ' ')) as word_list
    from arrivals
    inner join payload_blocks as old
        on
            arrivals.source = old.source
            and arrivals.url = old.url
            and arrivals.before_digest = old.payload_digest
            and arrivals.before_parser_version = old.parser_version
            and arrivals.role = old.role
    inner join texts on old.text_no = texts.text_no
    anti join still_shown as still
        on
            arrivals.account_id = still.account_id
            and arrivals.source = still.source
            and arrivals.url = still.url
            and arrivals.first_no = still.first_no
            and old.block_key = still.block_key
),

edits as (
    select distinct
        newcomers.account_id,
        newcomers.source,
        newcomers.url,
        newcomers.block_key,
        newcomers.first_seen_at
    from newcomers
    inner join leavers
        on
            newcomers.account_id = leavers.account_id
            and newcomers.source = leavers.source
            and newcomers.url = leavers.url
            and newcomers.first_no = leavers.first_no
            and newcomers.role = leavers.role
    where
        -- Lists of very different length cannot share four fifths of their words.
        least(len(newcomers.word_list), len(leavers.word_list))
        >= 0.8 * greatest(len(newcomers.word_list), len(leavers.word_list))
        and len(list_intersect(newcomers.word_list, leavers.word_list))
        >= 0.8 * greatest(len(newcomers.word_list), len(leavers.word_list))
),

told as (
    select
        starts.account_id,
        starts.source,
        starts.url,
        starts.block_key,
        starts.role,
        starts.text_no,
        starts.record_index,
        starts.first_digest,
        starts.first_parser_version,
        starts.language,
        starts.first_seen_at,
        starts.last_seen_at,
        starts.gone_at,
        starts.first_no = 1 and starts.first_day = starts.account_first_day
            as is_left_censored,
        starts.first_no = 1 and starts.first_day > starts.account_first_day as is_new_page,
        edits.block_key is not null as is_edit,
        site_days.n_pages >= 5 and block_days.n_pages >= 0.3 * site_days.n_pages
            as is_boilerplate,
        starts.first_visit_id,
        starts.before_visit_id
    from starts
    inner join site_days
        on
            starts.account_id = site_days.account_id
            and starts.source = site_days.source
            and starts.first_day = site_days.day
    inner join block_days
        on
            starts.account_id = block_days.account_id
            and starts.source = block_days.source
            and starts.first_day = block_days.day
            and starts.block_key = block_days.block_key
    left join edits
        on
            starts.account_id = edits.account_id
            and starts.source = edits.source
            and starts.url = edits.url
            and starts.block_key = edits.block_key
            and starts.first_seen_at = edits.first_seen_at
),

-- What was landed twice, or stands twice on a page, is there once.
page_files as (
    select
        source,
        url,
        payload_digest,
        parser_version,
        record_index,
        min(landed_file) as landed_file
    from pages
    group by source, url, payload_digest, parser_version, record_index
),

blocks_once as (
    select
        pages.source,
        pages.url,
        pages.payload_digest,
        pages.parser_version,
        pages.record_index,
        unnest(list_distinct(list_transform(
            pages.blocks, lambda b: struct_pack(role := b.role, text := b.text, terms := b.terms)
        ))) as block
    from pages
    semi join page_files
        on
            pages.source = page_files.source
            and pages.url = page_files.url
            and pages.payload_digest = page_files.payload_digest
            and pages.parser_version = page_files.parser_version
            and pages.record_index = page_files.record_index
            and pages.landed_file is not distinct from page_files.landed_file
),

numbered_blocks as (
    select
        blocks_once.source,
        blocks_once.url,
        blocks_once.payload_digest,
        blocks_once.parser_version,
        blocks_once.record_index,
        blocks_once.block.role,
        blocks_once.block.text,
        blocks_once.block.terms,
        texts.text_no
    from blocks_once
    inner join texts on blocks_once.block.text = texts.text
),

final_cte as (
    select
        told.account_id,
        told.source,
        told.url,
        told.block_key,
        told.role,
        numbered_blocks.text,
        numbered_blocks.terms,
        told.language,
        told.first_seen_at,
        told.last_seen_at,
        told.gone_at,
        told.is_left_censored,
        told.is_new_page,
        told.is_edit,
        told.is_boilerplate,
        told.first_visit_id,
        told.before_visit_id
    from told
    inner join numbered_blocks
        on
            told.source = numbered_blocks.source
            and told.url = numbered_blocks.url
            and told.first_digest = numbered_blocks.payload_digest
            and told.first_parser_version = numbered_blocks.parser_version
            and told.record_index = numbered_blocks.record_index
            and told.role = numbered_blocks.role
            and told.text_no = numbered_blocks.text_no
)

{% if after -%}
{{ marked_anew('final_cte', 'to_judge', 'account_id, source, url, block_key', later='longer') }}
{%- else -%}
select * from final_cte
{%- endif %}
