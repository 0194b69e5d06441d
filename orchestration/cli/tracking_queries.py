"""The questions of ``saas-tracker tracking``. $1: the company, $2: the application or ``all``."""

GUESSES = "('sticky', 'identify', 'primary', 'later', 'undefined_group')"
"""Sources of an account that the call itself does not name: section 6 of ``docs/tracking.md``."""

_APPLICATION = "company_id = $1 and ($2 = 'all' or app_id = $2)"

QUERIES = {
    "quality": """
        select * exclude (company_id) from marts.telemetry_quality
        where company_id = $1 and app_id = $2
        order by array_position([
            'missing_account_context', 'user_centric_only', 'missing_collaboration',
            'missing_billing', 'roles_unknown', 'per_user_tracking'
        ], rule)""",
    # Each usage call and flat event once; calls without an account are in no other mart.
    "context": f"""
        select account_source, account_source not in {GUESSES} as is_own_context, count(*) as calls
        from marts.events where {_APPLICATION} group by all
        union all
        select 'unattributed', false, sum(unattributed)::bigint
        from marts.tracking_plan_events where {_APPLICATION} having sum(unattributed) > 0
        order by calls desc, account_source""",
    "plan": f"""
        select plan.* exclude (company_id), coalesce(near.occurrences, 0) as near_misses
        from marts.tracking_plan_events as plan
        left join (
            select app_id, name as event, occurrences from marts.tracking_plan_issues
            where company_id = $1 and issue = 'near_miss'
        ) as near using (app_id, event)
        where {_APPLICATION}
        order by array_position(['planned', 'never_seen', 'unplanned', 'automatic'], status),
            calls desc, app_id, event""",
    # Issues of traits are the company's, so they are shown with every application.
    "issues": """
        select * exclude (company_id) from marts.tracking_plan_issues
        where company_id = $1 and ($2 = 'all' or app_id in ($2, 'all'))
        order by occurrences_30d desc, occurrences desc, app_id, subject, name, property, issue""",
    # Of users and groups with an event in the last 30 days. $3: the tracking plan's traits.
    "traits": """
        with planned as (
            select entity, trait, requirement from read_csv($3, all_varchar = true)
            where company_id in ($1, '*')
            qualify row_number() over (partition by entity, trait order by company_id = '*') = 1
        ),
        subjects as (
            select subject, max(checked_30d) as checked from marts.tracking_plan_issues
            where company_id = $1 and issue like 'trait%' group by subject
        ),
        wanted as (
            select subjects.*, trait, requirement from subjects inner join planned
                on entity = subject or (entity = '*' and subject not in ('user', 'account'))
            qualify row_number() over (partition by subject, trait order by entity = '*') = 1
        )
        select wanted.subject, trait, wanted.requirement, checked,
            checked - coalesce(occurrences_30d, 0) as present, present / checked as coverage
        from wanted left join marts.tracking_plan_issues as issues
            on issues.company_id = $1 and issues.issue = 'trait_missing'
            and issues.subject = wanted.subject and issues.name = trait
        where wanted.requirement = 'required'
        order by coverage, wanted.subject, trait""",
    # The groups of the ten largest accounts; events and users are of the subtree.
    "groups": """
        with largest as (
            select group_id,
                row_number() over (order by mrr desc, events_30d desc, group_id) as rank
            from marts.groups
            where company_id = $1 and is_account and group_id = external_org_id qualify rank <= 10
        )
        select largest.rank as account_rank, groups.* exclude (company_id, traits)
        from marts.groups inner join largest on groups.external_org_id = largest.group_id
        where company_id = $1
        order by account_rank, level nulls last, events_30d desc, groups.group_id""",
    "trials": """
        select plan_trialing, count(started_at) as started,
            count(*) filter (status = 'converted') as converted,
            count(*) filter (status = 'not_converted') as not_converted,
            count(*) filter (status = 'active') as active,
            count(*) filter (status = 'overdue') as overdue,
            count(*) filter (status = 'superseded') as superseded,
            converted / nullif(converted + not_converted, 0) as conversion_rate
        from marts.trials where company_id = $1
        group by plan_trialing order by started desc, plan_trialing""",
    # The row whose role is null and is_total is true is all of them.
    "invitations": """
        select coalesce(invitee_role, role) as role,
            grouping(coalesce(invitee_role, role)) = 1 as is_total,
            count(invited_at) as sent,
            count(*) filter (status = 'joined') as joined,
            count(*) filter (status = 'open') as open,
            count(*) filter (status = 'expired') as expired,
            count(*) filter (status = 'uninvited') as uninvited,
            median(hours_to_join) as median_hours
        from marts.invitations where company_id = $1
        group by grouping sets ((), (coalesce(invitee_role, role)))
        having count(*) > 0
        order by is_total desc, sent desc, role""",
    "roles": """
        select role, count(*) as users, any_value(role_weight) as weight,
            sum(events_30d)::bigint as events_30d, sum(weighted_events_30d) as weighted_events_30d,
            sum(weighted_events_30d) / nullif(sum(sum(weighted_events_30d)) over (), 0) as share
        from marts.user_accounts where company_id = $1
        group by role order by weighted_events_30d desc, role""",
    "mtu": f"""
        select * exclude (company_id) from marts.mtu_monthly
        where {_APPLICATION} and month = (
            select max(month) from marts.mtu_monthly where company_id = $1 and not is_partial
        ) order by app_id = 'all' desc, app_id""",
    "discrepancies": """
        select * exclude (company_id) from marts.billing_discrepancies where company_id = $1
        order by abs(difference) desc nulls last, external_org_id, discrepancy""",
}
