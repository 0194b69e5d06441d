"""What is expected of the files that arrive: not too many rejects, usual volumes, no silence.

The past is what ``raw.loaded_files`` says of it: no event is read. A file that changed counts with
its newest content only, so a corrected file takes the place of the broken one.
"""

from typing import Any

from ingestion.raw.tables import SCHEMA
from ingestion.sql import literal
from ingestion.thresholds import SUDDEN, Thresholds
from orchestration.landing.expectations import RowSuite
from orchestration.quality.suites import Expectation, between

_ASSET = (SCHEMA, "loaded_files")

_CONTENTS = """
    contents as (
        select company_id, coalesce(app_id, '') as app_id, kind as source, path, checksum,
            max(rows_read) as rows_read, max(modified_at) as modified_at,
            max(_dlt_load_id) as load_id
        from raw.loaded_files
        group by 1, 2, 3, 4, 5
        qualify row_number() over (partition by path order by max(_dlt_load_id) desc) = 1
    )"""

# A rejected row that a later try accepted is no reject. A source whose first load this is has no
# past to be compared with, and nothing published to be protected: its rejects only warn.
_REJECTS = """
    with {contents},
    rejected as (
        select files.path, files.checksum, count(*) as rows_rejected,
            mode(rows.reasons) as usual_reason
        from (
            select path, reasons, _dlt_load_id from raw.rejected_rows
            where _dlt_load_id > {since} and resolved_at is null
        ) as rows
        inner join raw.loaded_files as files
            on rows.path = files.path and rows._dlt_load_id = files._dlt_load_id
        group by files.path, files.checksum
    ),
    past as (
        select company_id, coalesce(app_id, '') as app_id, kind as source,
            sum(rows_rejected) / nullif(sum(rows_read), 0) as past_share
        from raw.loaded_files where _dlt_load_id <= {since}
        group by all
    ),
    sources as (
        select company_id, app_id, source,
            max_by(contents.path, (coalesce(rows_rejected, 0), contents.path)) as path,
            max_by(usual_reason, (rows_rejected, usual_reason)) as most_frequent_reason,
            sum(rows_read)::bigint as rows_read,
            coalesce(sum(rows_rejected), 0)::bigint as rows_rejected
        from contents left join rejected using (path, checksum)
        where load_id > {since}
        group by company_id, app_id, source
    )
    select company_id, app_id, source, path, most_frequent_reason, rows_read, rows_rejected,
        coalesce(rows_rejected / nullif(rows_read, 0), 0) as rejected_share,
        rows_read >= {min_rows} and source in ({blocking}) and rejected_share > {max_rejected_share}
            and rejected_share > {sudden} * past_share as is_sudden,
        case when is_sudden then rejected_share end as sudden_rejected_share,
        case when rows_read >= {min_rows} and is_sudden is not true then rejected_share end
            as usual_rejected_share
    from sources
    left join past using (company_id, app_id, source)"""

# Today is compared up to the hour of the newest file, so that a day that is not over is not short;
# with the same weekdays, because weeks repeat and days do not. Until there are three of them, the
# lowest day of the past two weeks stands for the usual one.
_VOLUME = """
    with {contents},
    clock as (
        select company_id, app_id, source, max(modified_at)::date as today,
            (max(modified_at) + interval 1 hour)::date > max(modified_at)::date as is_day_over,
            (max(modified_at) + interval 1 hour)::time as until
        from contents where source in ('events', 'calls') group by all
    ),
    days as (
        select company_id, app_id, source, today, modified_at::date as arrived_on,
            max_by(path, (modified_at, path)) as path,
            coalesce(sum(rows_read) filter (is_day_over or modified_at::time <= until), 0)::bigint
                as rows_so_far,
            sum(rows_read)::bigint as rows_in_all
        from contents inner join clock using (company_id, app_id, source)
        where modified_at >= today - interval 35 day
        group by all
    ),
    past as (
        select company_id, app_id, source,
            count(*) filter (dayofweek(arrived_on) = dayofweek(today)) as same_weekdays,
            median(rows_so_far) filter (dayofweek(arrived_on) = dayofweek(today)) as same_weekday,
            count(*) filter (arrived_on >= today - interval 14 day) as recent_days,
            min(rows_so_far) filter (arrived_on >= today - interval 14 day) as lowest_day,
            max(rows_in_all) as highest_rows
        from days where arrived_on < today group by all
    ),
    compared as (
        select company_id, app_id, source, path, today, rows_so_far as rows_today,
            case when same_weekdays >= 3 then same_weekday
                when recent_days >= 4 then lowest_day end as usual_rows, highest_rows
        from days inner join past using (company_id, app_id, source)
        where arrived_on = today
    )
    select company_id, app_id, source, path, today, rows_today, usual_rows, highest_rows,
        case when usual_rows > 0 then rows_today / usual_rows end as share_of_usual,
        case when usual_rows > 0 then rows_today / highest_rows end as share_of_highest,
        case when source in ({blocking}) then share_of_usual end as blocking_share_of_usual,
        case when source not in ({blocking}) then share_of_usual end as warning_share_of_usual
    from compared"""

