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
case when regexp_matches({{ ad_id }}, '^https?://') then {{ ad_address(ad_id) }} else {{ ad_id }} end
{%- endmacro %}
