"""Model -> a rule's workbook. What a sheet cannot say is refused with the element named: what is written is read and compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..dmn import model as m
from ..findings import Finding, RulebookError
from ..infos import said_of
from . import tables
from .columns import (
    ABOUT,
    CLAUSES,
    COLUMNS,
    EVIDENCE_WORDS,
    INPUTS,
    KIND_WORDS,
    RESULTS,
    SOURCES,
    TYPE_WORDS,
    TYPES,
    Column,
)
from .from_sheet import GUIDE, from_sheet
from .names import DASH, OWN_TYPE, has, source_name
from .same import differences
from .template import example
from .workbook import Page, write

_TYPES = {code: word for word, code in TYPE_WORDS.items()}
_EVIDENCE = {code: word for word, code in EVIDENCE_WORDS.items()}
_KINDS = {code: word for word, code in KIND_WORDS.items()}


def to_sheet(model: m.Definitions) -> bytes:
    """The workbook; RulebookError with a finding for each element that a sheet cannot hold."""
    findings = list(_beyond(model))
    if findings:
        raise RulebookError(findings)
    data = write(pages(model))
    again = from_sheet(data, f"{model.file or model.name}")
    findings = list(differences(model, again))
    if findings:
        raise RulebookError(findings)
    return data


def pages(model: m.Definitions) -> list[Page]:
    """The workbook's sheets."""
    own = _own_types(model)
    cites = {item.id: item for item in model.sources}
    clauses = [item for item in model.decisions if has(item, "clause")]
    results = [item for item in model.decisions if not has(item, "clause")]
    made = [
        _about(model),
        _page(INPUTS, (_input(item, own) for item in model.inputs)),
        _page(TYPES, (_type(item) for item in model.types if item.name not in own)),
        _page(CLAUSES, (_clause(item, cites) for item in clauses)),
        _page(RESULTS, (_result(item, cites) for item in results)),
        _page(SOURCES, (_source(item) for item in model.sources)),
    ]
    taken = {page.name.lower() for page in made} | {GUIDE}
    for item in model.decisions:
        if isinstance(item.expression, m.DecisionTable):
            made.append(tables.page(_sheet_name(item.name, taken), item.name, item.expression))
    return made


def template() -> bytes:
    """An empty workbook with what to write in every column, and a small rule to write over."""
    guide = [
        ["这是什么", "一份政策的规则：每行一条条款。填好后：wotu rules convert 本文件.xlsx 规则.dmn"],
        [
            "怎么填",
            "先填“输入”（条件里要用的每一项事实），再填“条款”（一行一条），最后填“结果”；灰色表头上有每一列的说明",
        ],
        [
            "条件怎么写",
            '职工总数 >= 10；科技人员数 / 职工总数 >= 0.10；技术领域 in ("新材料", "航空航天")；甲 and 乙；not(有重大违法)',
        ],
        ["符号", '用英文半角：>= <= = != and or not( )；文字用英文双引号，日期写 date("2024-01-01")'],
        ["金额与比例", "金额一律用元，比例用小数：5000 万元写 50000000，5% 写 0.05"],
        ["不知道", "空着的事实是“不知道”，不是 0；规则会说明还缺哪一项"],
        ["决策表", "打分、分档、划型用决策表：每张一个工作表，A1 写“决策表”，见“规模分档”"],
        ["本页", "只给人看，转换时不读；示例行改成自己的，或删去"],
    ]
    return write([Page(GUIDE, guide, header=0, widths=(14, 100)), *pages(example())])


# --- what no sheet holds --------------------------------------------------------------------------------------------


def _beyond(model: m.Definitions) -> Iterable[Finding]:
    beyond: tuple[m.Import | m.BusinessKnowledgeModel | m.DecisionService, ...] = (
        *model.imports,
        *model.knowledge_models,
        *model.services,
    )
    for part in beyond:
        kind = m.TITLES[type(part)]
        yield Finding(f"{kind}“{part.name}”", f"电子表格写不下{kind}", HOW)
    for item in model.decisions:
        if item.expression is None:
            yield Finding(f"决策“{item.name}”", "没有逻辑，电子表格写不下", HOW)
        elif not isinstance(item.expression, m.Literal | m.DecisionTable):
            box = _BOXES.get(type(item.expression), "这种表达式")
            yield Finding(f"决策“{item.name}”", f"电子表格写不下{box}", HOW)
    for kept in model.types:
        if kept.components or kept.is_collection or kept.is_function or kept.constraint is not None:
            yield Finding(f"类型“{kept.name}”", "电子表格只写得下有允许值的简单类型", HOW)
    keys: set[tuple[str, str, str]] = set()
    for source in model.sources:
        key = _key(source)
        if not key[0]:
            yield Finding(f"知识来源“{source.name}”", "没有写明文件（wotu:source 的 document）", "请补上文件、文号和条")
        elif key in keys:
            yield Finding(f"知识来源“{source.name}”", "与另一个知识来源的文件、文号、条都一样", "请合并成一个")
        keys.add(key)


HOW = "请留在 .dmn 里维护，或改写成条款、公式和决策表"
_BOXES: dict[type, str] = {
    m.Context: "上下文表（context）",
    m.ListOfExpressions: "列表（list）",
    m.Relation: "关系表（relation）",
    m.FunctionDefinition: "函数",
    m.Invocation: "调用（invocation）",
    m.Conditional: "条件框（conditional）",
    m.Filter: "筛选框（filter）",
    m.Iteration: "循环框（for、some、every）",
}


