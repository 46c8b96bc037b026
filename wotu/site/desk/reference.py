"""接口文档: every operation of the API in Chinese, read from its own OpenAPI description; the try-it page is /api/v1/docs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from wotu.registers.pages import STAFF, staff_page

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: how it is called, what it does and what it takes."""

    method: str
    path: str
    summary: str
    parameters: tuple[tuple[str, str, bool], ...]


def operations(schema: dict[str, Any]) -> dict[str, list[Operation]]:
    """The operations of an OpenAPI description by their first tag, in its order."""
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if (said := methods.get(method)) is None:
                continue
            taken = tuple(
                (
                    p["name"],
                    p.get("description") or p.get("schema", {}).get("description", ""),
                    p.get("required", False),
                )
                for p in said.get("parameters", ())
            )
            operation = Operation(method.upper(), path, said.get("summary", ""), taken)
            found.setdefault((said.get("tags") or ["其他"])[0], []).append(operation)
    return found


@staff_page(room=STAFF, title=_("接口文档"))
def reference(request: HttpRequest) -> HttpResponse:
    """The API at a glance."""
    from wotu.site.api import api

    schema = api.get_openapi_schema()
    context = {"groups": operations(schema), "about": schema["info"]["description"], "root": "/api/v1/"}
    return render(request, "site/reference.html", context)