# Only what the clock does not move is in the answer: the same answer has the same verdict.
_FRESHNESS = """
    with {contents},
    arrivals as (
        select company_id, app_id, source, date_trunc('hour', modified_at) as arrived_at,
            max(path) as path, max(modified_at) as modified_at
        from contents group by all
    ),
    gaps as (
        select *, date_diff('minute', lag(arrived_at) over (
            partition by company_id, app_id, source order by arrived_at), arrived_at) / 60 as gap
        from arrivals
    ),
    sources as (
        select company_id, app_id, source, max_by(path, arrived_at) as path,
            max(modified_at) as newest_file_at, count(gap) as gaps, median(gap) as usual_hours,
            greatest({stale_hours}, {stale_intervals} * median(gap)) as allowed_hours
        from gaps group by company_id, app_id, source
    ),
    judged as (
        select *, gaps >= 3 and timestamp {now}
            > newest_file_at + to_minutes((60 * allowed_hours)::bigint) as is_late
        from sources
    )
    select company_id, app_id, source, path, newest_file_at, usual_hours, allowed_hours,
        case when source in ({blocking}) then is_late::integer end as blocking_silence,
        case when source not in ({blocking}) then is_late::integer end as warning_silence
    from judged"""

# The first plausible day is that of the models, for the day of the check.
_CLOCKS = """
    select company_id, app_id, min(source_path) as path, count(*) as events_before_history,
        min(happened_at) as first_happened_at, max(happened_at) as last_happened_at
    from (
        select *, coalesce(make_timestamp(ts_epoch * 1000000), received_at) as happened_at
        from raw.events where {new}
    )
    where happened_at < cast(timestamp {now} as date) - interval {history_years} year
    group by company_id, app_id"""


def arrival_suites(limits: Thresholds, now: str, history_years: int) -> tuple[RowSuite, ...]:
    """The suites for these limits. Their profiles still ask for ``{since}``, an SQL literal.

    ``now`` is the SQL literal of the instant to which silence is measured; events from more than
    ``history_years`` before open no history (``SAAS_TRACKER_HISTORY_YEARS``).
    """

    def filled(query: str, gate: Any) -> str:
        values = limits.model_dump() | {
            "contents": _CONTENTS,
            "blocking": ", ".join(map(literal, limits.blocking_sources(gate))) or "''",
            "now": now,
            "sudden": SUDDEN,
            "since": "{since}",
            "new": "{new}",
            "history_years": history_years,
        }
        return query.format(**values)

    return (
        RowSuite(
            name="rejects_are_few",
            asset=_ASSET,
            description="The share of rejected rows of what is new, per source.",
            expectations=_rejects(limits),
            place="{company_id} {app_id} {source}: {rows_rejected} of {rows_read} rows, most often"
            " {most_frequent_reason}, most of them in {path}",
            advice="saas-tracker rejects --company {company_id}; fix the file and drop it again,"
            " or the cause and `saas-tracker rejects replay`",
            words=tuple(
                (f"{name}_rejected_share", "a share of {value} is rejected")
                for name in ("sudden", "usual")
            ),
            profile=filled(_REJECTS, "rejects"),
        ),
        RowSuite(
            name="volumes_are_usual",
            asset=_ASSET,
            description="The event rows of the newest day, per application, against the past.",
            expectations=_volumes(limits),
            place="{company_id} {app_id} {source}: {rows_today} rows on {today}, usually"
            " {usual_rows}, newest file {path}",
            advice="ask the sender whether files are missing or came twice",
            words=(
                ("blocking_share_of_usual", "{value} of the usual rows"),
                ("warning_share_of_usual", "{value} of the usual rows"),
                ("share_of_highest", "{value} of the most rows of a day so far"),
            ),
            profile=filled(_VOLUME, "volume"),
        ),
        RowSuite(
            name="sources_are_fresh",
            asset=_ASSET,
            description="No source that sent files regularly has stopped.",
            expectations=(
                between("blocking_silence", 0, 0),
                between("warning_silence", 0, 0, warns=True),
            ),
            place="{company_id} {app_id} {source}: the newest file is {path} of {newest_file_at},"
            " one used to come every {usual_hours} hours",
            advice="ask the sender why none came, and look at the landing zone:"
            " `saas-tracker doctor` lists files that are no input",
            words=tuple(
                (f"{effect}_silence", "nothing has come for much longer than that")
                for effect in ("blocking", "warning")
            ),
            profile=filled(_FRESHNESS, "freshness"),
        ),
        RowSuite(
            name="clocks_are_right",
            asset=(SCHEMA, "events"),
            description="No event is from before the first plausible day.",
            expectations=(between("events_before_history", 0, 0, warns=True),),
            place="{company_id} {app_id}: {events_before_history} events from"
            " {first_happened_at} to {last_happened_at}, one of them in {path}",
            advice="they are stored and count nowhere: ask the sender about the clock, or raise"
            " SAAS_TRACKER_HISTORY_YEARS if they are true",
            profile=filled(_CLOCKS, "freshness"),
        ),
    )


def _rejects(limits: Thresholds) -> tuple[Expectation, ...]:
    return (
        between("sudden_rejected_share", None, limits.max_rejected_share),
        between("usual_rejected_share", None, limits.warn_rejected_share, warns=True),
    )


def _volumes(limits: Thresholds) -> tuple[Expectation, ...]:
    return (
        between("blocking_share_of_usual", limits.min_volume, None),
        between("warning_share_of_usual", limits.min_volume, None, warns=True),
        between("share_of_highest", None, limits.max_volume, warns=True),
    )
