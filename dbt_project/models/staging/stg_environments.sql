select
    environment,
    is_production
from {{ ref('environments') }}
