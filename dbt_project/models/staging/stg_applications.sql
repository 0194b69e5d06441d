select
    applications.company_id,
    applications.app_id,
    coalesce(applications.name, applications.app_id) as name,
    coalesce(applications.identity_mode, 'user') as identity_mode,
    coalesce(applications.session_inference, 'inactivity_gap') as session_inference,
    coalesce(applications.session_timeout_minutes, 30) as session_timeout_minutes
from {{ ref('applications') }} as applications
