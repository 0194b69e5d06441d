{{ config(tags=['calls']) }}
with

events as (

    select *, event = 'user.joined' as is_join from {{ ref('int_lifecycle_events') }}
    where event in ('user.invited', 'user.joined')

),

add_keys as (

    select
        events.*,
        coalesce({{ json_text('events.invitation_id', '$') }}, case when not events.is_join then events.sent_id end) as id_key,
        {{ email_hash('case when events.is_join then emails.value else ' ~ json_text('events.invitee_email', '$') ~ ' end') }}
            as email_key
    from events
    inner join {{ ref('stg_applications') }} as applications
        on events.company_id = applications.company_id and events.app_id = applications.app_id
        and applications.identity_mode = 'user'
    left join {{ ref('int_trait_versions') }} as emails
        on emails.entity = 'user' and emails.trait = 'email' and emails.holds_until = {{ end_of_time() }}
        and events.company_id = emails.company_id and events.user_hash = emails.entity_id

),

{{ match_newest_open('matched_by_id', 'add_keys', 'id_key') }},

leave_matched as (

    select rows_left.* from add_keys as rows_left
    left join matched_by_id as invited
        on not rows_left.is_join and rows_left.company_id = invited.company_id
        and rows_left.app_id = invited.app_id and rows_left.event_id = invited.event_id
    left join matched_by_id as joined
        on rows_left.is_join and rows_left.company_id = joined.company_id
        and rows_left.app_id = joined.join_app_id and rows_left.event_id = joined.join_event_id
    where invited.event_id is null and joined.event_id is null

),

{{ match_newest_open('matched_by_email', 'leave_matched', 'email_key') }},

matches as (

    select *, 'invitation_id' as match from matched_by_id
    union all
    select *, 'email' as match from matched_by_email

),

invited as (

    select
        *,
        email_key is not null
        and row_number() over (partition by company_id, external_org_id, email_key order by {{ event_order() }}) > 1 as is_repeat
    from add_keys
    where not is_join

),

joined as (

    select * from add_keys
    where is_join

),

pair_events as (

    select
        coalesce(invited.company_id, joined.company_id) as company_id,
        coalesce(invited.event_id, joined.event_id) as invitation_key,
        coalesce(invited.external_org_id, joined.external_org_id) as external_org_id,
        invited.occurred_at as invited_at,
        invited.user_hash as inviter,
        {{ json_text('invited.invitee_role', '$') }} as invitee_role,
        joined.occurred_at as joined_at,
        joined.user_hash as invitee,
        {{ json_text('joined.role', '$') }} as role,
        matches.match,
        coalesce(invited.is_repeat, false) as is_repeat
    from invited
    left join matches
        on invited.company_id = matches.company_id and invited.app_id = matches.app_id and invited.event_id = matches.event_id
    full outer join joined
        on matches.company_id = joined.company_id and matches.join_app_id = joined.app_id
        and matches.join_event_id = joined.event_id

),

describe_invitations as (

    select
        pairs.company_id, pairs.invitation_key, pairs.external_org_id,
        pairs.invited_at,
        pairs.inviter,
        pairs.invitee_role,
        pairs.joined_at,
        pairs.invitee,
        pairs.role,
        pairs.match,
        ({{ timestamp_to_micros('pairs.joined_at') }} - {{ timestamp_to_micros('pairs.invited_at') }}) / 3.6e9 as hours_to_join,
        pairs.is_repeat,
        case
            when pairs.invited_at is null then 'uninvited'
            when pairs.joined_at is not null then 'joined'
            when {{ add_days('cast(pairs.invited_at as date)', 'cast(rules.value as integer)') }} < {{ as_of_date() }} then 'expired'
            else 'open'
        end as status,
        {{ as_of_date() }} as as_of_date
    from pair_events as pairs
    left join ({{ telemetry_rules() }}) as rules
        on pairs.company_id = rules.company_id and rules.rule = 'invitations' and rules.parameter = 'open_days'

)

select * from {{ described('describe_invitations', 'display_name') }}
