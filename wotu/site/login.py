"""The door of the desk: the admin site's own login with, in a demonstration zone only, the demonstration logins."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase

from wotu.site import zone


def login(request: HttpRequest) -> HttpResponseBase:
    """The login page; somebody already signed in goes home."""
    logins = zone.demo_logins()
    more = {"demo_logins": logins, "demo_password": zone.DEMO_PASSWORD if logins else ""}
    return admin.site.login(request, more)
