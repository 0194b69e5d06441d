with

changes as (

    select * from {{ ref('int_health_changes') }}

),

components as (

    select * from {{ ref('organization_health_change_components') }}

),

measure_moves as (

    -- `points_moved`: in the direction in which the score went.
    select
        components.*,
        components.contribution_change * sign(changes.health_score - changes.health_score_before) as points_moved,
        {{ round_half_up('components.contribution_change', 1) }} as shown_change
    from components
    inner join changes
        on components.company_id = changes.company_id
        and components.app_id = changes.app_id
        and components.external_org_id = changes.external_org_id
        and components.changed_on = changes.changed_on

),

word_moves as (

    select
        *,
        max(points_moved) over (
            partition by company_id, app_id, external_org_id, changed_on
        ) as most_points_moved,
        case
            when shown_change <> 0
                then component || case when shown_change > 0 then ' +' else ' ' end
                    || cast(cast(shown_change as decimal(18, 1)) as {{ dbt.type_string() }})
        end as move
    from measure_moves

),

gather_moves as (

    -- The tolerance keeps moves equal that differ in the last bits of a double alone.
    select
        company_id,
        app_id,
        external_org_id,
        changed_on,
        {{ first_by(
            'case when points_moved > 0.000001 and points_moved >= most_points_moved - 0.000001 then component end',
            'sort_order'
        ) }} as main_mover,
        nullif({{ sorted_list('move', ', ') }}, '') as moves
    from word_moves
    group by company_id, app_id, external_org_id, changed_on

),

describe_changes as (

    select
        changes.*,
        {{ round_half_up('changes.health_score - changes.health_score_before', 1) }} as health_score_change,
        case
            when {{ health_band_place('changes.health_band') }} > {{ health_band_place('changes.health_band_before') }}
                then 'improved'
            else 'declined'
        end as direction,
        gather_moves.main_mover,
        gather_moves.moves
    from changes
    left join gather_moves
        on changes.company_id = gather_moves.company_id
        and changes.app_id = gather_moves.app_id
        and changes.external_org_id = gather_moves.external_org_id
        and changes.changed_on = gather_moves.changed_on

)

select
    company_id,
    app_id,
    external_org_id,
    display_name,
    changed_on,
    compared_on,
    health_band_before,
    health_band,
    {{ label_and_order('health_band') }},
    direction,
    health_score_before,
    health_score,
    health_score_change,
    main_mover,
    moves,
    is_current,
    {{ as_of_date() }} as as_of_date
from {{ described('describe_changes', 'display_name') }}
