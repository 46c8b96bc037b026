"""用户: the one kind of record that the administrator edits by form; every change leaves an audit line.

Roles are code (wotu/registers/roles.py), so groups themselves are not edited here. Records that packages register for
themselves (login addresses, authenticators, queue entries) are taken out: nobody's work needs them.
"""

from __future__ import annotations

from typing import Any, cast

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from wotu.registers.models import ApiToken, AuditLine
from wotu.registers.roles import ADMIN, ROLES, ROOMS
from wotu.registers.verbs import may

for model in (User, Group, EmailAddress, EmailConfirmation, Authenticator, DBTaskResult):
    try:
        admin.site.unregister(model)
    except NotRegistered:
        continue


class RoleChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """The roles with the rooms that each opens."""

    def label_from_instance(self, group: Any) -> str:
        role = next((r for r in ROLES if r.name == group.name), None)
        if role is None:
            return str(group.name)
        rooms = "全部业务" if set(role.rooms) == set(ROOMS) else "、".join(ROOMS[room] for room in role.rooms)
        return f"{role.name}（{rooms}{'' if role.writes else '，只读'}）"


def roles_field() -> RoleChoice:
    """The choice of roles in both forms."""
    return RoleChoice(
        queryset=Group.objects.filter(name__in=[role.name for role in ROLES]).order_by("pk"),
        required=False,
        label=_("角色"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("角色决定能看哪些业务、能办哪些事；没有角色的账号进不了工作台。"),
    )


class AccountForm(UserChangeForm):  # type: ignore[misc]
    """An account: who it is, whether it may sign in, and its roles."""

    groups = roles_field()

    def clean(self) -> dict[str, Any]:
        """The last administrator can't be taken away, nor can one lock oneself out."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance.pk or (self.instance.is_superuser and said.get("is_active")):
            return said
        chosen = said.get("groups")
        stays = said.get("is_active") and chosen is not None and chosen.filter(name=ADMIN.name).exists()
        others = User.objects.filter(is_active=True, groups__name=ADMIN.name) | User.objects.filter(
            is_active=True, is_superuser=True
        )
        if not stays and not others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("这是最后一个系统管理员，不能停用或去掉角色：请先给别人加上“系统管理员”。"))
        return said


class NewAccountForm(UserCreationForm):  # type: ignore[misc]
    """A new account with its first password and roles."""

    groups = roles_field()


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """Accounts of the staff; switched off rather than deleted, because audit lines name them."""

    form = AccountForm
    add_form = NewAccountForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "roles", "is_active", "last_login")
    empty_value_display = _("没有")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "first_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("reset",)
    actions = None
    compressed_fields = True
    fieldsets = (
        (None, {"fields": ("username", "reset")}),
        (_("这是谁"), {"fields": ("first_name", "email")}),
        (_("能做什么"), {"fields": ("groups", "is_active")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "first_name", "password1", "password2", "groups")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """姓名 is one field here; Django's first name holds it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "first_name" and field is not None:
            field.label = _("姓名")
        return field

    @admin.display(description=_("姓名"), ordering="first_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("角色"))
    def roles(self, user: User) -> str:
        return "、".join(group.name for group in user.groups.all()) or str(_("没有角色"))

    @admin.display(description=_("密码"))
    def reset(self, user: User) -> str:
        return format_html(
            '<a class="text-primary-600 underline" href="{}">{}</a>',
            reverse("admin:auth_user_password_change", args=[user.pk]),
            _("重设密码"),
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Everybody made here is staff: the desk is for staff, and roles say which part of it."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: User, message: Any) -> Any:
        self._audit(request, "site.add_account", obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> Any:
        self._audit(request, "site.change_account", obj, message)
        return super().log_change(request, obj, message)

    def _audit(self, request: HttpRequest, verb: str, user: User, message: Any) -> None:
        """One line of who changed which account: its roles and state as they are now, never its password."""
        fields = [
            name for said in message if isinstance(said, dict) for name in said.get("changed", {}).get("fields", ())
        ]
        now = f"角色：{self.roles(user)}；{'可登录' if user.is_active else '已停用'}"
        AuditLine.objects.create(
            by=cast(User, request.user),
            verb=verb,
            subject_type="auth.User",
            subject_id=str(user.pk),
            subject=user.get_full_name() or user.get_username(),
            note=f"改了{'、'.join(fields)}；{now}" if fields else now,
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request.user, (ADMIN,))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, (ADMIN,))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request.user, (ADMIN,))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, (ADMIN,))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):  # type: ignore[misc]
    """Keys to the API: made by `wotu token`, seen and taken back here."""

    list_display = ("user", "name", "created_at", "expires_at", "used_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "name")
    fields = readonly_fields = ("user", "name", "created_at", "expires_at", "used_at")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request.user, (ADMIN,))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, (ADMIN,))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, (ADMIN,))
