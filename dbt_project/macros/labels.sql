{#- The codes of each kind, in the order in which they are shown. Signal types are reference data (`signal_types.csv`). -#}
{% macro codes(kind) -%}
    {{ return({
        'health_band': ['healthy', 'watch', 'at_risk', 'no_recent_activity'],
        'segment': ['champions', 'expansion', 'revenue_at_risk', 'low_value', 'not_paying'],
        'movement': movements(),
        'change_type': ['started', 'ended', 'started_and_ended', 'scheduled_start', 'scheduled_end', 'net'],
        'ranking': ['health_score', 'usage_ratio', 'mrr', 'tenure', 'random'],
        'component': health_components()
    }[kind]) }}
{%- endmacro %}


{#- Two columns for a chart: `<column>_label` in words, `<column>_order` to sort by. -#}
{% macro label_and_order(column, kind=none) -%}
    {%- set words = {'fx': 'Exchange rates', 'mrr': 'MRR'} -%}
    case {{ column }}
        {%- for code in codes(kind or column) %}
        when '{{ code }}' then '{{ words.get(code) or code | replace('_', ' ') | capitalize }}'
        {%- endfor %}
    end as {{ column }}_label,
    cast(case {{ column }}
        {%- for code in codes(kind or column) %}
        when '{{ code }}' then {{ loop.index }}
        {%- endfor %}
    end as bigint) as {{ column }}_order
{%- endmacro %}
