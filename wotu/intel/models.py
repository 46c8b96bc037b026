"""What the intelligence room stores: articles by their citation, and what they say, each figure with its exact words.

An article's own text is kept only while it is under review (`ReviewText`); docs/decisions/0007 says why.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST_QUOTE = 200
"""Characters of another's words that are kept at most."""


class Article(models.Model):
    """A news page by its citation: who published it where and when, and by what it would be recognised again."""

    class State(models.TextChoices):
        REVIEW = "review", _("待审")
        DONE = "done", _("已审")

    title = models.CharField(_("标题"), max_length=200)
    publisher = models.CharField(_("发布者"), max_length=100, blank=True)
    url = models.URLField(_("网址"), blank=True, max_length=500)
    published_on = models.DateField(_("发布日期"), null=True, blank=True, db_index=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.REVIEW, db_index=True)
    digest = models.CharField(_("正文摘要"), max_length=64, unique=True, editable=False)
    characters = models.PositiveIntegerField(_("字数"), default=0)
    notes = models.JSONField(_("读取说明"), default=list, blank=True)
    republishes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="republished", verbose_name=_("转载自")
    )
    source = models.ForeignKey(
        "registry.Source", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("来源")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("提交人")
    )
    created_at = models.DateTimeField(_("提交时间"), default=timezone.now)
    settled_at = models.DateTimeField(_("审结时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("文章")
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(state="done", settled_at__isnull=False) | Q(state="review", settled_at__isnull=True),
                name="article_done_says_when",
            ),
            models.CheckConstraint(
                condition=Q(republishes__isnull=True) | ~Q(republishes=F("id")), name="article_not_its_own_reprint"
            ),
        )

    def __str__(self) -> str:
        return self.title


