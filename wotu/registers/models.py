"""What verbs leave behind: an audit line each, and a job for long work."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditLine(models.Model):
    """Who did what to which record, when, with what it was before and after; written once, never changed."""

    at = models.DateTimeField(_("时间"), default=timezone.now, db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("办理人"), related_name="+"
    )
    verb = models.CharField(_("动作"), max_length=80, db_index=True)
    subject_type = models.CharField(_("对象类型"), max_length=80)
    subject_id = models.CharField(_("对象编号"), max_length=64)
    subject = models.CharField(_("对象"), max_length=200)
    changes = models.JSONField(_("变化"), default=dict)
    note = models.TextField(_("说明"), blank=True)
    key = models.CharField(_("幂等键"), max_length=80, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = _("审计记录")
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("subject_type", "subject_id")),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject}"


class Job(models.Model):
    """Long work: how far it is, at which rate, and where it stopped, so that it can be resumed after a kill."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待")
        RUNNING = "running", _("进行中")
        DONE = "done", _("完成")
        FAILED = "failed", _("失败")

    kind = models.CharField(_("种类"), max_length=40, db_index=True)
    title = models.CharField(_("标题"), max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("发起人"), related_name="+"
    )
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING, db_index=True)
    total = models.PositiveBigIntegerField(_("总数"), null=True, blank=True)
    done = models.PositiveBigIntegerField(_("已完成"), default=0)
    arguments = models.JSONField(_("参数"), default=dict)
    cursor = models.JSONField(_("断点"), default=dict)
    message = models.TextField(_("结果"), blank=True)
    link = models.CharField(_("链接"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("发起时间"), default=timezone.now)
    started_at = models.DateTimeField(_("开始时间"), null=True, blank=True)
    beat_at = models.DateTimeField(_("最近进度"), null=True, blank=True)
    finished_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("任务")
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.title}（{self.get_state_display()}）"


class ApiToken(models.Model):
    """A key to the API for one user; only its SHA-256 is kept, the key itself is shown once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("用户"), related_name="api_tokens"
    )
    name = models.CharField(_("用途"), max_length=60)
    digest = models.CharField(_("摘要"), max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    expires_at = models.DateTimeField(_("失效时间"), null=True, blank=True)
    used_at = models.DateTimeField(_("最近使用"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("接口令牌")
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=("user", "name"), name="api_token_name_once"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.name}"
