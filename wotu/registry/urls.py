"""Addresses of the registry's pages."""

from django.urls import path

from wotu.registry.desk import enterprises, imports, measures, portrait

app_name = "registry"
urlpatterns = [
    path("registry/enterprises/", enterprises.enterprises, name="enterprises"),
    path("registry/enterprises/<int:id>/", portrait.portrait, name="enterprise"),
    path("registry/enterprises/<int:id>/columns/<slug:column_id>/", portrait.column, name="column"),
    path("registry/enterprises/<int:id>/facts/<slug:code>/", portrait.attribute, name="attribute"),
    path("registry/enterprises/<int:id>/kinds/<slug:kind>/", portrait.kind, name="kind"),
    path("registry/measures/", measures.measures, name="measures"),
    path("registry/measures/<str:id>/", measures.measure, name="measure"),
    path("registry/measures/<str:id>/rows/", measures.rows, name="measure_rows"),
    path("registry/imports/", imports.imports, name="imports"),
    path("registry/imports/upload/", imports.upload, name="import_upload"),
    path("registry/imports/<int:id>/", imports.detail, name="import"),
    path("registry/imports/<int:id>/map/", imports.map_columns, name="import_map"),
    path("registry/imports/<int:id>/commit/", imports.commit, name="import_commit"),
    path("registry/imports/<int:id>/progress/", imports.progress, name="import_progress"),
    path("registry/imports/<int:id>/rejected/", imports.rejected, name="import_rejected"),
]
