"""Addresses: the desk at /, the API under /api/v1."""

from django.contrib import admin
from django.urls import include, path

from wotu.site.api import api
from wotu.site.desk import audit, home, jobs, records, reference, snapshots
from wotu.site.login import login

pages = [
    path("", home.home, name="home"),
    path("expiring/", home.expiring, name="expiring"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/rows/", jobs.rows, name="job-rows"),
    path("jobs/<int:id>/resume/", jobs.resume, name="resume"),
    path("snapshots/", snapshots.snapshots, name="snapshots"),
    path("snapshots/take/", snapshots.take, name="take-snapshot"),
    path("audit/", audit.audit, name="audit"),
    path("records/", records.records, name="records"),
    path("api/", reference.reference, name="api"),
]

urlpatterns = [
    path("", include((pages, "site"))),
    path("api/v1/", api.urls),
    path("", include("wotu.registry.urls")),
    path("", include("wotu.policy.urls")),
    path("", include("wotu.intel.urls")),
    path("", include("wotu.cockpit.urls")),
    path("login/", login),
    path("", admin.site.urls),
]

handler403 = "wotu.site.errors.denied"
handler404 = "wotu.site.errors.missing"
handler500 = "wotu.site.errors.broken"
