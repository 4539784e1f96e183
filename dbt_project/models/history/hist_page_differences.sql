{{ config(materialized='days', meta={'entity': ['account_id', 'source', 'url'], 'marked': true}) }}
{%- set after = last_standing_day() %}
{%- set page = 'account_id, source, url' -%}
{%- set reading = 'hash(source, url, payload_digest, parser_version) as reading' -%}
-- What differs between two readings of a page that are evidence, text by text: the rule of
-- comparison of scrapers/extract/page_changes.py, held over visits.
--
-- A text counts as new when the next visit a day or more later shows it too (or an edit
-- of it), and as taken out when it had stood for a day and is still missing then. A text
-- that the page showed in the half year before is no news. Another page in its place (a
-- notice, a wall, another language) is evidence once it has stood for three visits and
-- fourteen days, or when it is the page as it was before. A change that the newest visit
-- shows first has no `known_at` yet.
--
-- A row without a text says of a page whether more visits that show the same can change
-- what is said of it. After new visits, a page that is settled and shows what it showed
-- keeps its rows.
with all_page_visits as {% if after %}not materialized {% endif %}(
    select * from {{ ref('hist_page_visits') }}
),

pages as (
    select * from {{ ref('stg_observed__pages') }}
),

{% if after %}
-- Visits of a page are numbered without a gap: the last of the days that stand comes
-- before the first new one, and no older visit is read to find it.
new_visits as (
    select
        {{ page }},
        min(visit_no) - 1 as last_no,
        list_distinct(list(reading)) as new_readings
    from (
        select
            *,
            {{ reading }}
        from all_page_visits
        where day > date '{{ after }}'
    )
    group by {{ page }}
),

page_standings as (
    select
        new_visits.*,
        hash(last_visits.source, last_visits.url, last_visits.payload_digest, last_visits.parser_version)
            as last_reading
    from new_visits
    left join all_page_visits as last_visits
        on
            new_visits.account_id = last_visits.account_id
            and new_visits.source = last_visits.source
            and new_visits.url = last_visits.url
            and new_visits.last_no = last_visits.visit_no
),

touched as (
    select
        account_id,
        source,
        url
    from page_standings
    left join {{ this }} as built using ({{ page }})
    where built.text_key is null
    group by account_id, source, url, last_reading, new_readings
    having not bool_and(coalesce(built.is_settled, false)) or new_readings <> [last_reading]
),

page_visits as (
    select
        *,
        {{ reading }}
    from all_page_visits
    semi join touched using ({{ page }})
),
{% else %}
page_visits as (
    select
        *,
        {{ reading }}
    from all_page_visits
),
{% endif %}
-- Work follows change: a page that was always the same is not looked into.
changed_pages as (
    select
        source,
        url
    from page_visits
    group by source, url
    having count(distinct payload_digest) > 1
),

page_blocks as (
    select
        hash(pages.source, pages.url, pages.payload_digest, pages.parser_version) as reading,
        unnest(pages.blocks) as block
    from pages
    semi join changed_pages using (source, url)
),

told_blocks as (
    select
        reading,
        coalesce(block.meaning, lower(block.text)) as meaning,
        hash(coalesce(block.meaning, lower(block.text))) as text_key,
        coalesce(block.is_matter, block.role = 'main') as is_matter
    from page_blocks
),

-- Texts are long and mostly stay: they are compared by key, and read where they differ.
meanings as (
    select
        text_key,
        any_value(meaning) as meaning
    from told_blocks
    group by text_key
),

texts as (
    select
        reading,
        text_key,
        any_value(length(meaning)) as size,
        count(*) as n_times,
        count(*) filter (where is_matter) as n_in_matter,
        bool_or(is_matter) as is_matter
    from told_blocks
    where meaning <> ''
    group by reading, text_key
),

readings as (
    select
        reading,
        hash(list_sort(list((text_key, n_in_matter)) filter (where is_matter))) as matter_digest,
        coalesce(sum(size) filter (where is_matter), 0) as matter_size
    from texts
    group by reading
),

visits as (
    select
        page_visits.*,
        readings.matter_digest,
        lag(page_visits.reading) over history as previous_reading,
        lag(readings.matter_digest) over history as previous_matter
    from page_visits
    semi join changed_pages using (source, url)
    inner join readings on page_visits.reading = readings.reading
    window history as (partition by {{ page }} order by visit_no)
),

-- Is it the same page at all?
steps as (
    select distinct
        previous_reading as before_reading,
        reading as after_reading
    from visits
    where matter_digest <> previous_matter
),

