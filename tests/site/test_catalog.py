"""The desk's own translations: compiled as written, and nothing of the frame left in English."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from wotu.site import catalog

PO = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES" / "django.po"


def test_the_compiled_catalogue_is_what_the_text_says() -> None:
    assert PO.with_suffix(".mo").read_bytes() == catalog.compiled(catalog.entries(PO)), "run: wotu compilemessages"


def test_strings_that_django_and_unfold_leave_in_english_are_chinese() -> None:
    with translation.override("zh-hans"):
        assert translation.gettext("Filters") == "筛选"
        assert "个字符" in translation.ngettext(
            "This password is too short. It must contain at least %d character.",
            "This password is too short. It must contain at least %d characters.",
            8,
        )


def test_a_catalogue_with_a_mistake_says_where(tmp_path: Path) -> None:
    file = tmp_path / "x.po"
    file.write_text('msgid "a"\nmsgstr "b\n', encoding="utf-8")
    with pytest.raises(catalog.BadCatalog, match="第2行"):
        catalog.entries(file)
