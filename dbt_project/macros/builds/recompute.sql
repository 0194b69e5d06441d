{#- A condition: the columns of a row are a row of a (small) table of keys. -#}
{% macro among(columns, keys) -%}
    ({{ columns | join(', ') }}) in (select {{ columns | join(', ') }} from {{ keys }})
{%- endmacro %}


{#-
    Of `rows` only those from the day on from which this build computes a domain (`usage`, `health`, `signals`) again;
    all of them in a build from scratch. `keys` tell whose day: an organization's, or the first of its company.
    `days_before` it are read, too.
-#}
{% macro only_recomputed(domain, rows, keys=['company_id', 'external_org_id'], days_before=0) -%}
    {%- set first_days = days_to_recompute_from(domain, keys) -%}
    {%- if continues_last_build() -%}
    inner join ({{ first_days }}) as recompute_from
        on {{ rows }}.date_day >= {{ add_days('recompute_from.from_day', '-' ~ days_before) if days_before else 'recompute_from.from_day' }}
        {%- for key in keys %}
        and {{ rows }}.{{ key }} = recompute_from.{{ key }}
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}


{#- Before a model adds its rows: those that it computes again make room. -#}
{% macro delete_from_day_on(domain, keys=['company_id', 'external_org_id']) -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where date_day >= (
        select min(recompute_from.{{ domain }}_from) from {{ ref('int_recompute_from__this_run') }} as recompute_from
        where
            {%- for key in keys %}
            {{ 'and ' if not loop.first }}recompute_from.{{ key }} = {{ this.identifier }}.{{ key }}
            {%- endfor %}
    )
    {%- endif -%}
{%- endmacro %}


{% macro days_to_recompute_from(domain, keys) -%}
    select {{ keys | join(', ') }}, min({{ domain }}_from) as from_day
    from {{ ref('int_recompute_from__this_run') }}
    group by {{ keys | join(', ') }}
{%- endmacro %}


{#- The same by single days, from a table of keys. -#}
{% macro delete_days(keys, days='int_recompute_days__this_run') -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ among(keys, ref(days)) }}
    {%- endif -%}
{%- endmacro %}


{#- After a model of whole sessions has added its rows: those without `built_in` only name what they replace. -#}
{% macro delete_replaced() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where built_in is null
    {%- endif -%}
{%- endmacro %}


{#- Before a model adds what it derives from rules: rows of companies whose rules of usage are other ones now. -#}
{% macro delete_other_rules() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where company_id in ({{ companies_with_other('usage') }})
    {%- endif -%}
{%- endmacro %}


{#- A query: companies whose reference data of a domain is not that of the last complete build. -#}
{% macro companies_with_other(domain) -%}
    select company_id from {{ ref('int_build_inputs__this_run') }}
    where kind = '{{ domain }}' and is_new
{%- endmacro %}


{#- First and last day of a query of days, moved apart by some days, as YYYY-MM-DD; a day long ago where it has none. -#}
{% macro first_and_last(days, margin=0) -%}
    {%- set row = run_query('select min(occurred_on), max(occurred_on) from (' ~ days ~ ') as days').rows[0] -%}
    {%- if row[0] is none -%}
        {{ return(('1900-01-01', '1900-01-01')) }}
    {%- endif -%}
    {#- Some drivers give days as text. -#}
    {%- set day = modules.datetime.date.fromisoformat -%}
    {%- set margin = modules.datetime.timedelta(days=margin) -%}
    {{ return(((day(row[0] | string) - margin).isoformat(), (day(row[1] | string) + margin).isoformat())) }}
{%- endmacro %}


{#- A condition on counted events: within these days. Said of the stored time too, so that a scan skips other blocks. -#}
{% macro occurred_within(days, events='') -%}
    {{ events }}occurred_on between cast('{{ days[0] }}' as date) and cast('{{ days[1] }}' as date)
        and (ts_epoch is null or (ts_epoch >= {{ epoch_after(days[0]) - 86400 }} and ts_epoch < {{ epoch_after(days[1]) }}))
{%- endmacro %}


{#- The values of a text column of a query, as SQL texts; '' where there is none. -#}
{% macro values_of(query) -%}
    {%- set found = run_query(query).columns[0].values() if execute else [] -%}
    {{ return("'" ~ (found | join("', '")) ~ "'") }}
{%- endmacro %}