step_sides as (
    select
        steps.before_reading,
        steps.after_reading,
        texts.text_key,
        texts.size,
        texts.is_matter as was_matter,
        cast(null as boolean) as is_matter
    from steps
    inner join texts on steps.before_reading = texts.reading
    union all
    select
        steps.before_reading,
        steps.after_reading,
        texts.text_key,
        texts.size,
        cast(null as boolean) as was_matter,
        texts.is_matter
    from steps
    inner join texts on steps.after_reading = texts.reading
),

step_texts as (
    select
        before_reading,
        after_reading,
        any_value(size) as size,
        bool_or(was_matter) as was_matter,
        bool_or(is_matter) as is_matter
    from step_sides
    group by before_reading, after_reading, text_key
),

step_sizes as (
    select
        before_reading,
        after_reading,
        least(
            coalesce(sum(size) filter (where was_matter), 0),
            coalesce(sum(size) filter (where is_matter), 0)
        ) as smaller,
        least(
            coalesce(sum(size) filter (where was_matter and is_matter is not null), 0),
            coalesce(sum(size) filter (where is_matter and was_matter is not null), 0)
        ) as kept
    from step_texts
    group by before_reading, after_reading
),

little_kept as (
    select
        before_reading,
        after_reading
    from step_sizes
    where kept < 0.2 * smaller
),

-- A page written anew about the same shares its longer words with what it was.
reading_words as (
    select distinct
        texts.reading,
        unnest(regexp_extract_all(meanings.meaning, '[\p{L}\p{N}_]{5,}')) as word
    from texts
    inner join meanings on texts.text_key = meanings.text_key
    semi join (
        select before_reading as reading
        from little_kept
        union all
        select after_reading as reading
        from little_kept
    ) as compared on texts.reading = compared.reading
    where texts.is_matter
),

word_counts as (
    select
        reading,
        count(*) as n_words
    from reading_words
    group by reading
),

shared_words as (
    select
        little_kept.before_reading,
        little_kept.after_reading,
        count(*) as n_shared
    from little_kept
    inner join reading_words as said on little_kept.before_reading = said.reading
    inner join reading_words as says on little_kept.after_reading = says.reading and said.word = says.word
    group by little_kept.before_reading, little_kept.after_reading
),

others as (
    select
        little_kept.before_reading,
        little_kept.after_reading
    from little_kept
    left join shared_words using (before_reading, after_reading)
    left join word_counts as said on little_kept.before_reading = said.reading
    left join word_counts as says on little_kept.after_reading = says.reading
    where
        coalesce(shared_words.n_shared, 0)
        < 0.4 * greatest(1, least(coalesce(said.n_words, 0), coalesce(says.n_words, 0)))
),

parted as (
    select
        visits.*,
        sum(case when others.after_reading is null then 0 else 1 end) over (
            partition by visits.account_id, visits.source, visits.url
            order by visits.visit_no
            rows unbounded preceding
        ) as stretch_no
    from visits
    left join others on visits.previous_reading = others.before_reading and visits.reading = others.after_reading
),

placed as (
    select
        *,
        row_number() over stretch as place,
        min(fetched_at) over stretch as stretch_at
    from parted
    window
        stretch as (
            partition by {{ page }}, stretch_no order by visit_no rows unbounded preceding
        )
),

stretches as (
    select
        {{ page }},
        stretch_no,
        min(stretch_at) as stretch_at,
        min(case when place >= 3 and fetched_at - stretch_at >= interval 14 day then fetched_at end) as believed_at,
        arg_min(reading, visit_no) as first_reading,
        arg_max(reading, visit_no) as last_reading
    from placed
    group by {{ page }}, stretch_no
),

-- The page as it was before something else stood in its place.
comebacks as (
    select distinct
        later.account_id,
        later.source,
        later.url,
        later.stretch_no,
        later.first_reading,
        earlier.last_reading
    from stretches as later
    inner join stretches as earlier
        on
            later.account_id = earlier.account_id
            and later.source = earlier.source
            and later.url = earlier.url
            and later.stretch_no > earlier.stretch_no + 1
            and (earlier.stretch_no = 0 or earlier.believed_at is not null)
),

comeback_texts as (
    select texts.*
    from texts
    semi join (
        select first_reading as reading
        from comebacks
        union all
        select last_reading as reading
        from comebacks
    ) as compared on texts.reading = compared.reading
    where texts.is_matter
),

