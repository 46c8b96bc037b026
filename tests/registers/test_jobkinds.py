"""Long work that was cut off is queued again when the desk starts."""

from __future__ import annotations

import pytest
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from wotu.policy.tasks import run_screening
from wotu.registers.jobkinds import resume_orphans
from wotu.registers.models import Job

pytestmark = pytest.mark.django_db


def test_what_a_killed_worker_left_is_queued_again_and_nothing_else():
    left = Job.objects.create(kind="screening", title="筛查", state=Job.State.RUNNING)
    inline = Job.objects.create(kind="screening", title="命令行里的筛查", state=Job.State.RUNNING)
    run_screening.enqueue(left.pk)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)
    assert resume_orphans() == 1
    left.refresh_from_db()
    inline.refresh_from_db()
    assert (left.state, inline.state) == (Job.State.WAITING, Job.State.RUNNING)
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == ["FAILED", "READY"]
    assert resume_orphans() == 0
