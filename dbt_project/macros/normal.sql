{#- Upper tail of the standard normal distribution (Abramowitz and Stegun 26.2.17, absolute error below 8e-8), for
    engines without an error function. -#}
{% macro normal_upper_tail(z) -%}
case when {{ z }} >= 0 then {{ _normal_tail(z) }} else 1 - {{ _normal_tail(z) }} end
{%- endmacro %}

{% macro _normal_tail(z) -%}
{%- set t = '(1 / (1 + 0.2316419 * abs(' ~ z ~ ')))' -%}
(
            0.3989422804014327 * exp(-({{ z }}) * ({{ z }}) / 2)
            * {{ t }} * (
                0.319381530 + {{ t }} * (
                    -0.356563782 + {{ t }} * (1.781477937 + {{ t }} * (-1.821255978 + {{ t }} * 1.330274429))
                )
            )
        )
{%- endmacro %}