returned as (
    select
        comebacks.account_id,
        comebacks.source,
        comebacks.url,
        comebacks.stretch_no
    from comebacks
    inner join comeback_texts as before on comebacks.last_reading = before.reading
    inner join comeback_texts as after
        on
            comebacks.first_reading = after.reading
            and before.text_key = after.text_key
    inner join readings as before_reading on comebacks.last_reading = before_reading.reading
    inner join readings as after_reading on comebacks.first_reading = after_reading.reading
    group by
        comebacks.account_id,
        comebacks.source,
        comebacks.url,
        comebacks.stretch_no,
        comebacks.last_reading,
        before_reading.matter_size,
        after_reading.matter_size
    having
        sum(before.size) >= 0.2 * least(before_reading.matter_size, after_reading.matter_size)
),

believed as (
    select
        stretches.account_id,
        stretches.source,
        stretches.url,
        stretches.stretch_no,
        stretches.stretch_no = 0 and stretches.believed_at is null as is_short_start,
        case
            when stretches.stretch_no = 0 or returned.stretch_no is not null then stretches.stretch_at
            else stretches.believed_at
        end as believed_from
    from stretches
    left join returned using ({{ page }}, stretch_no)
    where stretches.stretch_no = 0 or returned.stretch_no is not null or stretches.believed_at is not null
),

evidence as (
    select
        placed.* exclude (previous_reading, previous_matter, place, stretch_at),
        believed.is_short_start,
        greatest(placed.fetched_at, believed.believed_from) as evidence_at,
        row_number() over history as reading_no,
        lag(placed.reading) over history as before_reading,
        lag(placed.matter_digest) over history as before_matter,
        lag(placed.visit_id) over history as before_visit_id,
        lag(placed.stretch_no) over history as before_stretch_no,
        lag(believed.is_short_start) over history as was_short_start,
        last_value(placed.reading) over day_before as standing_reading,
        first_value(placed.reading) over day_after as later_reading,
        first_value(greatest(placed.fetched_at, believed.believed_from)) over day_after as known_at
    from placed
    inner join believed using ({{ page }}, stretch_no)
    window
        history as (
            partition by placed.account_id, placed.source, placed.url order by placed.fetched_at
        ),
        day_before as (
            partition by placed.account_id, placed.source, placed.url
            order by placed.fetched_at
            range between unbounded preceding and interval 24 hour preceding
        ),
        day_after as (
            partition by placed.account_id, placed.source, placed.url
            order by placed.fetched_at
            range between interval 24 hour following and unbounded following
        )
),

candidates as (
    select
        *,
        lag(standing_reading) over (partition by {{ page }} order by reading_no) as earlier_reading
    from evidence
    qualify matter_digest <> before_matter
),

compared as (
    select
        visit_id,
        before_reading as reading,
        'before' as side
    from candidates
    union all
    select
        visit_id,
        reading,
        'now' as side
    from candidates
    union all
    select
        visit_id,
        later_reading as reading,
        'later' as side
    from candidates
    union all
    select
        visit_id,
        earlier_reading as reading,
        'earlier' as side
    from candidates
),

-- A gain or a loss is one of the matter and of the whole page: what moves to another part
-- has not gone, and what a menu says too has not come.
compared_texts as (
    select
        compared.visit_id,
        texts.text_key,
        coalesce(sum(texts.n_times) filter (where compared.side = 'before'), 0) as n_before,
        coalesce(sum(texts.n_times) filter (where compared.side = 'now'), 0) as n_now,
        coalesce(sum(texts.n_times) filter (where compared.side = 'later'), 0) as n_later,
        coalesce(sum(texts.n_times) filter (where compared.side = 'earlier'), 0) as n_earlier,
        coalesce(sum(texts.n_in_matter) filter (where compared.side = 'before'), 0)
        > coalesce(sum(texts.n_in_matter) filter (where compared.side = 'now'), 0) as was_matter,
        coalesce(sum(texts.n_in_matter) filter (where compared.side = 'now'), 0)
        > coalesce(sum(texts.n_in_matter) filter (where compared.side = 'before'), 0) as is_matter
    from compared
    inner join texts on compared.reading = texts.reading
    group by compared.visit_id, texts.text_key
    having
        coalesce(sum(texts.n_times) filter (where compared.side = 'before'), 0)
        <> coalesce(sum(texts.n_times) filter (where compared.side = 'now'), 0)
        or bool_or(compared.side = 'later') and not bool_or(compared.side in ('before', 'now'))
),

