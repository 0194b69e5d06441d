-- Only of registered companies: a company leaves by its line in companies.csv.
select
    applications.company_id,
    applications.app_id,
    coalesce(applications.name, applications.app_id) as name,
    coalesce(applications.identity_mode, 'user') as identity_mode,
    coalesce(applications.session_inference, 'inactivity_gap') as session_inference,
    coalesce(applications.session_timeout_minutes, 30) as session_timeout_minutes
from {{ ref('applications') }} as applications
inner join {{ ref('stg_companies') }} as companies
    on applications.company_id = companies.company_id
