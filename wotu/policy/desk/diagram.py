"""A rule's own `.dmn`, as the diagram viewer reads it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from wotu.policy.models import Edition
from wotu.registers.pages import staff_page
from wotu.registers.rules import rule_files

AS_VIEWER_READS = (
    (b"https://www.omg.org/spec/DMN/20230324/", b"https://www.omg.org/spec/DMN/20191111/"),
    (b"https://www.omg.org/spec/DMN/20211108/", b"https://www.omg.org/spec/DMN/20191111/"),
)
"""dmn-js knows the namespaces of DMN 1.3 only; what it draws of 1.4 and 1.5 is written the same way."""


@staff_page(room="policy", title=_("规则图"))
def dmn(request: HttpRequest, id: int) -> HttpResponse:
    """The rule file of an edition under the namespaces that the viewer knows; `?raw` gives it as it is."""
    edition = get_object_or_404(Edition, pk=id)
    file = next((f for f in rule_files() if f.name == edition.rule_file), None)
    if file is None:
        return HttpResponse(
            _("规则文件已不在规则文件夹里，图无法显示。"), status=404, content_type="text/plain; charset=utf-8"
        )
    text = file.read_bytes()
    if "raw" in request.GET:
        response = HttpResponse(text, content_type="application/xml")
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{_quoted(edition.rule_file)}"
        return response
    for written, read in AS_VIEWER_READS:
        text = text.replace(written, read)
    return HttpResponse(text, content_type="application/xml")


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name)
