"""条文化: a rule as people read a document: what it is, in force since when, each clause in words with its source, tables as lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..dmn import model as m
from ..explain.build import bare, view_of
from ..explain.measure import unit_of
from ..explain.view import DecisionView, View
from ..explain.words import citation_words, evidence_words
from ..feel import FeelSyntaxError, Scope, parse
from ..feel import tree as t
from ..infos import Citation, Clause, DecisionInfo, InputInfo, said_of
from ..rulebook import Rulebook
from .phrases import Phrases, numeral, tidy

INDENT = "　　"
POLICIES = {
    "UNIQUE": "看哪一行符合：",
    "FIRST": "从上往下看，用第一个符合的：",
    "PRIORITY": "符合的行里，用次序最先的结果：",
    "ANY": "看哪一行符合：",
    "COLLECT": "列出所有符合的行的结果：",
    "RULE ORDER": "按行的次序列出所有符合的结果：",
    "OUTPUT ORDER": "按结果的次序列出所有符合的结果：",
}
COLLECTED = {
    "SUM": "把所有符合的行的结果相加：",
    "COUNT": "数有几个结果：",
    "MIN": "取最小的结果：",
    "MAX": "取最大的结果：",
}
KINDS = {"amount": "金额", "tax": "税额", "grade": "等级", "score": "得分"}


def text(book: Rulebook) -> str:
    """The rule as readable Chinese text."""
    return "\n".join(_Text(book).lines()) + "\n"


class _Text:
    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.view: View = view_of(book)
        self.items = {item.name: item for item in book.model.decisions}
        self.infos = {info.name: info for info in book.decisions}

    def lines(self) -> Iterator[str]:
        yield from self.heading()
        for number, clause in enumerate(self.book.clauses, 1):
            yield ""
            yield from self.clause(number, clause)
        eligible = self.book.eligible_name
        if eligible is not None and eligible in self.items:
            yield ""
            yield from self.eligible(eligible)
        results = [info for info in self.book.decisions if info.role == "outcome"]
        parts = [info for info in self.book.decisions if info.role == "part"]
        for title, infos in (("结果", results), ("怎么算", parts)):
            if infos:
                yield from ("", f"【{title}】")
                for info in infos:
                    yield from self.decided(info)
        if self.book.model.knowledge_models:
            yield from ("", "【计算方法】")
            for shared in self.book.model.knowledge_models:
                yield from self.shared(shared)
        yield from self.inputs()
        notes = [each.text.strip() for each in self.book.model.extensions if each.tag.endswith("}note")]
        if notes:
            yield from ("", "【注意】")
            yield from (f"{number}. {note}" for number, note in enumerate(notes, 1))

    # --- heading ----------------------------------------------------------------------------------------------------

    def heading(self) -> Iterator[str]:
        model = self.book.model
        rule = said_of(model, "rule")
        yield self.book.name
        if rule.get("issuer"):
            yield f"发文机关：{rule['issuer']}"
        if rule.get("documents"):
            yield f"文件：{rule['documents']}"
        start, end = rule.get("effectiveFrom"), rule.get("effectiveTo")
        if start or end:
            since = f"自 {start} 起施行" if start else ""
            until = f"有效期至 {end}" if end else "没有写明失效日期"
            yield f"施行：{'，'.join(filter(None, (since, until)))}"
        titles = {"appliesTo": "适用", "benefit": "优惠", "validYears": "有效", "reviewsTo": "复审沿用至"}
        for key, title in titles.items():
            if rule.get(key):
                yield f"{title}：{rule[key]}{' 年' if key == 'validYears' else ''}"
        if rule.get("evidence"):
            yield f"核对：{evidence_words(rule['evidence'], 'zh')}"
        if model.description:
            yield from ("", model.description)

    # --- clauses ----------------------------------------------------------------------------------------------------

    def clause(self, number: int, clause: Clause) -> Iterator[str]:
        yield f"第{numeral(number)}条　{clause.name}{f'：{_sentence(clause.requires)}' if clause.requires else ''}"
        item = self.items.get(clause.decision)
        yield from self.logic(clause.decision, "判定")
        yield from self.sources(item, clause.evidence, clause.evidence_note)
        materials = said_of(item, "clause").get("materials") if item is not None else None
        if materials:
            yield f"{INDENT}材料：{_sentence(materials)}"
        if item is not None and item.description and item.description != clause.requires:
            yield f"{INDENT}说明：{_sentence(item.description)}"

    def sources(self, item: m.Decision | m.BusinessKnowledgeModel | None, evidence: str, note: str) -> Iterator[str]:
        known = {source.id: source for source in self.book.model.sources}
        cited = [_citation(known[each.id]) for each in (item.authority if item is not None else ()) if each.id in known]
        words = [*cited, *([f"（{evidence_words(evidence, 'zh')}{f'：{note}' if note else ''}）"] if evidence else [])]
        if words:
            yield f"{INDENT}依据：{'；'.join(cited)}{words[-1] if evidence else ''}。"

    def eligible(self, name: str) -> Iterator[str]:
        item = self.items[name]
        rule = said_of(item, "eligible").get("rule", "")
        yield f"【{name}】{item.question}{_sentence(rule) if rule else ''}"
        yield from self.logic(name, "判定")

    # --- results ----------------------------------------------------------------------------------------------------

    def decided(self, info: DecisionInfo) -> Iterator[str]:
        item = self.items[info.name]
        said = said_of(item, info.role)
        aside = "，".join(filter(None, (KINDS.get(info.kind, ""), _limit(info))))
        requires = said.get("requires", "")
        yield f"{info.name}{f'（{aside}）' if aside else ''}{f'：{_sentence(requires)}' if requires else '：'}"
        yield from self.logic(info.name, "计算" if info.base != "boolean" else "判定")
        yield from self.sources(item, said.get("evidence", ""), said.get("evidenceNote", ""))
        if item.description:
            yield f"{INDENT}说明：{_sentence(item.description)}"

    def phrases(self, owner: DecisionView) -> Phrases:
        def titled(name: str) -> str:
            return self.view.decisions[owner.needs[name][1]].title("zh") if owner.origin(name) == "decision" else name

        return Phrases(lambda node: unit_of(self.view, owner, node), titled)

    def logic(self, name: str, title: str) -> Iterator[str]:
        """A formula in words, or a table as a list."""
        item, logic = self.items.get(name), self.book.logic.get(name)
        if item is None or logic is None:
            return
        phrases = self.phrases(self.view.decisions[name])
        if isinstance(item.expression, m.DecisionTable) and logic.table is not None:
            rows = [(row.cells, tuple(map(bare, row.outputs))) for row in logic.table.rows]
            units = [self.infos[name].unit]
            yield from _table(item.expression, tuple(map(bare, logic.table.inputs)), rows, phrases, units)
        elif logic.tree is not None:
            tree = bare(logic.tree)
            words = phrases.condition(tree) if title == "判定" else phrases.value(tree, self.infos[name].unit)
            yield f"{INDENT}{title}：{_sentence(tidy(words))}"

    def shared(self, item: m.BusinessKnowledgeModel) -> Iterator[str]:
        """A function that decisions share."""
        if item.logic is None:
            return
        names = [each.name for each in item.logic.parameters]
        yield f"{item.name}（{'、'.join(names)}）：{_sentence(item.description) if item.description else ''}"
        known = {each.name: None for each in self.book.model.knowledge_models}
        scope = Scope({**known, **dict.fromkeys(names)})
        phrases = Phrases(lambda node: None)
        body = item.logic.body
        try:
            if isinstance(body, m.Literal):
                yield f"{INDENT}计算：{_sentence(tidy(phrases.value(parse(body.text, scope))))}"
            elif isinstance(body, m.DecisionTable):
                yield from _parsed_table(body, scope, phrases, said_of(item, "part").get("unit"))
        except FeelSyntaxError:
            yield f"{INDENT}写法有误，见 wotu rules check"
        yield from self.sources(item, said_of(item, "part").get("evidence", ""), "")

    # --- inputs -----------------------------------------------------------------------------------------------------

    def inputs(self) -> Iterator[str]:
        if self.book.inputs:
            yield from ("", "【用到的事实】")
            for number, info in enumerate(self.book.inputs, 1):
                yield f"{number}. {_input(info)}"


_BASES = {"number": "数", "string": "文字", "boolean": "是或否", "date": "日期"}


def _input(info: InputInfo) -> str:
    aside = "，".join(filter(None, (info.unit or _BASES.get(info.base, info.base), info.period)))
    choices = f"可以是：{'、'.join(info.choices)}。" if info.choices else ""
    usual = f"常见：{'、'.join(info.suggest)}。" if info.suggest else ""
    definition = _sentence(info.definition) if info.definition else ""
    rest = f"{definition}{choices}{usual}"
    return f"{info.name}（{aside}）{f'：{rest}' if rest else ''}"


def _citation(source: m.KnowledgeSource) -> str:
    said = said_of(source, "source")
    made = Citation(said.get("document", ""), said.get("number", ""), said.get("article", ""))
    return citation_words(made) if made.document else source.name


def _limit(info: DecisionInfo) -> str:
    if info.max is None:
        return info.unit or ""
    return f"至多 {info.max:f}{f' {info.unit}' if info.unit else ''}"


def _sentence(words: str) -> str:
    """With a full stop, unless it ends one already."""
    return words if words.endswith(("。", "！", "？", "：")) else f"{words}。"


def _parsed_table(body: m.DecisionTable, scope: Scope, phrases: Phrases, unit: str | None) -> Iterator[str]:
    inputs = tuple(parse(each.expression.text, scope) for each in body.inputs if each.expression is not None)
    inner = Scope({"?": None}, parent=scope)
    rows = []
    for rule in body.rules:
        cells = tuple(
            parse(cell.text, inner, kind="unary tests") if cell.text.strip() not in ("", "-") else t.AnyTest()
            for cell in rule.inputs
        )
        results = tuple(parse(each.text, scope) for each in rule.outputs if isinstance(each, m.Literal) and each.text)
        rows.append((cells, results))
    yield from _table(body, inputs, rows, phrases, [unit])


def _table(
    table: m.DecisionTable,
    inputs: tuple[t.Node, ...],
    rows: Iterable[tuple[tuple[t.Node, ...], tuple[t.Node, ...]]],
    phrases: Phrases,
    units: list[str | None],
) -> Iterator[str]:
    """Each row as a line: when, then what; the annotation in brackets where it says more."""
    yield f"{INDENT}{COLLECTED.get(table.aggregation) or POLICIES.get(table.hit_policy, '看哪一行符合：')}"
    names = [phrases.value(node) for node in inputs]
    for number, ((cells, results), rule) in enumerate(zip(rows, table.rules, strict=True), 1):
        tests = [
            f"{name}{phrases.tests(cell.tests, phrases.unit(node), cell.negated)}"
            for name, node, cell in zip(names, inputs, cells, strict=True)
            if isinstance(cell, t.UnaryTests) and not any(isinstance(test, t.AnyTest) for test in cell.tests)
        ]
        when = "，".join(tests) or ("其余" if number > 1 else "一律")
        outputs = [phrases.value(result, units[0] if len(results) == 1 else None) for result in results]
        if len(table.outputs) > 1:
            outputs = [f"{clause.name}{text}" for clause, text in zip(table.outputs, outputs, strict=False)]
        aside = "；".join(filter(None, (text.strip() for text in rule.annotations)))
        yield f"{INDENT}{number}. {tidy(when)}：{'，'.join(outputs) or '没有值'}{f'（{aside}）' if aside else ''}。"
