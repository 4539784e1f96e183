{#- What stands beside every person who is held; docs/privacy.md says the same. -#}

{% macro legal_basis() -%}
'GDPR article 6(1)(f): legitimate interest in public roles'
{%- endmacro %}

{#- A month after the person was first seen (article 14(3)(a)). -#}
{% macro notice_due_on(first_seen_at) -%}
cast(cast({{ first_seen_at }} as date) + interval 1 month as date)
{%- endmacro %}
