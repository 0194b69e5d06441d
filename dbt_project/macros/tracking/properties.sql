{#- A query: flat events and usage calls with their properties as JSON; where a build continues, of the days to look at. -#}
{% macro events_with_properties() -%}
    {%- set days = ref('int_tracking_days__this_run') -%}
    {%- set key = ['company_id', 'app_id', 'date_day'] -%}
    {%- if continues_last_build() -%}
        {%- set reach = first_and_last('select date_day as occurred_on from ' ~ days) -%}
    {%- endif -%}
    {#- While dbt parses it learns of what a build with calls reads. -#}
    {%- set calls = counted_contents() if reads_calls() or not execute else none -%}
    {%- set groups = ref('stg_property_groups') if calls else none -%}
    select * from (
        select
            events.company_id, events.app_id, events.event_id, events.event as sent_event, events.event as event_name,
            false as is_automatic, true as has_account, events.occurred_at, events.occurred_on as date_day, events.properties
        from (select *, cast(occurred_at as date) as occurred_on from {{ ref('stg_events') }}) as events
        {{ join_counted('events') }}
        where {{ is_counted('events') }}
            {{ 'and ' ~ occurred_within(reach, 'events.') if continues_last_build() }}
        {%- if calls %}

        union all

        select
            calls.company_id, calls.app_id, concat('call:', calls.call_id) as event_id, calls.event as sent_event,
            case when calls.kind = 'track' then calls.event else concat(calls.kind, '_view') end as event_name,
            calls.is_automatic,
            calls.account_id is not null or calls.groups is not null or named.property_groups is not null as has_account,
            calls.occurred_at, cast(calls.occurred_at as date) as date_day, calls.properties
        from ({{ calls }}) as calls
        left join {{ groups }} as named
            on calls.company_id = named.company_id and calls.app_id = named.app_id
            and calls.call_id = named.call_id and calls.content_hash = named.content_hash
        where calls.kind in ({{ usage_kinds() }})
        {%- endif %}
    ) as sent_events
    {{ 'where ' ~ among(key, days) if continues_last_build() }}
{%- endmacro %}


{#- CTEs that end in `judge_properties`: of `properties` (int_sent_properties__this_run) those with a value, and whether
    that holds personal data. -#}
{% macro judge_properties(properties) -%}
list_members as (

    select company_id, app_id, event_id, sent_property, {{ rows_of_matches('value', member_pattern()) }} as member
    from {{ properties }}
    where value like {{ "'{%'" }} or value like '[%'

),

list_values as (

    select company_id, app_id, event_id, sent_property, sent_property as name, value from {{ properties }}
    where value is not null

    union all

    select
        company_id, app_id, event_id, sent_property,
        {{ member_key('member') }} as name,
        {{ member_value('member') }} as value
    from list_members

),

judge_names as (

    -- distinct: few names are sent by many events
    select
        names.company_id,
        names.name,
        {{ name_key('names.name') }} as property_key,
        coalesce({{ regexp_matches(name_key('names.name'), 'personal.name_pattern') }}, false) as is_personal,
        {{ name_key('names.name') }} in ('account_id', 'primary_account_id', 'parent_group_id', 'group_type')
        or types.name_key is not null as is_group_id
    from (select distinct company_id, name from list_values) as names
    left join ({{ personal_names() }}) as personal on names.company_id = personal.company_id
    left join {{ ref('stg_group_types') }} as types
        on names.company_id = types.company_id and {{ name_key('names.name') }} = types.name_key

),

find_personal as (

    -- distinct: a property may hold several texts
    select distinct list_values.company_id, list_values.app_id, list_values.event_id, list_values.sent_property
    from list_values
    inner join judge_names as names
        on list_values.company_id = names.company_id and list_values.name = names.name
    where
        not names.is_group_id
        and (
            (names.is_personal and list_values.value not in ('null', '""') and not {{ is_sent_hash('list_values.value') }})
            or {{ is_email('list_values.value') }}
            or {{ is_replaced('list_values.value') }}
        )

),

judge_properties as (

    select
        properties.*,
        names.property_key,
        personal.event_id is not null and not names.is_group_id as is_personal,
        coalesce({{ is_replaced('properties.value') }}, false) as is_replaced
    from {{ properties }} as properties
    inner join judge_names as names
        on properties.company_id = names.company_id and properties.sent_property = names.name
    left join find_personal as personal
        on properties.company_id = personal.company_id and properties.app_id = personal.app_id
        and properties.event_id = personal.event_id and properties.sent_property = personal.sent_property
    where properties.value is not null

)
{%- endmacro %}
