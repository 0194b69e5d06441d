{#- By anti-pattern of the telemetry standard: its measure, and the sentence with the numbers. -#}
{% macro telemetry_measures() -%}
    {{ return({
        'missing_account_context': (ratio('without_context + rejected', 'sent + rejected'), dbt.concat([
            number_words('without_context + rejected'), "' of '", number_words('sent + rejected'),
            "' calls and events of the last 30 days do not name their account, '", number_words('rejected'),
            "' of them rejected events without an organization.'",
        ])),
        'user_centric_only': (ratio('unknown', 'organizations'), dbt.concat([
            number_words('unknown'), "' of '", number_words('organizations'),
            "' active organizations are known by id alone, with '", number_words('users'), "' active users, '",
            'coalesce(' ~ number_words(ratio('users', 'organizations')) ~ ", '0')", "' per organization.'",
        ])),
        'missing_collaboration': ('cast(collaboration as double)', dbt.concat([
            number_words('collaboration'), "' planned collaboration events were seen in the last 90 days.'",
        ])),
        'missing_billing': ('cast(billing as double)', dbt.concat([
            number_words('billing'), "' planned billing events were seen in the last 90 days, beside '",
            number_words('movements'), "' movements of MRR in their months.'",
        ])),
        'roles_unknown': (
            "case when identity_mode <> 'instance' and sends_calls then " ~ ratio('without_role', 'pairs') ~ ' end',
            dbt.concat([
                number_words('without_role'), "' of '", number_words('pairs'),
                "' active users of accounts have no role there; in the company, weighted by role: '", 'weighted_by_role', "'.'",
            ])
        ),
        'per_user_tracking': ('reduction', "case when month is null then 'There was no call in the last whole month.' else " ~ dbt.concat([
            "'Accounts instead of users would be '", number_words('mtu_instance_level'), "' tracked users instead of '",
            known_words('mtu_per_user'), "' (reduction '", known_words('reduction', 3), "', '",
            known_words('reduction_billable', 3), "' with volume), at '", known_words('users_per_account'),
            "' users per account; '", known_words('known_roles', 2), "' of active users have a role, '",
            "case when has_matched_invitation then 'some' else 'no' end", "' invitation was followed, and health gives users '",
            "case when weighs_users then 'a' else 'no' end", "' weight of its own.'",
        ]) ~ ' end'),
    }) }}
{%- endmacro %}


{#- A number in words, where it may not be known. -#}
{% macro known_words(value, decimals=1) -%}
    coalesce({{ number_words(value, decimals) }}, 'unknown')
{%- endmacro %}


{#- The status of a measure: more is worse, but of events seen. -#}
{% macro telemetry_status() -%}
    case
            when rule = 'per_user_tracking' then {{ per_user_status() }}
            when measure is null then 'not_measured'
            when rule in ('missing_collaboration', 'missing_billing') then
                case
                    when measure >= warning_at then 'good'
                    when measure >= bad_at then 'warning'
                    else 'bad'
                end
            when measure < warning_at then 'good'
            when measure < bad_at then 'warning'
            else 'bad'
        end
{%- endmacro %}


{#- "Which user, or just which account?": users are tracked one by one with reason where that costs little, or where
    somebody asks about them. -#}
{% macro per_user_status() -%}
    case
                when month is null then 'not_measured'
                when identity_mode = 'instance' then 'good'
                when reduction is null then 'not_measured'
                when
                    reduction < min_reduction
                    or users_per_account < min_users_per_account
                    then 'good'
                when
                    coalesce(known_roles >= max_known_roles, false)
                    or has_matched_invitation or weighs_users
                    then 'warning'
                else 'bad'
            end
{%- endmacro %}


{#- What to do, in one sentence. -#}
{% macro telemetry_advice(rule, status) -%}
    case
        when {{ status }} = 'not_measured' then 'Send calls of these users and accounts; there is nothing to judge yet.'
        {%- for code, (good, else_) in {
            'missing_account_context': ('Go on naming the account on every call.', 'Send the group with every call, or account_id as a property, and events with their organization.'),
            'user_centric_only': ('Go on defining accounts with a name.', 'Send a group call with group_type account and a name for each account, or import organizations.'),
            'missing_collaboration': ('Go on sending collaboration events.', 'Send user.invited, user.joined and the other collaboration events of the tracking plan.'),
            'missing_billing': ('Go on sending billing events.', 'Send trial.started, trial.ended, plan.upgraded and plan.downgraded.'),
            'roles_unknown': ('Go on sending roles.', 'Send the trait role with identify calls that name the account, and role with user.joined.'),
        }.items() %}
        when {{ rule }} = '{{ code }}' and {{ status }} = 'good' then '{{ good }}'
        when {{ rule }} = '{{ code }}' then '{{ else_ }}'
        {%- endfor %}
        when {{ status }} = 'good' then 'Track as you do.'
        when {{ status }} = 'warning'
            then 'Go on tracking users, as they are asked about, and look at the cost again when nobody does any more.'
        else 'Track by instance: feature usage, adoption, plan and MRR context, and object counts sent as group traits are kept, user journeys, roles, user cohorts and the health component users are given up, and the way back is easy, the other way is not.'
    end
{%- endmacro %}
