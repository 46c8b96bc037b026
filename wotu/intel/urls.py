"""Addresses of the intelligence room's pages."""

from django.urls import path

from wotu.intel.desk import articles, check, review

app_name = "intel"
urlpatterns = [
    path("intel/articles/", articles.articles, name="articles"),
    path("intel/articles/new/", articles.new, name="new"),
    path("intel/articles/<int:id>/", review.article, name="article"),
    path("intel/articles/<int:id>/all/", review.accept_all, name="accept_all"),
    path("intel/articles/<int:id>/propose/", review.propose, name="propose"),
    path("intel/claims/<int:id>/", review.claim, name="claim"),
    path("intel/claims/<int:id>/edit/", review.edit, name="edit"),
    path("intel/claims/<int:id>/merge/", review.merge, name="merge"),
    path("intel/<str:kind>/<int:id>/decide/<str:decision>/", review.decide, name="decide"),
    path("intel/check/", check.overview, name="check"),
    path("intel/check/series/", check.timeline, name="timeline"),
    path("intel/check/<int:id>/", check.difference, name="difference"),
]
