"""The one door through which records change."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied

from wotu.registers.models import AuditLine, Job
from wotu.registers.roles import AUDITOR, POLICY_OFFICER
from wotu.registers.verbs import Refused, verb, verbs

pytestmark = pytest.mark.django_db


@verb(Job, "test_stop", "停止", by=POLICY_OFFICER, room="registers", when="running", then="failed")
def stop(job: Job, by: User | None, note: str = "") -> None:
    job.message = f"停止：{note}"
    job.save(update_fields=["message"])


@verb(Job, "test_break", "弄坏", by=POLICY_OFFICER, room="registers")
def break_it(job: Job, by: User | None) -> None:
    Job.objects.filter(pk=job.pk).update(title="半途")
    raise ZeroDivisionError


def officer(role=POLICY_OFFICER):
    user = User.objects.create_user(role.id)
    user.groups.add(Group.objects.get_or_create(name=role.name)[0])
    return user


def running():
    return Job.objects.create(kind="x", title="筛查", state=Job.State.RUNNING)


def test_it_works_and_leaves_an_audit_line():
    user, job = officer(), running()
    stop(job, user, note="重复")
    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", "停止：重复")
    line = AuditLine.objects.get()
    assert (line.by, line.verb, line.subject_id) == (user, "registers.test_stop", str(job.pk))
    assert line.changes["state"] == ["running", "failed"]


def test_a_role_without_the_verb_is_refused():
    job = running()
    with pytest.raises(PermissionDenied, match="政策专员"):
        stop(job, officer(AUDITOR))
    assert not AuditLine.objects.exists()


def test_a_record_in_another_state_is_refused():
    job = Job.objects.create(kind="x", title="筛查", state=Job.State.DONE)
    with pytest.raises(Refused, match="完成"):
        stop(job, officer())


def test_the_same_key_changes_nothing_the_second_time():
    user, job = officer(), running()
    stop(job, user, note="一", key="k1")
    Job.objects.update(state="running")
    stop(job, user, note="二", key="k1")
    job.refresh_from_db()
    assert job.message == "停止：一"
    assert AuditLine.objects.count() == 1


def test_a_failure_in_the_middle_changes_nothing():
    job = running()
    with pytest.raises(ZeroDivisionError):
        break_it(job, officer())
    job.refresh_from_db()
    assert job.title == "筛查"
    assert not AuditLine.objects.exists()


def test_a_verb_is_found_by_its_model():
    assert {v.label for v in verbs(Job)} >= {"停止", "弄坏"}
