-- The same names as when calls are read (ingestion/calls/personal.py): alone, `name` says nothing of a person.
with

traits as (

    {{ resolve_rules(ref('trait_plan'), keys=['entity', 'trait'], values=['is_pii']) }}

)

select company_id, concat('^(.*_)?(', {{ sorted_list(name_key('trait'), '|') }}, ')$') as name_pattern
from traits
where entity = 'user' and is_pii and trait <> 'name'
group by company_id
