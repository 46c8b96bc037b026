"""大屏: the zone at a glance; every number, area and bar opens its records."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wotu.cockpit import movement, wall
from wotu.registers.pages import staff_page
from wotu.registry.desk.portrait import asked_day
from wotu.registry.readings import Readings


@staff_page(room="cockpit", title=_("大屏"))
def show(request: HttpRequest) -> HttpResponse:
    """The wall; `as_of` and `map` in the address say which day and what the map shows."""
    today = timezone.localdate()
    as_of = min(asked_day(request), today)
    readings = Readings()
    left, right = wall.numbers(readings, as_of, request.user)
    mapped = wall.zone_map(readings, as_of, request.user, request.GET.get("map", ""))
    context = {
        "as_of": as_of,
        "today": today,
        "left": left,
        "right": right,
        "map": mapped,
        "demo": any(number.reading.demo for number in (*left, *right)),
        "stamp": readings.stamp,
        "counted_at": readings.counted_at,
    }
    return render(request, "cockpit/wall.html", context)


@staff_page(room="cockpit", title=_("大屏"))
def moving(request: HttpRequest) -> HttpResponse:
    """What moves on the wall: the years behind and the latest days; asked for again every minute."""
    today = timezone.localdate()
    as_of = min(asked_day(request), today)
    readings = Readings()
    context = {
        "as_of": as_of,
        "today": today,
        "trends": wall.trends(readings, as_of, request.user),
        "movements": movement.latest(as_of, request.user),
        "stamp": readings.stamp,
    }
    return render(request, "cockpit/moving.html", context)