# --- sheets ---------------------------------------------------------------------------------------------------------


def _about(model: m.Definitions) -> Page:
    rule = said_of(model, "rule")
    notes = [each.text for each in model.extensions if each.tag.endswith("}note")]
    name = rule.get("name") or model.name
    own = {"name": name, "description": model.description, "id": model.id, "namespace": model.namespace}
    own["model"] = model.name if model.name != name else ""
    rows = [["项目", "内容"]]
    for column in COLUMNS[ABOUT]:
        if column.key == "note":
            rows += [[column.title, note] for note in notes] or [[column.title, ""]]
        else:
            rows.append([column.title, _shown(column, own.get(column.key) or rule.get(column.key, ""))])
    comments = {(number, 1): _what(COLUMNS[ABOUT], row[0]) for number, row in enumerate(rows, 1) if number > 1}
    return Page(ABOUT, rows, header=1, widths=(16, 90), comments=comments)


def _what(columns: Iterable[Column], title: str) -> str:
    return next(column.what for column in columns if column.title == title)


def _shown(column: Column, value: str) -> str:
    """A value in the sheet's word for it."""
    return next((word for word, code in (column.words or {}).items() if code == value), value)


def _page(name: str, rows: Iterable[Mapping[str, str]]) -> Page:
    columns = COLUMNS[name]
    made = [[column.title for column in columns]]
    made += [[_shown(column, row.get(column.key, "")) for column in columns] for row in rows]
    return Page(
        name,
        made,
        header=1,
        widths=[column.width for column in columns],
        comments={(1, place): column.what for place, column in enumerate(columns, 1)},
        choices={place: tuple(column.words) for place, column in enumerate(columns, 1) if column.words},
    )


def _own_types(model: m.Definitions) -> dict[str, m.ItemDefinition]:
    """The types that belong to one input: their allowed values stand beside it."""
    used = [item.variable.type_ref for item in model.inputs] + [item.variable.type_ref for item in model.decisions]
    types = {item.name: item for item in model.types}
    found = {}
    for item in model.inputs:
        own = types.get(item.variable.type_ref)
        if own is None or own.name != f"{item.name}{OWN_TYPE}" or used.count(own.name) > 1:
            continue
        if own.allowed is not None and not own.description:
            found[own.name] = own
    return found


def _input(item: m.InputData, own: Mapping[str, m.ItemDefinition]) -> dict[str, str]:
    kind = own.get(item.variable.type_ref)
    return {
        **said_of(item, "input"),
        "name": item.name,
        "type": kind.type_ref if kind is not None else item.variable.type_ref,
        "allowed": kind.allowed.text if kind is not None and kind.allowed is not None else "",
        "description": item.description,
        "id": item.id,
    }


def _type(item: m.ItemDefinition) -> dict[str, str]:
    return {
        "name": item.name,
        "type": item.type_ref,
        "allowed": item.allowed.text if item.allowed is not None else "",
        "description": item.description,
        "id": item.id,
    }


def _key(source: m.KnowledgeSource) -> tuple[str, str, str]:
    own = said_of(source, "source")
    return own.get("document", ""), own.get("number", ""), own.get("article", "")


def _cited(item: m.Decision, sources: Mapping[str, m.KnowledgeSource]) -> dict[str, str]:
    keys = [_key(sources[reference.id]) for reference in item.authority if reference.id in sources]
    if not keys:
        return {}
    columns = zip(*keys, strict=True)
    texts = ("\n".join(text or DASH for text in column) if any(column) else "" for column in columns)
    return dict(zip(("document", "number", "article"), texts, strict=True))


def _formula(item: m.Decision) -> str:
    return item.expression.text.strip() if isinstance(item.expression, m.Literal) else ""


def _clause(item: m.Decision, sources: Mapping[str, m.KnowledgeSource]) -> dict[str, str]:
    own = dict(said_of(item, "clause"))
    return {
        **own,
        "shown": own.pop("article", ""),
        **_cited(item, sources) | ({} if item.authority else {"article": ""}),
        "name": item.name,
        "formula": _formula(item),
        "description": item.description,
        "id": item.id,
    }


def _result(item: m.Decision, sources: Mapping[str, m.KnowledgeSource]) -> dict[str, str]:
    role = next((each for each in ("eligible", "outcome", "part") if has(item, each)), "")
    own = dict(said_of(item, role)) if role else {}
    own["requires"] = own.pop("rule", "") if role == "eligible" else own.get("requires", "")
    return {
        **own,
        "kind": own.get("kind", "") if role == "outcome" else role,
        "shown": own.pop("article", ""),
        **_cited(item, sources) | ({} if item.authority else {"article": ""}),
        "name": item.name,
        "formula": _formula(item),
        "type": item.variable.type_ref,
        "question": item.question,
        "answers": item.allowed_answers,
        "description": item.description,
        "id": item.id,
    }


def _source(item: m.KnowledgeSource) -> dict[str, str]:
    own = said_of(item, "source")
    name = "" if item.name == source_name(*_key(item)) else item.name
    return {**own, "location": item.location, "name": name, "id": item.id}


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel takes: short, without its signs, not there yet."""
    stem = re.sub(r"[\[\]:*?/\\']", "·", name)[:28].strip() or "表"
    made, count = stem, 1
    while made.lower() in taken:
        count += 1
        made = f"{stem}{count}"
    taken.add(made.lower())
    return made
