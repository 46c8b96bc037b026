"""Addresses of the policy room's pages."""

from django.urls import path

from wotu.policy.desk import diagram, eligibility, match

app_name = "policy"
urlpatterns = [
    path("policy/match/", match.overview, name="match"),
    path("policy/match/screen/", match.screen, name="screen"),
    path("policy/match/jobs/<int:id>/", match.job, name="job"),
    path("policy/match/<int:id>/", match.rule, name="rule"),
    path("policy/match/<int:id>/diagram.dmn", diagram.dmn, name="diagram"),
    path("policy/match/<int:id>/evidence/<int:evidence_id>/", match.check, name="check"),
    path("policy/enterprises/<int:id>/", eligibility.summary, name="summary"),
    path("policy/enterprises/<int:id>/<int:edition_id>/", eligibility.tree, name="tree"),
]
