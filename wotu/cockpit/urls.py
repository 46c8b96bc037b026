"""Addresses of the wall."""

from django.urls import path

from wotu.cockpit import desk

app_name = "cockpit"
urlpatterns = [
    path("cockpit/", desk.show, name="wall"),
    path("cockpit/moving/", desk.moving, name="moving"),
]
