{%- set page = 'account_id, source, url' -%}
-- What changed on a page between two readings of it that are evidence
-- (hist_page_differences), with the kind of change.
with differences as (
    select * from {{ ref('hist_page_differences') }}
    where text_key is not null
),

page_visits as (
    select * from {{ ref('hist_page_visits') }}
),

-- The same text came or went on many pages of the site that day. Only what that day
-- itself was evidence of, so that a past day is never judged anew.
site_texts as (
    select
        account_id,
        source,
        day,
        is_gain,
        text_key,
        count(distinct url) as n_pages
    from differences
    where (is_gain and is_matter or not is_gain and was_matter) and evidence_at = fetched_at
    group by account_id, source, day, is_gain, text_key
),

-- Pages are counted where that many of them may share a text, which few site days do.
site_rounds as (
    select
        account_id,
        source,
        day,
        count(distinct url) as n_pages
    from page_visits
    semi join (
        select * from site_texts
        where n_pages >= 5
    ) as shared using (account_id, source, day)
    where visit_no > 1
    group by account_id, source, day
),

-- The same text came or went in many accounts that day: a vendor changed a template.
source_texts as (
    select
        source,
        day,
        is_gain,
        text_key,
        count(distinct account_id) as n_accounts,
        list_sort(list(distinct account_id)) as account_ids
    from differences
    where (is_gain and is_matter or not is_gain and was_matter) and evidence_at = fetched_at and length(meaning) >= 20
    group by source, day, is_gain, text_key
    having count(distinct account_id) >= 3
),

source_rounds as (
    select
        source,
        day,
        count(distinct account_id) as n_accounts
    from page_visits
    -- Few days of many have such a text.
    semi join source_texts using (source, day)
    where visit_no > 1
    group by source, day
),

judged as (
    select
        differences.*,
        source_texts.n_accounts as n_accounts_alike,
        source_rounds.n_accounts as n_accounts_read,
        source_texts.account_ids as accounts_alike,
        coalesce(source_texts.n_accounts > 0.2 * source_rounds.n_accounts, false) as is_of_source,
        differences.is_unseen as is_news,
        coalesce(site_texts.n_pages >= 5 and site_texts.n_pages >= 0.5 * site_rounds.n_pages, false) as is_of_template,
        coalesce(site_texts.n_pages >= 5 and site_texts.n_pages >= 0.3 * site_rounds.n_pages, false) as is_of_site
    from differences
    left join site_texts
        on
            differences.account_id = site_texts.account_id
            and differences.source = site_texts.source
            and differences.day = site_texts.day
            and differences.is_gain = site_texts.is_gain
            and differences.text_key = site_texts.text_key
    left join site_rounds
        on
            differences.account_id = site_rounds.account_id
            and differences.source = site_rounds.source
            and differences.day = site_rounds.day
    left join source_texts
        on
            differences.source = source_texts.source
            and differences.day = source_texts.day
            and differences.is_gain = source_texts.is_gain
            and differences.text_key = source_texts.text_key
    left join source_rounds on differences.source = source_rounds.source and differences.day = source_rounds.day
),

-- A word more or less is a counter, a name on a button, a typing error; a paragraph
-- parted in two has the words it had.
worded as (
    select
        visit_id,
        is_gain,
        is_held,
        is_news,
        n_times,
        unnest(regexp_extract_all(meaning, '[\p{L}\p{N}_]+')) as word
    from judged
),

word_balance as (
    select
        visit_id,
        word,
        coalesce(sum(n_times) filter (where is_gain), 0) as n_gained,
        coalesce(sum(n_times) filter (where not is_gain), 0) as n_lost,
        coalesce(sum(n_times) filter (where is_gain and is_held), 0) as n_added,
        coalesce(sum(n_times) filter (where not is_gain and is_held), 0) as n_removed,
        coalesce(sum(n_times) filter (where is_gain and is_news), 0) as n_new,
        coalesce(sum(n_times) filter (where not is_gain and is_news), 0) as n_taken
    from worded
    group by visit_id, word
),

word_sums as (
    select
        visit_id,
        sum(greatest(n_added - n_lost, 0) + greatest(n_removed - n_gained, 0)) as words_changed,
        sum(greatest(n_new - n_lost, 0) + greatest(n_taken - n_gained, 0)) as words_of_news
    from word_balance
    group by visit_id
),

told as (
    select
        visit_id,
        list_sort(list(meaning) filter (where is_gain and is_held)) as added,
        list_sort(list(meaning) filter (where not is_gain and is_held)) as removed,
        coalesce(bool_and(is_of_template or is_of_source) filter (where is_news), false) as is_template,
        coalesce(bool_and(is_of_site or is_of_source) filter (where is_news), false) as is_boilerplate,
        max(n_accounts_alike) filter (where is_of_source) as n_accounts_alike,
        max(n_accounts_read) as n_accounts_read,
        -- Something taken out and what stood there before put back.
        coalesce(
            not bool_or(is_gain and is_news)
            and sum(length(meaning)) filter (where is_gain and not is_news)
            >= 0.5 * coalesce(sum(length(meaning)) filter (where not is_gain and is_news), 0),
            false
        ) as is_put_back,
        arg_max(meaning, (n_accounts_alike, meaning)) filter (where is_of_source) as text_alike,
        arg_max(accounts_alike, (n_accounts_alike, meaning)) filter (where is_of_source) as accounts_alike
    from judged
    where is_held
    group by visit_id
),

candidates as (
    select distinct
        account_id,
        source,
        url,
        scope,
        day,
        fetched_at,
        known_at,
        text_digest,
        language,
        before_visit_id,
        visit_id,
        is_first_believed
    from differences
),

changes as (
    select
        candidates.*,
        coalesce(told.added, cast([] as varchar[])) as added,
        coalesce(told.removed, cast([] as varchar[])) as removed,
        cast(word_sums.words_changed as bigint) as words_changed,
        told.is_template,
        told.is_boilerplate,
        told.n_accounts_alike,
        told.n_accounts_read,
        told.text_alike,
        told.accounts_alike,
        word_sums.words_of_news < 2 or told.is_put_back as is_return
    from candidates
    inner join told on candidates.visit_id = told.visit_id
    inner join word_sums on candidates.visit_id = word_sums.visit_id
    where word_sums.words_changed >= 2
),

counted as (
    select
        *,
        count(*) filter (where is_return) over (
            partition by {{ page }}
            order by fetched_at
            range between interval 30 day preceding and current row
        ) as n_returns
    from changes
),

final_cte as (
    select
        account_id,
        source,
        url,
        scope,
        day,
        fetched_at,
        known_at,
        case
            when is_first_believed then 'first'
            when is_return and n_returns >= 3 then 'variant'
            when is_return then 'restored'
            when is_template then 'template'
            when is_boilerplate then 'boilerplate'
            else 'content'
        end as change_class,
        text_digest,
        language,
        added,
        removed,
        words_changed,
        n_accounts_alike,
        n_accounts_read,
        text_alike,
        accounts_alike,
        before_visit_id,
        visit_id as after_visit_id
    from counted
)

select * from final_cte
