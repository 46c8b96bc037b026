"""/api/v1: one API of all rooms, with tokens, an OpenAPI page, and problems as RFC 9457 says."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer, SessionAuth

from wotu import __version__
from wotu.intel import api as intel
from wotu.policy import api as policy
from wotu.registers import tokens
from wotu.registers.http import Problem
from wotu.registers.verbs import Refused
from wotu.registry import api as registry


class Token(HttpBearer):
    """`Authorization: Bearer wotu_…`, made by `wotu token USER NAME`."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The token's user, or None."""
        return tokens.holder(token)


class Signed(SessionAuth):
    """The session of somebody signed in to the desk (with CSRF), so that the OpenAPI page works for them."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The signed-in active user, or None."""
        return request.user if request.user.is_authenticated and request.user.is_active else None


api = NinjaAPI(
    title="沃土 API",
    version=__version__,
    description="企业、事实、画像、规则、判定、筛查与报道里的数字。未知以 null 表示，绝不写成 0。令牌：`wotu token 登录名 用途`。",
    auth=[Token(), Signed()],
    urls_namespace="api-v1",
)
api.add_router("", registry.router)
api.add_router("", policy.router)
api.add_router("", intel.router)


def problem(request: HttpRequest, status: int, zh: str, en: str, **more: Any) -> HttpResponse:
    """An `application/problem+json` answer in the caller's language (Accept-Language), Chinese by default."""
    asked = request.headers.get("Accept-Language", "")
    english = bool(asked) and get_language_from_request(request).startswith("en")
    title = en if english else zh
    body = {"type": "about:blank", "status": status, "title": title, "instance": request.path, **more}
    answer = api.create_response(request, body, status=status)
    answer["Content-Type"] = "application/problem+json; charset=utf-8"
    answer["Content-Language"] = "en" if english else "zh-Hans"
    return answer


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem(request, error.status, error.zh, error.en, **error.more)


@api.exception_handler(AuthenticationError)
def _unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = problem(
        request,
        401,
        "没有有效的令牌：请在 Authorization 头里带上 Bearer 令牌。",
        "No valid token: send it in the Authorization header as Bearer.",
    )
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(request, 403, str(error) or "没有权限。", "You are not allowed to do this.")


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return problem(request, 409, str(error), "The record is not in a state that allows this.")


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(request, 404, "没有这一条。", "Not found.")


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, error.status_code, f"请求不能处理：{error}", str(error))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = [".".join(str(part) for part in e["loc"]) for e in error.errors]
    details = [{"where": where, "what": e["msg"]} for where, e in zip(places, error.errors, strict=True)]
    return problem(
        request,
        422,
        f"参数不对：{'、'.join(places)}。",
        f"Invalid parameters: {', '.join(places)}.",
        errors=details,
    )
