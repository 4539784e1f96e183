{#- What makes two ads of an account one position: the same address, or title and place. -#}

{#- Title of a position for comparison: words only, without marks such as (m/k) or (f/m/d). -#}
{% macro job_title_key(title) -%}
trim({{ title_words("regexp_replace(lower(" ~ title ~ "), '\\([mkfwdxv](\\s*/\\s*[mkfwdxv])+\\)', ' ', 'g')") }})
{%- endmacro %}

{#- Places an ad names, one by one and without countries; empty when it names none. -#}
{% macro job_place_keys(place) -%}
list_filter(
    list_transform(
        regexp_split_to_array(lower(coalesce({{ place }}, '')), '[,;/|·()]| - | og | and | & '),
        part -> trim(regexp_replace(part, '[^\p{L}\p{N}]+', ' ', 'g'))
    ),
    part -> part <> ''
    and part not in (
        'norge', 'norway', 'noreg', 'no', 'sverige', 'sweden', 'se', 'danmark', 'denmark', 'dk',
        'suomi', 'finland', 'fi', 'remote', 'hybrid', 'hjemmekontor'
    )
)
{%- endmacro %}

{#- An address for comparison: no scheme, tracking, fragment, or step to the application. -#}
{% macro ad_address(url) -%}
regexp_replace(
    regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(lower({{ url }}), '#.*$', ''),
                '[?&](utm_\w+|gh_src|ref|source|lever-source|fbclid|gclid|mc_[ce]id)=[^&]*', '', 'g'
            ),
            '^https?://(www\.)?', ''
        ),
        '/+$', ''
    ),
    '/(apply|application|apply/new|c/new|soknad|ansok|sok)$', ''
)
{%- endmacro %}

{#- The addresses of an ad that name it: with a path, and over the web. -#}
{% macro ad_addresses(ad_url, apply_url) -%}
list_sort(list_distinct(list_transform(
    list_filter([{{ ad_url }}, {{ apply_url }}], url -> regexp_matches(coalesce(url, ''), '^https?://[^/]+/.')),
    url -> {{ ad_address('url') }}
)))
{%- endmacro %}

{#- What a source knows an ad by: its own id, or its address whatever the link to it carries. -#}
{% macro ad_identity(ad_id) -%}
case
    -- Letters and fragment are kept: on some boards only they tell two ads apart.
    when regexp_matches({{ ad_id }}, '^https?://') then regexp_replace({{ ad_id }}, '/(apply|application)/?$', '')
    else {{ ad_id }}
end
{%- endmacro %}

{#-
Common table expressions of what own pages and boards list: `ad_rows`, one row per visit and
ad on it that stands open, of the days to be built. Needs `visits` and `job_ads`.
-#}
{% macro job_ad_rows() -%}
read_visits as not materialized (
    select * from visits
    where is_ok and account_id is not null and parser_version is not null
),

list_starts as (
    -- From when on an account is known to list its ads.
    select
        read_visits.account_id,
        read_visits.source,
        min(read_visits.day) as first_list_day
    from read_visits
    semi join (
        select * from job_ads
        where ad_status = 'active' and is_listing
    ) as listed
        on
            read_visits.source = listed.source
            and read_visits.url = listed.url
            and read_visits.payload_digest = listed.payload_digest
            and read_visits.parser_version = listed.parser_version
    group by read_visits.account_id, read_visits.source
),

ad_rows as (
    select
        read_visits.account_id,
        read_visits.day,
        read_visits.fetched_at,
        read_visits.visit_id,
        (not job_ads.is_listing, read_visits.fetched_at, read_visits.visit_id, job_ads.record_index) as reading,
        {{ ad_identity('job_ads.ad_id') }} as ad_ref,
        coalesce(read_visits.day >= list_starts.first_list_day, false) as has_lists,
        job_ads.*
    from read_visits
    inner join job_ads
        on
            read_visits.source = job_ads.source
            and read_visits.url = job_ads.url
            and read_visits.payload_digest = job_ads.payload_digest
            and read_visits.parser_version = job_ads.parser_version
    left join list_starts
        on read_visits.account_id = list_starts.account_id and read_visits.source = list_starts.source
    where job_ads.ad_status = 'active' and {{ is_to_build('read_visits.day') }}
)
{%- endmacro %}
