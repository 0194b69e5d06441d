{{ config(severity='warn') }}
-- A feature whose rules name it differently: only one of the names is shown.
select
    company_id,
    app_id,
    feature_key
from {{ ref('int_feature_rules') }}
group by company_id, app_id, feature_key
having count(distinct feature_name) > 1
