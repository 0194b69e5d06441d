"""A company without tracking calls is loaded, built and published like any other."""

import shutil

from tests.support.dbt_runner import DBT_PROJECT
from tests.test_end_to_end import SIZES, Project


def test_it_has_every_mart_and_the_next_run_changes_nothing(tmp_path):
    project = Project(tmp_path)
    project.call("demo", "generate", "--landing", str(project.landing), *SIZES)
    for folder in list(project.landing.rglob("calls")):
        shutil.rmtree(folder)
    first = project.run()
    assert first["is_published"]
    assert first["marts_built"] == len(list((DBT_PROJECT / "models/marts").rglob("*.sql")))
    marts = project.marts()
    assert marts["events"]
    assert marts["accounts"]
    assert marts["groups"] == marts["trials"] == []
    assert project.run()["is_up_to_date"]
