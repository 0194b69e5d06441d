"""The groups that calls name. Many calls name the same ones: each naming is taken apart once."""

from ingestion.calls.traits import PLACE

# The type of a group call that sends none with its id is that of its traits.
_SAID_TYPE = """case when kind = 'group' and groups_sent is null
    then coalesce(trim(plain(group_type)), '') else '' end"""
_NAMED = ("groups_sent", "group_sent", "said_type")
_HAS_GROUPS = "starts_with(groups_sent, '{')"

PREPARE_GROUPS = f"""
    create or replace table named_groups as
    with named as (
        select distinct groups_sent, group_sent, {_SAID_TYPE} as said_type
        from fields left join traits using ({PLACE})
        where groups_sent is not null or group_sent is not null
    ),
    listed as (
        select *, case
            when {_HAS_GROUPS} then merged(list_concat(groups_of(groups_sent),
                case when group_sent is null then [] else
                    [{{'type': '', 'ids': [group_sent]}}] end))
            when group_sent is null then []
            else [{{'type': said_type, 'ids': [group_sent]}}] end as groups
        from named
    )
    select *, flatten(list_transform(groups, lambda g: g.ids)) as group_ids,
        rendered_groups(groups) as rendered_groups
    from listed"""


def with_groups_sql(rows: str) -> str:
    """SQL: rows of calls with their traits, and with ``groups``, as a list and rendered."""
    same = " and ".join(f"sent.{name} is not distinct from named.{name}" for name in _NAMED)
    return f"""
        select sent.* exclude (said_type), coalesce(named.groups, []) as groups,
            coalesce(named.group_ids, []) as group_ids, named.rendered_groups
        from (select *, {_SAID_TYPE} as said_type from {rows}) as sent
        left join named_groups as named on {same}"""