differences as (
    select
        compared_texts.*,
        meanings.meaning,
        candidates.account_id,
        candidates.source,
        candidates.url,
        candidates.reading_no,
        candidates.fetched_at,
        candidates.day,
        candidates.evidence_at,
        candidates.known_at is null as is_pending,
        abs(compared_texts.n_now - compared_texts.n_before) as n_times,
        greatest(compared_texts.n_now, compared_texts.n_before) as n_most,
        compared_texts.n_now > compared_texts.n_before as is_gain,
        compared_texts.n_now < compared_texts.n_before as is_loss
    from compared_texts
    inner join candidates on compared_texts.visit_id = candidates.visit_id
    inner join meanings on compared_texts.text_key = meanings.text_key
),

-- A text that was edited again before it was seen twice.
edited_again as (
    select distinct
        gained.visit_id,
        gained.text_key
    from differences as gained
    inner join differences as later on gained.visit_id = later.visit_id
    where
        gained.is_gain
        and gained.is_matter
        and gained.n_later <= gained.n_before
        and not later.is_gain
        and not later.is_loss
        and len(string_split(later.meaning, ' ')) >= 5
        and len(list_intersect(string_split(gained.meaning, ' '), string_split(later.meaning, ' ')))
        >= 0.8 * greatest(
            len(list_distinct(string_split(gained.meaning, ' '))),
            len(list_distinct(string_split(later.meaning, ' ')))
        )
),

held as (
    select
        differences.*,
        case
            when differences.is_gain
                then differences.is_matter and (
                    differences.n_later > differences.n_before
                    or differences.is_pending
                    or edited_again.visit_id is not null
                )
            when differences.is_loss
                then
                    differences.was_matter
                    and differences.n_later < differences.n_before
                    and differences.n_earlier >= differences.n_before
        end as is_held
    from differences
    left join edited_again
        on differences.visit_id = edited_again.visit_id and differences.text_key = edited_again.text_key
    where differences.is_gain or differences.is_loss
),

-- Whether the page had shown a text before, and shown it steadily.
shown as (
    select
        held.visit_id,
        held.text_key,
        count(*) as n_shown,
        min(earlier.reading_no) as first_no
    from held
    inner join evidence as earlier
        on
            held.account_id = earlier.account_id
            and held.source = earlier.source
            and held.url = earlier.url
            and held.reading_no > earlier.reading_no
            and held.fetched_at - earlier.fetched_at <= interval 180 day
    inner join texts
        on
            earlier.reading = texts.reading
            and held.text_key = texts.text_key
            and held.n_most <= texts.n_times
    where held.is_held
    group by held.visit_id, held.text_key
),

last_stretches as (
    select
        account_id,
        source,
        url,
        max(stretch_no) as stretch_no
    from stretches
    group by account_id, source, url
),

-- What more visits may still change: a change not confirmed, a page not believed.
pending as (
    select
        account_id,
        source,
        url
    from candidates
    where known_at is null
    union
    select
        last_stretches.account_id,
        last_stretches.source,
        last_stretches.url
    from last_stretches
    anti join believed using ({{ page }}, stretch_no)
),

page_states as (
    select distinct
        page_visits.account_id,
        page_visits.source,
        page_visits.url,
        pending.url is null as is_settled
    from page_visits
    left join pending using ({{ page }})
),

differing as (
    select
        candidates.account_id,
        candidates.source,
        candidates.url,
        candidates.scope,
        candidates.day,
        candidates.fetched_at,
        candidates.evidence_at,
        candidates.known_at,
        candidates.text_digest,
        candidates.language,
        candidates.before_visit_id,
        candidates.visit_id,
        -- The same on every engine, as a hash of its own is not.
        md5(held.meaning) as text_key,
        held.meaning,
        held.is_gain,
        held.was_matter,
        held.is_matter,
        held.n_times,
        coalesce(held.is_held, false) as is_held,
        coalesce(held.is_held, false) and case
            when held.is_gain then shown.visit_id is null
            else held.reading_no - shown.first_no - shown.n_shown < 2
        end as is_unseen,
        -- What stood there first was another page and stood for a moment only.
        coalesce(
            candidates.was_short_start and candidates.before_stretch_no <> candidates.stretch_no, false
        ) as is_first_believed
    from held
    inner join candidates on held.visit_id = candidates.visit_id
    left join shown on held.visit_id = shown.visit_id and held.text_key = shown.text_key
),

final_cte as (
    select * from differing
    union all by name
    select * from page_states
)

{% if after -%}
{{ marked_anew('final_cte', 'touched', page) }}
{%- else -%}
select * from final_cte
{%- endif %}
