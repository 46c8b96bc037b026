"""One spreadsheet as zones keep them, sent in through the same door as any other, so that 数据接入 has something to show."""

from __future__ import annotations

import tempfile
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook

from wotu.registry import actions
from wotu.registry.intake import work
from wotu.registry.models import Enterprise, Import, Source

SOURCE = "演示数据・园区填报"
ROWS = 60


def send_in(day: date) -> Import | None:
    """Import the demonstration sheet of the year before `day`; None where it is there already or nobody could be in it."""
    if Source.objects.filter(name=SOURCE).exists():
        return None
    chosen = list(Enterprise.objects.filter(is_demo=True, industry__startswith="C").order_by("pk")[:ROWS])
    if not chosen:
        return None
    with tempfile.TemporaryDirectory(prefix="wotu-demo-") as folder:
        file = Path(folder) / f"演示：{day.year - 1}年园区企业效益填报表.xlsx"
        _write(file, chosen, day.year - 1)
        batch = actions.receive(file, file.name, SOURCE, None)
    batch = actions.map_columns(batch, None, queue=False)
    batch = actions.commit(batch, None, queue=False)
    return work.run(batch.job)


def _write(file: Path, chosen: list[Enterprise], year: int) -> None:
    """Title, unit in a note, a wrong code, a figure nobody can read, a row sent twice, unknowns and a totals row."""
    book = Workbook()
    book.properties.created = book.properties.modified = datetime(year + 1, 3, 1)
    sheet = book.active
    assert sheet is not None
    sheet.title = "效益"
    sheet.append([f"{year}年园区企业效益填报表（演示数据）"])
    sheet.append(["单位：万元"])
    sheet.append(["序号", "统一社会信用代码", "企业名称", "净利润", "出口额", "备注"])
    for number, enterprise in enumerate(chosen, 1):
        profit: object = round(180.5 + 37 * (number * 7 % 23) - 60 * (number % 9), 2)
        exports: object = "—" if number % 6 == 0 else round(95.25 * (number * 5 % 17), 2)
        code = enterprise.code
        if number == 17:
            code = code[:-1] + ("0" if code[-1] != "0" else "1")
        if number == 29:
            profit = "约三百余"
        sheet.append([number, code, enterprise.name, profit, exports, ""])
    sheet.append([len(chosen) + 1, chosen[4].code, chosen[4].name, 1, 2, "与前文重复填报"])
    sheet.append(["合计", None, None, None, None, None])
    book.save(file)
