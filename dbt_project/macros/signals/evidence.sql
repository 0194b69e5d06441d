{#-
    How sure a figure is: 95 % intervals, kept within 0 and 1, as in docs/metrics.md, "Do the signals and the score
    tell anything?". `side` is `low` or `high`.
-#}
{% macro interval_bound(center, half_width, side) -%}
    {#- Not greatest() and least(): they pass over null. -#}
    {%- if side == 'low' -%}
    case when {{ center }} < {{ half_width }} then 0e0 else {{ center }} - {{ half_width }} end
    {%- else -%}
    case when {{ center }} + {{ half_width }} > 1 then 1e0 else {{ center }} + {{ half_width }} end
    {%- endif -%}
{%- endmacro %}

{#- Wilson's interval of a share, `found` of `total`; null where there is nothing to share. -#}
{% macro wilson_bound(found, total, side) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set share = ratio(found, total) -%}
    {%- set shrink = '(1 + ' ~ z * z ~ ' / nullif(cast(' ~ total ~ ' as double), 0))' -%}
    {{ interval_bound(
        '(' ~ share ~ ' + ' ~ z * z / 2 ~ ' / ' ~ total ~ ') / ' ~ shrink,
        z ~ ' * sqrt((' ~ share ~ ' * (1 - ' ~ share ~ ') + ' ~ z * z / 4 ~ ' / ' ~ total ~ ') / ' ~ total ~ ') / '
        ~ shrink,
        side
    ) }}
{%- endmacro %}

{#- Hanley and McNeil's interval of an area under the curve of `lost` and `kept` cases. -#}
{% macro hanley_mcneil_bound(auc, lost, kept, side) -%}
    {%- set auc_squared = auc ~ ' * ' ~ auc -%}
    {{ interval_bound(
        auc,
        '1.959963984540054 * sqrt(greatest(0, ' ~ auc ~ ' * (1 - ' ~ auc ~ ')'
        ~ ' + (' ~ lost ~ ' - 1) * (' ~ auc ~ ' / (2 - ' ~ auc ~ ') - ' ~ auc_squared ~ ')'
        ~ ' + (' ~ kept ~ ' - 1) * (2 * ' ~ auc_squared ~ ' / (1 + ' ~ auc ~ ') - ' ~ auc_squared ~ ')'
        ~ ') / (cast(' ~ lost ~ ' as double) * ' ~ kept ~ '))',
        side
    ) }}
{%- endmacro %}
