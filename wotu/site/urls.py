"""Addresses: the desk at /, the API under /api/v1."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("", admin.site.urls),
]
