{#- Patterns of seeds/page_paths.csv. In a pattern without its names (`:` is left of `:id`) a segment that starts
    with `:` is one segment, `*` any run of characters, and everything else itself. -#}
{% macro strip_segment_names(pattern) -%}
    {{ regexp_replace_all(pattern, '/:[^/*]*', '/:') }}
{%- endmacro %}

{#- The regular expression of a pattern without names. Literal text stands between \Q and \E. -#}
{% macro path_pattern_to_regexp(pattern) -%}
    concat(
            {{ raw_text('(?s)\\A\\Q') }},
            replace(
                replace(
                    replace({{ pattern }}, {{ raw_text('\\E') }}, {{ raw_text('\\E\\\\E\\Q') }}),
                    '/:',
                    {{ raw_text('/\\E[^/]+\\Q') }}
                ),
                '*',
                {{ raw_text('\\E.*\\Q') }}
            ),
            {{ raw_text('\\E\\z') }}
        )
{%- endmacro %}
