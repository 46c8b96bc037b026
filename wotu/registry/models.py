"""What the registry stores: enterprises, attributes, sources and the facts that join them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wotu.registry.codes import validate_credit_code, validate_industry


class Area(models.Model):
    """A town or park of the zone: the areas of the map."""

    code = models.SlugField(_("编号"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=40, unique=True)
    outline = models.JSONField(
        _("边界"), default=list, blank=True, help_text=_("示意边界：[[x, y], …]，单位百米，演示数据")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("片区")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Enterprise(models.Model):
    """A market entity, known by its 统一社会信用代码 (GB 32100—2015)."""

    code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True, validators=[validate_credit_code])
    name = models.CharField(_("名称"), max_length=200, db_index=True)
    industry = models.CharField(
        _("行业代码"),
        max_length=5,
        blank=True,
        db_index=True,
        validators=[validate_industry],
        help_text="GB/T 4754—2017",
    )
    address = models.CharField(_("住所"), max_length=200, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, verbose_name=_("片区"))
    established_on = models.DateField(_("成立日期"), null=True, blank=True, db_index=True)
    closed_on = models.DateField(_("注销日期"), null=True, blank=True)
    is_demo = models.BooleanField(_("演示数据"), default=False, db_index=True)
    created_at = models.DateTimeField(_("登记时间"), default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("企业")
        ordering = ("name", "id")
        indexes = (
            models.Index(fields=("area", "established_on", "closed_on", "is_demo"), name="enterprise_counted_by_area"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True)
                | Q(established_on__isnull=True)
                | Q(closed_on__gte=models.F("established_on")),
                name="enterprise_closed_after_established",
            ),
        )

    def __str__(self) -> str:
        return self.name


class FormerName(models.Model):
    """A name an enterprise bore until a day."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="former_names", verbose_name=_("企业"))
    name = models.CharField(_("曾用名"), max_length=200, db_index=True)
    until = models.DateField(_("使用至"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("曾用名")
        constraints = (models.UniqueConstraint(fields=("enterprise", "name"), name="former_name_once"),)

    def __str__(self) -> str:
        return self.name


class Kind(models.TextChoices):
    """Kinds of enterprise a zone counts; one enterprise may be of several."""

    CENTRAL = "central", _("央企")
    STATE = "state", _("国企")
    FOREIGN = "foreign", _("外资")
    JAPANESE = "japanese", _("日资")
    PRIVATE = "private", _("民营")
    LISTED = "listed", _("上市")
    REGIONAL_HQ = "regional_hq", _("外资地区总部及功能机构")
    ABOVE_SCALE = "above_scale", _("规上")
    INSTITUTE = "institute", _("国字号院所")


class EnterpriseKind(models.Model):
    """An enterprise is of a kind from a day until a day, according to a source."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="kinds", verbose_name=_("企业"))
    kind = models.CharField(_("类型"), max_length=12, choices=Kind.choices, db_index=True)
    since = models.DateField(_("自"), null=True, blank=True)
    until = models.DateField(_("至"), null=True, blank=True)
    source = models.ForeignKey("registry.Source", models.PROTECT, verbose_name=_("来源"))

    class Meta:
        verbose_name = verbose_name_plural = _("企业类型")
        constraints = (
            models.UniqueConstraint(
                fields=("enterprise", "kind", "since"), name="enterprise_kind_once", nulls_distinct=False
            ),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Source(models.Model):
    """Where facts come from; the higher `trust` wins where sources differ."""

    class Kind(models.TextChoices):
        AUTHORITY = "authority", _("部门数据")
        STATISTICS = "statistics", _("统计")
        DECLARATION = "declaration", _("企业填报")
        SHEET = "sheet", _("表格")
        ARTICLE = "article", _("公开报道")
        DEMO = "demo", _("演示数据")

    name = models.CharField(_("名称"), max_length=100, unique=True)
    kind = models.CharField(_("种类"), max_length=12, choices=Kind.choices)
    trust = models.PositiveSmallIntegerField(_("可信次序"), default=50, help_text=_("0–100，大者优先"))
    publisher = models.CharField(_("发布者"), max_length=100, blank=True)
    published_on = models.DateField(_("发布日期"), null=True, blank=True)
    url = models.URLField(_("网址"), blank=True, max_length=500)

    class Meta:
        verbose_name = verbose_name_plural = _("来源")
        ordering = ("-trust", "name")
        constraints = (models.CheckConstraint(condition=Q(trust__lte=100), name="source_trust_to_100"),)

    def __str__(self) -> str:
        return self.name


class Attribute(models.Model):
    """One thing that can be known about an enterprise: one type, one unit, one 口径."""

    class Type(models.TextChoices):
        NUMBER = "number", _("数")
        TEXT = "string", _("文字")
        BOOLEAN = "boolean", _("是否")
        DATE = "date", _("日期")

    class PeriodKind(models.TextChoices):
        YEAR = "year", _("年")
        QUARTER = "quarter", _("季")
        MONTH = "month", _("月")
        DAY = "day", _("某日起")

    code = models.SlugField(_("编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60, unique=True)
    type = models.CharField(_("类型"), max_length=8, choices=Type.choices)
    unit = models.CharField(
        _("单位"), max_length=10, blank=True, help_text=_("元、人、项、平方米；比率为空（按小数存）")
    )
    period_kind = models.CharField(_("期间"), max_length=8, choices=PeriodKind.choices)
    definition = models.CharField(_("口径"), max_length=300, blank=True)
    synonyms = models.JSONField(_("别名"), default=list, blank=True, help_text=_("表头里的其他叫法，每个一项"))
    allowed = models.CharField(
        _("允许值"), max_length=200, blank=True, help_text=_('FEEL 单项测试，如 [0..) 或 "是","否"')
    )
    supplied_by = models.CharField(_("由谁提供"), max_length=20, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("指标")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """One spreadsheet on its way in: uploaded, mapped, previewed, committed; the same file twice is the same import."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("已上传")
        MAPPED = "mapped", _("已对应")
        COMMITTING = "committing", _("入库中")
        DONE = "done", _("已入库")
        FAILED = "failed", _("失败")

    file = models.FileField(_("文件"), upload_to="imports/%Y/%m/")
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(_("摘要"), max_length=64, db_index=True)
    source = models.ForeignKey(Source, models.PROTECT, verbose_name=_("来源"), related_name="imports")
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.UPLOADED, db_index=True)
    mapping = models.JSONField(_("列对应"), default=dict, blank=True)
    problems = models.JSONField(_("问题汇总"), default=dict, blank=True)
    rows_total = models.PositiveIntegerField(_("行数"), null=True, blank=True)
    rows_accepted = models.PositiveIntegerField(_("入库行"), default=0)
    rows_repeated = models.PositiveIntegerField(_("重复行"), default=0)
    rows_rejected = models.PositiveIntegerField(_("退回行"), default=0)
    facts_written = models.PositiveIntegerField(_("写入事实"), default=0)
    job = models.ForeignKey(
        "registers.Job", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("任务")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办人")
    )
    created_at = models.DateTimeField(_("上传时间"), default=timezone.now)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("导入")
        ordering = ("-created_at", "-id")
        constraints = (models.UniqueConstraint(fields=("sha256", "source"), name="import_file_once_per_source"),)

    def __str__(self) -> str:
        return self.name


class RejectedRow(models.Model):
    """A row set aside with its reasons; it comes back to the sender as a spreadsheet with a 原因 column."""

    batch = models.ForeignKey(Import, models.CASCADE, related_name="rejected", verbose_name=_("导入"))
    sheet = models.CharField(_("工作表"), max_length=100)
    row = models.PositiveIntegerField(_("行"))
    reasons = models.JSONField(_("原因"))
    cells = models.JSONField(_("原文"))

    class Meta:
        verbose_name = verbose_name_plural = _("退回行")
        ordering = ("batch", "sheet", "row")
        constraints = (models.UniqueConstraint(fields=("batch", "sheet", "row"), name="rejected_row_once"),)

    def __str__(self) -> str:
        return f"{self.sheet} 第{self.row}行"


class ColumnMapping(models.Model):
    """How a source's header was mapped last time, so that the next file maps itself."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="mappings", verbose_name=_("来源"))
    header = models.CharField(_("表头"), max_length=200)
    target = models.CharField(_("对应"), max_length=60, help_text=_("指标编码或企业字段；空为不导入"), blank=True)
    unit = models.CharField(_("单位"), max_length=10, blank=True)
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("列对应")
        constraints = (models.UniqueConstraint(fields=("source", "header"), name="mapping_once_per_header"),)

    def __str__(self) -> str:
        return f"{self.header} → {self.target}"


class Fact(models.Model):
    """This enterprise, this attribute, this value, for this period, from this source, recorded then; never overwritten.

    All four value fields empty means that the source itself says it does not know (“—”, “无”).
    """

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="facts", verbose_name=_("企业"))
    attribute = models.ForeignKey(Attribute, models.PROTECT, related_name="facts", verbose_name=_("指标"))
    period = models.CharField(
        _("期间"), max_length=24, help_text="2024, 2024-Q3, 2024-09, 2024-09-30, 2021-01..2021-09"
    )
    starts_on = models.DateField(_("期间起"))
    ends_on = models.DateField(_("期间止"))
    number = models.DecimalField(_("数值"), max_digits=28, decimal_places=8, null=True, blank=True)
    text = models.CharField(_("文字"), max_length=300, null=True, blank=True)
    day = models.DateField(_("日期"), null=True, blank=True)
    flag = models.BooleanField(_("是否"), null=True, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="facts", verbose_name=_("来源"))
    recorded_at = models.DateTimeField(_("记录时间"), default=timezone.now, db_index=True)
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes", verbose_name=_("被取代于")
    )
    superseded_at = models.DateTimeField(_("取代时间"), null=True, blank=True)
    batch = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, related_name="facts", verbose_name=_("导入")
    )
    sheet = models.CharField(_("工作表"), max_length=100, blank=True)
    row = models.PositiveIntegerField(_("行"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办人")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("事实")
        ordering = ("enterprise", "attribute", "-ends_on", "-recorded_at", "-id")
        indexes = (
            models.Index(fields=("enterprise", "attribute", "period")),
            models.Index(fields=("attribute", "period")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("enterprise", "attribute", "period", "source"),
                condition=Q(superseded_at__isnull=True),
                name="fact_current_once_per_source",
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="fact_period_in_order"),
            models.CheckConstraint(
                condition=Q(number__isnull=True, text__isnull=True, day__isnull=True)
                | Q(number__isnull=True, text__isnull=True, flag__isnull=True)
                | Q(number__isnull=True, day__isnull=True, flag__isnull=True)
                | Q(text__isnull=True, day__isnull=True, flag__isnull=True),
                name="fact_at_most_one_value",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True, superseded_by__isnull=True) | Q(superseded_at__isnull=False),
                name="fact_superseded_says_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.attribute_id} {self.period}"

    @property
    def value(self) -> Decimal | str | date | bool | None:
        """The one value, or None where the source says it does not know."""
        given: tuple[Any, ...] = (self.number, self.text, self.day, self.flag)
        return next((v for v in given if v is not None), None)


class Snapshot(models.Model):
    """The facts known at a moment, written to the Parquet lake; immutable."""

    known_at = models.DateTimeField(_("知识时点"), unique=True)
    path = models.CharField(_("目录"), max_length=300)
    enterprises = models.PositiveBigIntegerField(_("企业数"))
    facts = models.PositiveBigIntegerField(_("事实数"))
    sha256 = models.CharField(_("摘要"), max_length=64)
    created_at = models.DateTimeField(_("生成时间"), default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("快照")
        ordering = ("-known_at",)

    def __str__(self) -> str:
        return f"{self.known_at:%Y-%m-%d %H:%M}"


class ZoneClaim(models.Model):
    """A published figure about the zone as a whole: a sourced claim that stands beside what the registry counts."""

    key = models.SlugField(_("编号"), max_length=60, unique=True)
    name = models.CharField(_("指标"), max_length=100)
    value = models.DecimalField(_("数值"), max_digits=28, decimal_places=4)
    unit = models.CharField(_("单位"), max_length=10)
    modifier = models.CharField(_("修饰"), max_length=10, blank=True, help_text=_("超、余、约"))
    period = models.CharField(_("期间"), max_length=24, blank=True)
    quote = models.CharField(_("原文短引"), max_length=200, blank=True)
    note = models.CharField(_("口径说明"), max_length=300, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="claims", verbose_name=_("来源"))

    class Meta:
        verbose_name = verbose_name_plural = _("公布数字")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.name} {self.value}{self.unit}"
