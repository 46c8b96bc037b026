"""What the policy room stores: policies, their editions, clause evidence and screenings."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Policy(models.Model):
    """A policy or recognition (高新技术企业认定 …), whatever its edition."""

    name = models.CharField(_("名称"), max_length=100, unique=True)
    issuer = models.CharField(_("发布机关"), max_length=200, blank=True)
    kind = models.CharField(_("种类"), max_length=20, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("政策")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class Edition(models.Model):
    """One edition of a policy: the `.dmn` that encodes it and the days it is in force."""

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="editions", verbose_name=_("政策"))
    edition = models.CharField(_("版本"), max_length=40, blank=True)
    rule_file = models.CharField(
        _("规则文件"), max_length=200, unique=True, help_text=_("包内 wotu/policy/rules 下的文件名")
    )
    sha256 = models.CharField(_("规则摘要"), max_length=64)
    documents = models.CharField(_("文件"), max_length=300, blank=True)
    effective_from = models.DateField(_("生效"), null=True, blank=True)
    effective_to = models.DateField(_("失效"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("政策版本")
        ordering = ("policy_id", "effective_from")
        constraints = (
            models.UniqueConstraint(fields=("policy", "edition"), name="edition_once"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True)
                | Q(effective_from__isnull=True)
                | Q(effective_to__gte=F("effective_from")),
                name="edition_dates_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.policy}@{self.edition}" if self.edition else str(self.policy)


class ClauseEvidence(models.Model):
    """How sure we are that a clause says what the law says; an officer with the text records 已核对."""

    class State(models.TextChoices):
        FOUND = "found", _("公开转述")
        RECALLED = "recalled", _("待核")
        CHECKED = "checked", _("已核对")

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="evidence", verbose_name=_("版本"))
    clause = models.CharField(_("条款"), max_length=100)
    state = models.CharField(_("核对状态"), max_length=10, choices=State.choices)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核对人")
    )
    checked_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    note = models.CharField(_("核对说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("条款核对")
        ordering = ("edition", "id")
        constraints = (
            models.UniqueConstraint(fields=("edition", "clause"), name="evidence_once_per_clause"),
            models.CheckConstraint(
                condition=~Q(state="checked") | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="checked_says_by_whom_and_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.clause}：{self.get_state_display()}"


class Screening(models.Model):
    """One immutable run of rules over profiles as of a day; the same key is never computed twice."""

    class State(models.TextChoices):
        RUNNING = "running", _("进行中")
        DONE = "done", _("完成")

    as_of = models.DateField(_("基准日"), db_index=True)
    known_at = models.DateTimeField(_("知识时点"))
    rules_hash = models.CharField(_("规则摘要"), max_length=64)
    profile_hash = models.CharField(_("画像摘要"), max_length=64)
    path = models.CharField(_("目录"), max_length=300)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.RUNNING)
    enterprises = models.PositiveBigIntegerField(_("企业数"), default=0)
    seconds = models.FloatField(_("用时（秒）"), null=True, blank=True)
    started_at = models.DateTimeField(_("开始"), default=timezone.now)
    finished_at = models.DateTimeField(_("完成"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("筛查")
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(fields=("rules_hash", "profile_hash", "as_of"), name="screening_never_twice"),
        )

    def __str__(self) -> str:
        return f"{self.as_of} 筛查"


class ScreeningRule(models.Model):
    """What a screening found for one edition: the counts that pages show; the lists lie in Parquet."""

    screening = models.ForeignKey(Screening, models.CASCADE, related_name="rules", verbose_name=_("筛查"))
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+", verbose_name=_("版本"))
    eligible = models.PositiveBigIntegerField(_("符合"))
    not_eligible = models.PositiveBigIntegerField(_("不符合"))
    unknown = models.PositiveBigIntegerField(_("未知"))
    near_miss = models.PositiveBigIntegerField(_("差一项"))
    amount = models.DecimalField(_("金额合计"), max_digits=28, decimal_places=2, null=True, blank=True)
    clauses = models.JSONField(
        _("条款计数"), default=list, help_text="[{clause, met, not_met, unknown, only_stop, would_settle}]"
    )
    grades = models.JSONField(
        _("等级计数"), default=list, blank=True, help_text="[{value, count}]：只分等级、不判符合的规则"
    )
    engine = models.CharField(_("引擎"), max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("筛查结果")
        ordering = ("screening", "edition")
        constraints = (models.UniqueConstraint(fields=("screening", "edition"), name="screening_rule_once"),)

    def __str__(self) -> str:
        return f"{self.edition}：符合{self.eligible}"