class Shingle(models.Model):
    """One of the sampled fragments (hashed) by which a reworded article is recognised; the text can't be had back."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="shingles", verbose_name=_("文章"))
    mark = models.BigIntegerField(_("指纹"), db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("文章指纹")
        constraints = (models.UniqueConstraint(fields=("article", "mark"), name="shingle_once"),)

    def __str__(self) -> str:
        return f"{self.article_id} {self.mark:x}"


class ReviewText(models.Model):
    """The text of an article under review, with what is not the article and what the page lost; gone when settled."""

    article = models.OneToOneField(Article, models.CASCADE, related_name="review", verbose_name=_("文章"))
    text = models.TextField(_("正文"))
    asides = models.JSONField(_("非正文"), default=list, help_text="[[起, 止], …]")
    lost = models.JSONField(_("缺字"), default=list, help_text="[[起, 止, 建议], …]")
    until = models.DateTimeField(_("保留至"), db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("审阅中的正文")

    def __str__(self) -> str:
        return f"{self.article_id}（{len(self.text)} 字）"


class Statement(models.Model):
    """Something an article says, at its place in the text: proposed by the reader or a person, decided by a person."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待审")
        ACCEPTED = "accepted", _("已接受")
        CORRECTED = "corrected", _("改后接受")
        REJECTED = "rejected", _("已退回")
        MERGED = "merged", _("已合并")

    VOUCHED = (State.ACCEPTED, State.CORRECTED)

    start = models.PositiveIntegerField(_("起"))
    stop = models.PositiveIntegerField(_("止"))
    quote = models.CharField(_("原文短引"), max_length=LONGEST_QUOTE)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.PROPOSED, db_index=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("提出人"),
        help_text=_("空为程序读出"),
    )  # fmt: skip
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("审核人")
    )
    decided_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    note = models.CharField(_("审核说明"), max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def vouched(self) -> bool:
        """Whether somebody stands by it."""
        return self.state in self.VOUCHED

    @property
    def open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state == self.State.PROPOSED


def _statement_holds(name: str) -> tuple[models.CheckConstraint, ...]:
    return (
        models.CheckConstraint(condition=Q(stop__gte=F("start")), name=f"{name}_span_in_order"),
        models.CheckConstraint(
            condition=LessThanOrEqual(Length("quote"), LONGEST_QUOTE), name=f"{name}_quote_is_short"
        ),
        models.CheckConstraint(
            condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
            | (~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            name=f"{name}_decided_says_by_whom_and_when",
        ),
    )


class Claim(Statement):
    """A figure an article gives, in base units, about the zone, an enterprise or something else."""

    class Kind(models.TextChoices):
        VALUE = "value", _("数值")
        GROWTH = "growth", _("增减")
        SHARE = "share", _("占比")

    class Status(models.TextChoices):
        FACT = "fact", _("事实")
        TARGET = "target", _("目标")

    class About(models.TextChoices):
        ZONE = "zone", _("园区")
        ENTERPRISE = "enterprise", _("企业")
        OTHER = "other", _("其他")

    article = models.ForeignKey(Article, models.CASCADE, related_name="claims", verbose_name=_("文章"))
    kind = models.CharField(_("种类"), max_length=8, choices=Kind.choices, default=Kind.VALUE)
    about = models.CharField(_("说的是"), max_length=10, choices=About.choices)
    subject = models.CharField(_("主体"), max_length=100, blank=True)
    enterprise = models.ForeignKey(
        "registry.Enterprise", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("企业")
    )
    indicator = models.CharField(_("指标"), max_length=100)
    series = models.CharField(_("归入"), max_length=200, db_index=True, help_text=_("统一的指标名，对照和时间线按它排"))
    value = models.DecimalField(_("数值"), max_digits=30, decimal_places=8)
    upper = models.DecimalField(_("上限"), max_digits=30, decimal_places=8, null=True, blank=True)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    modifier = models.CharField(_("修饰"), max_length=10, blank=True)
    period = models.CharField(_("期间"), max_length=24, blank=True)
    base = models.CharField(_("比较基准"), max_length=60, blank=True)
    growth = models.DecimalField(_("增减"), max_digits=30, decimal_places=8, null=True, blank=True)
    growth_unit = models.CharField(_("增减单位"), max_length=20, blank=True)
    growth_base = models.CharField(_("增减比的是"), max_length=60, blank=True)
    status = models.CharField(_("性质"), max_length=8, choices=Status.choices, default=Status.FACT)
    repaired = models.BooleanField(_("补过缺字"), default=False)
    read_as = models.JSONField(_("原来读作"), default=dict, blank=True)
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repeats", verbose_name=_("同一说法")
    )
    published = models.ForeignKey(
        "registry.ZoneClaim", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("公布数字")
    )
    published_growth = models.ForeignKey(
        "registry.ZoneClaim", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("公布的增减")
    )
    fact = models.ForeignKey(
        "registry.Fact", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("事实")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("说法")
        ordering = ("article", "start", "id")
        indexes = (models.Index(fields=("series", "value"), name="claim_by_series_and_value"),)
        constraints = (
            *_statement_holds("claim"),
            models.UniqueConstraint(
                fields=("article", "start", "stop", "series", "kind", "value", "unit", "period"),
                name="claim_once_at_its_place",
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(same_as__isnull=False), name="claim_merged_says_into_which"
            ),
            models.CheckConstraint(
                condition=Q(same_as__isnull=True) | ~Q(same_as=F("id")), name="claim_not_same_as_itself"
            ),
            models.CheckConstraint(
                condition=~Q(about="enterprise") | Q(enterprise__isnull=False), name="claim_about_a_known_enterprise"
            ),
            models.CheckConstraint(
                condition=Q(published__isnull=True, published_growth__isnull=True, fact__isnull=True)
                | Q(state__in=("accepted", "corrected", "merged")),
                name="claim_enters_the_registry_only_vouched",
            ),
        )

    def __str__(self) -> str:
        return f"{self.series} {self.value.normalize():f}{self.unit}"


class Event(Statement):
    """Something that happened, as an article tells it: a meeting, a signing, an unveiling, a visit."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="events", verbose_name=_("文章"))
    kind = models.CharField(_("种类"), max_length=20)
    name = models.CharField(_("事件"), max_length=200)
    place = models.CharField(_("地点"), max_length=100, blank=True)
    period = models.CharField(_("时间"), max_length=24, blank=True)
    subject = models.CharField(_("主体"), max_length=100, blank=True)
    objects_named = models.JSONField(_("涉及"), default=list, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("事件")
        ordering = ("article", "start", "id")
        constraints = (
            *_statement_holds("event"),
            models.UniqueConstraint(
                fields=("article", "start", "stop", "kind", "name"), name="event_once_at_its_place"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Structure(Statement):
    """A plan said in numbers (一个定位、两大生态…), as a tree of branches with their items."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="structures", verbose_name=_("文章"))
    name = models.CharField(_("名称"), max_length=100)
    branches = models.JSONField(_("分支"), default=list, help_text='[{"name", "count", "items"}]')

    class Meta:
        verbose_name = verbose_name_plural = _("目标体系")
        ordering = ("article", "start", "id")
        constraints = (
            *_statement_holds("structure"),
            models.UniqueConstraint(fields=("article", "start", "stop", "name"), name="structure_once_at_its_place"),
        )

    def __str__(self) -> str:
        return self.name


class Target(models.Model):
    """A figure somebody announced to reach by a day: never a fact, so that it is not counted as one."""

    claim = models.OneToOneField(Claim, models.PROTECT, related_name="target", verbose_name=_("说法"))
    series = models.CharField(_("指标"), max_length=200, db_index=True)
    subject = models.CharField(_("主体"), max_length=100, blank=True)
    value = models.DecimalField(_("目标值"), max_digits=30, decimal_places=8)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    modifier = models.CharField(_("修饰"), max_length=10, blank=True)
    period = models.CharField(_("期限"), max_length=24, blank=True)
    due_on = models.DateField(_("到期"), null=True, blank=True, db_index=True)
    source = models.ForeignKey("registry.Source", models.PROTECT, related_name="+", verbose_name=_("来源"))
    quote = models.CharField(_("原文短引"), max_length=LONGEST_QUOTE)

    class Meta:
        verbose_name = verbose_name_plural = _("公布的目标")
        ordering = ("due_on", "series", "id")

    def __str__(self) -> str:
        return f"{self.series} {self.value.normalize():f}{self.unit}"
