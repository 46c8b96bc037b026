"""A rule's workbook -> model. What is wrong comes out as findings that name sheet and cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from ..dmn import model as m
from ..dmn.graph import link
from ..dmn.kept import FEEL
from ..documents import meant
from ..feel import BUILTINS, FeelSyntaxError, Scope, parse
from ..feel import tree as t
from ..findings import Finding
from ..infos import WOTU
from . import tables, workbook
from .columns import ABOUT, CLAUSES, COLUMNS, EVERYTHING, INPUTS, RESULTS, SOURCES, TABLE, TYPES
from .drawing import dmndi
from .grid import Ids, Places, Record, records
from .names import DASH, OWN_TYPE, source_name, tail, wide_signs
from .workbook import Cell, Sheet

GUIDE = "填写说明"
"""A sheet that nobody reads but people."""
ELIGIBLE = "符合"


def from_sheet(data: bytes, file: str) -> m.Definitions:
    """The model that a workbook says; RulebookError with a finding for each cell to mend."""
    places = Places(PurePath(file).name)
    sheets = workbook.read(data, file)
    made = _Reader(places, sheets).model()
    places.stop()
    places.findings += [places.placed(finding) for finding in link((), made).findings if finding.severity == "error"]
    places.stop()
    return replace(made, others=(dmndi(made),))


@dataclass(frozen=True, slots=True)
class _Decided:
    """A decision on its way: what its row says, and its formula's cell."""

    item: m.Decision
    formula: Cell
    sources: tuple[tuple[str, str, str], ...] = ()


@dataclass
class _Reader:
    places: Places
    sheets: tuple[Sheet, ...]
    ids: Ids = field(default_factory=Ids)
    cited: dict[tuple[str, str, str], Cell] = field(default_factory=dict)

    def model(self) -> m.Definitions:
        """The whole model."""
        rows = {name: list(self.records(name)) for name in COLUMNS if name != ABOUT}
        for record in (record for each in rows.values() for record in each):
            self.ids.take(record)
        found = self.read_tables()
        about, notes = self.about()
        types = [self.type(record) for record in rows[TYPES]]
        inputs = [self.input(record, types) for record in rows[INPUTS]]
        clauses = [self.clause(number, record) for number, record in enumerate(rows[CLAUSES], 1)]
        results = [self.result(record, clauses) for record in rows[RESULTS]]
        first = [each for each in results if each.item.name == ELIGIBLE]
        decided = [*first, *clauses, *(each for each in results if each.item.name != ELIGIBLE)]
        decided = self.with_tables(decided, found)
        if not rows[INPUTS]:
            inputs += self.columns_as_inputs(found, {each.item.name for each in decided})
        if not decided and not self.places.findings:
            where = self.places.file
            self.places.findings.append(Finding(where, "没有条款、结果，也没有决策表", f"请填写“{CLAUSES}”或决策表"))
        self.distinct(inputs, decided)
        sources = self.sources(rows[SOURCES])
        decisions = self.required(inputs, decided, sources)
        return self.whole(about, notes, types, inputs, decisions, list(sources.values()))

    # --- sheets -----------------------------------------------------------------------------------------------------

    def records(self, name: str) -> Iterator[Record]:
        for sheet in self.sheets:
            if sheet.name == name and not tables.is_table(sheet):
                yield from records(sheet, name, self.places)

    def read_tables(self) -> dict[str, tables.Read]:
        found: dict[str, tables.Read] = {}
        for sheet in self.sheets:
            if tables.is_table(sheet):
                read = tables.read(sheet, self.places)
                if read is None:
                    continue
                if read.name in found:
                    self.places.find(read.cell, f"“{read.name}”有两张决策表", "请改其中一张的名称")
                found[read.name] = read
            elif sheet.rows and sheet.name not in (*COLUMNS, GUIDE):
                near = meant(sheet.name, COLUMNS)
                first = next(iter(sheet.rows[0].values()))
                how = f"是不是“{near}”？" if near else f"工作表可以是：{'、'.join(COLUMNS)}；决策表的 A1 写“{TABLE}”"
                self.places.find(first, f"不认识工作表“{sheet.name}”", f"{how}。不用的请删去")
        return found

    def about(self) -> tuple[dict[str, str], list[str]]:
        """What 说明 says, by the rows' names in code; and the notes."""
        sheet = next((sheet for sheet in self.sheets if sheet.name == ABOUT), None)
        columns = {column.title: column for column in COLUMNS[ABOUT]}
        found: dict[str, str] = {}
        notes: list[str] = []
        for row in sheet.rows if sheet is not None else ():
            assert sheet is not None
            title, value = sheet.cell(row, 1), sheet.cell(row, 2)
            column = columns.get(title.text)
            if title.text in ("项目", ""):
                continue
            if column is None:
                near = meant(title.text, columns)
                how = f"是不是“{near}”？" if near else f"可写：{'、'.join(columns)}"
                self.places.find(title, f"没有“{title.text}”这一项", how)
                continue
            record = Record(self.places, {column.key: column}, {column.key: value}, value.row)
            if column.key == "note":
                notes += [value.text] if value.text else []
                continue
            if column.key in found:
                self.places.find(title, f"“{title.text}”写了两次", "请只留一行")
            if column.key in ("effectiveFrom", "effectiveTo", "reviewsTo"):
                found[column.key] = record.day(column.key)
            elif column.key == "id":
                found["id"] = record.id()
            else:
                found[column.key] = record.word(column.key) if column.words else value.text
        return {key: value for key, value in found.items() if value}, notes

    # --- rows -------------------------------------------------------------------------------------------------------

    def type(self, record: Record) -> m.ItemDefinition:
        line = self.places.mark(record.cell("name"))
        name = record.text("name")
        return m.ItemDefinition(
            id=record.id() or self.ids.give("type", name),
            line=line,
            name=name,
            type_ref=record.word("type"),
            description=record.text("description"),
            allowed=self.tests(record),
        )

    def tests(self, record: Record) -> m.UnaryTests | None:
        """The allowed values, which can only be values."""
        text = record.text("allowed")
        if not text:
            return None
        cell = record.cell("allowed")
        line = self.places.mark(cell)
        for name in self.names(text, line, Scope(), tests=True):
            if name not in BUILTINS and name != "?":
                self.places.find(cell, f"“{name}”不是值", f'文字请用英文双引号："{name}"')
        return m.UnaryTests(text=text, line=line)

    def input(self, record: Record, types: list[m.ItemDefinition]) -> m.InputData:
        name = record.text("name")
        id = record.id() or self.ids.give("input", name, record.text("en"))
        kind = record.word("type")
        allowed = self.tests(record)
        named = next((each for each in types if each.name == kind), None)
        if allowed is not None and named is not None:
            if named.allowed is None or named.allowed.text != allowed.text:
                cell = record.cell("allowed")
                self.places.find(cell, f"与类型“{kind}”的允许值不一样", "请空着，或在“类型”表里改")
        elif allowed is not None:
            own = m.ItemDefinition(
                id=f"type_{tail(id)}", line=allowed.line, name=f"{name}{OWN_TYPE}", type_ref=kind, allowed=allowed
            )
            types.append(own)
            kind = own.name
        line = self.places.mark(record.cell("type"))
        return m.InputData(
            id=id,
            line=self.places.mark(record.cell("name")),
            name=name,
            description=record.text("description"),
            extensions=_said("input", record, "unit", "period", "definition", "en", "suggest"),
            variable=m.Variable(id=f"{id}_variable", line=line, name=name, type_ref=kind),
        )

    def clause(self, number: int, record: Record) -> _Decided:
        order = record.number("order") or str(number)
        evidence = record.word("evidence")
        keys = ("order", "requires", "requiresEn", "article", "evidence", "evidenceNote", "materials", "en")
        values = {key: record.text(key) for key in keys}
        values |= {"order": order, "evidence": evidence, "article": record.text("shown")}
        return self.decision(record, "boolean", _extension("clause", values, always=True))

    def result(self, record: Record, clauses: list[_Decided]) -> _Decided:
        kind = record.word("kind")
        name = record.text("name")
        usual = {"eligible": "boolean", "grade": "string", "amount": "number", "tax": "number", "score": "number"}
        type = record.word("type") or usual.get(kind, "")
        evidence, limit = record.word("evidence"), record.number("max")
        said = {"unit": record.text("unit"), "max": limit, "en": record.text("en"), "article": record.text("shown")}
        said |= {"evidence": evidence} | {key: record.text(key) for key in ("evidenceNote", "requires", "words")}
        extension: tuple[m.Extension, ...] = ()
        if (kind == "eligible" and name != ELIGIBLE) or (name == ELIGIBLE and kind not in ("eligible", "")):
            self.places.find(record.cell("kind"), f"“{name}”的种类不对", f"只有名为“{ELIGIBLE}”的结果种类是“符合”")
        if kind != "part":
            self.only(record, "words")
        match kind:
            case "eligible":
                self.only(record, "unit", "max", "shown", "evidence", "evidenceNote")
                extension = _extension("eligible", {"en": said["en"], "rule": said["requires"]}, always=True)
            case "part":
                extension = _extension("part", said, always=True)
            case "":
                self.only(record, "unit", "max", "shown", "evidence", "evidenceNote", "requires", "en")
            case _:
                extension = _extension("outcome", {"kind": kind, **said})
        made = self.decision(record, type, extension)
        if made.formula.text == EVERYTHING:
            text = " and\n".join(each.item.name for each in clauses)
            made = replace(made, formula=replace(made.formula, text=text))
            if not clauses:
                self.places.find(made.formula, "还没有条款", f"请先填写“{CLAUSES}”")
        return made

    def only(self, record: Record, *keys: str) -> None:
        """What this kind of result has no place for must be empty."""
        for key in keys:
            if record.text(key):
                title = record.columns[key].title
                kind = record.text("kind") or "（空）"
                self.places.find(record.cell(key), f"种类“{kind}”没有“{title}”", "请删去，或改“种类”")

    def decision(self, record: Record, kind: str, extensions: tuple[m.Extension, ...]) -> _Decided:
        name = record.text("name")
        id = record.id() or self.ids.give("decision", name, record.text("en"))
        at = record.cells.get("type") or record.cell("name")
        item = m.Decision(
            id=id,
            line=self.places.mark(record.cell("name")),
            name=name,
            description=record.text("description"),
            question=record.text("question"),
            allowed_answers=record.text("answers"),
            extensions=extensions,
            variable=m.Variable(id=f"{id}_variable", line=self.places.mark(at), name=name, type_ref=kind),
        )
        return _Decided(item, record.cells.get("formula") or _empty(record.cell("name")), tuple(self.citations(record)))

    def citations(self, record: Record) -> Iterator[tuple[str, str, str]]:
        """The sources of a row, one a line; a text that stands once stands for all."""
        columns = [record.text(key).split("\n") for key in ("document", "number", "article")]
        many = max(map(len, columns))
        for place, lines in enumerate(columns):
            if len(lines) not in (1, many):
                cell = record.cell(("document", "number", "article")[place])
                self.places.find(cell, f"有 {len(lines)} 行，而依据有 {many} 行", "请一行对一行；没有的一行写 -")
                return
        for line in range(many):
            document, number, article = (
                "" if text.strip() == DASH else text.strip()
                for text in (lines[line if len(lines) > 1 else 0] for lines in columns)
            )
            if document:
                key = (document, number, article)
                self.cited.setdefault(key, record.cell("document"))
                yield key
            elif number or article:
                self.places.find(record.cell("document"), "有文号或条，却没有文件", "请写文件全称")

    # --- tables -----------------------------------------------------------------------------------------------------

    def with_tables(self, decided: list[_Decided], found: Mapping[str, tables.Read]) -> list[_Decided]:
        """Each decision with its formula or its table."""
        made = []
        for each in decided:
            item, table = each.item, found.get(each.item.name)
            if table is not None and each.formula.text:
                self.places.find(each.formula, "又有公式又有同名的决策表", "请只留一个")
            if table is not None:
                made.append(replace(each, item=replace(item, expression=tables.with_ids(table.table, item.id))))
                continue
            if not each.formula.text:
                how = f"请写公式，或加一张 A1 写“{TABLE}”、B1 写“{item.name}”的工作表"
                self.places.find(each.formula, f"“{item.name}”没有公式，也没有决策表", how)
            box = m.Literal(
                id=f"{item.id}_expression",
                line=self.places.mark(each.formula),
                type_ref=item.variable.type_ref,
                text=each.formula.text,
            )
            made.append(replace(each, item=replace(item, expression=box)))
        known = {each.item.name for each in decided}
        for read in found.values():
            if read.name in known:
                continue
            id = self.ids.give("decision", read.name)
            outputs = read.table.outputs
            kind = outputs[0].type_ref if len(outputs) == 1 and read.table.hit_policy != "COLLECT" else ""
            line = read.table.line
            variable = m.Variable(id=f"{id}_variable", line=line, name=read.name, type_ref=kind)
            item = m.Decision(id=id, line=line, name=read.name, variable=variable)
            item = replace(item, expression=tables.with_ids(read.table, id))
            made.append(_Decided(item, read.cell))
        return made

    def columns_as_inputs(self, found: Mapping[str, tables.Read], known: set[str]) -> Iterator[m.InputData]:
        """Without a sheet of inputs, the tables' columns that are plain names are the inputs."""
        seen: set[str] = set()
        for read in found.values():
            for clause in read.table.inputs:
                text = clause.expression.text if clause.expression is not None else ""
                kind = clause.expression.type_ref if clause.expression is not None else ""
                try:
                    plain = isinstance(parse(text, Scope({text: None})), t.Name)
                except FeelSyntaxError:
                    plain = False
                if plain and text not in seen and text not in known:
                    seen.add(text)
                    id = self.ids.give("input", text)
                    variable = m.Variable(id=f"{id}_variable", line=clause.line, name=text, type_ref=kind)
                    yield m.InputData(id=id, line=clause.line, name=text, variable=variable)

    # --- requirements -----------------------------------------------------------------------------------------------

    def distinct(self, inputs: list[m.InputData], decided: list[_Decided]) -> None:
        """Names said twice; an input and a decision may share one, as long as only that decision reads the input."""
        for kind, items in (("输入", inputs), ("条款或结果", [each.item for each in decided])):
            seen: set[str] = set()
            for item in items:
                if item.name in seen and item.line:
                    self.places.find(self.places.cells[item.line - 1], f"有两个{kind}都叫“{item.name}”", "请改其中一个")
                seen.add(item.name)

    def sources(self, rows: list[Record]) -> dict[tuple[str, str, str], m.KnowledgeSource]:
        """The sources by document, number and article: those described and those only cited."""
        found: dict[tuple[str, str, str], m.KnowledgeSource] = {}
        for record in rows:
            key = (record.text("document"), record.text("number"), record.text("article"))
            if key in found:
                self.places.find(record.cell("document"), "这一条依据已经写过", "请删去一行")
            said = {
                "document": key[0],
                "number": key[1],
                "article": key[2],
                "effectiveFrom": record.day("effectiveFrom"),
                "effectiveTo": record.day("effectiveTo"),
                "note": record.text("note"),
            }
            name = record.text("name") or source_name(*key)
            id = record.id() or self.ids.give("source", "|".join(key))
            found[key] = m.KnowledgeSource(
                id=id, name=name, location=record.text("location"), extensions=_extension("source", said, always=True)
            )
        for key in self.cited:
            if key not in found:
                said = dict(zip(("document", "number", "article"), key, strict=True))
                id = self.ids.give("source", "|".join(key))
                found[key] = m.KnowledgeSource(
                    id=id, name=source_name(*key), extensions=_extension("source", said, always=True)
                )
        return found

    def required(
        self,
        inputs: list[m.InputData],
        decided: list[_Decided],
        sources: Mapping[tuple[str, str, str], m.KnowledgeSource],
    ) -> list[m.Decision]:
        """The decisions with what their formulas use and what they cite."""
        given = {item.name: item for item in inputs}
        made = {each.item.name: each.item for each in decided}
        scope = Scope(dict.fromkeys((*given, *made)))
        return [self.requiring(each, scope, given, made, sources) for each in decided]

    def requiring(
        self,
        each: _Decided,
        scope: Scope,
        given: Mapping[str, m.InputData],
        made: Mapping[str, m.Decision],
        sources: Mapping[tuple[str, str, str], m.KnowledgeSource],
    ) -> m.Decision:
        item = each.item
        needs: dict[str, m.Reference] = {}
        for name in self.used(item.expression, scope):
            target: m.Decision | m.InputData | None = made.get(name)
            if (target is None or name == item.name) and name in given:
                target = given[name]
            if target is None or target is item:
                continue
            kind = "requiredInput" if isinstance(target, m.InputData) else "requiredDecision"
            requirement = m.Element(id=f"{item.id}_needs_{tail(target.id)}")
            needs.setdefault(target.id, m.Reference("", target.id, item.line, kind, requirement))
        cites = []
        for key in dict.fromkeys(each.sources):
            source = sources[key]
            requirement = m.Element(id=f"{item.id}_cites_{tail(source.id)}")
            cites.append(m.Reference("", source.id, item.line, "requiredAuthority", requirement))
        return replace(item, information=tuple(needs.values()), authority=tuple(cites))

    def used(self, box: m.Expression | None, scope: Scope) -> Iterator[str]:
        """The names in a formula or a table, in reading order; a finding for each cell that is no FEEL."""
        for text, line, tests in tables.texts(box):
            yield from self.names(text, line, scope, tests)

    def names(self, text: str, line: int, scope: Scope, tests: bool) -> Iterator[str]:
        """The names in one FEEL text; a finding where it is none."""
        try:
            tree = parse(text, scope, kind="unary tests" if tests else "expression")
        except FeelSyntaxError as problem:
            finding = problem.findings[0]
            how = wide_signs(text) or finding.how_to_mend
            self.places.find(self.places.cells[line - 1], finding.what, how, finding.example)
            return
        yield from (node.name for node in t.walk(tree) if isinstance(node, t.Name))

    def whole(
        self,
        about: Mapping[str, str],
        notes: Iterable[str],
        types: list[m.ItemDefinition],
        inputs: list[m.InputData],
        decisions: list[m.Decision],
        sources: list[m.KnowledgeSource],
    ) -> m.Definitions:
        name = about.get("name") or PurePath(self.places.file).stem
        id = about.get("id") or self.ids.give("rule", name, about.get("en", ""))
        said = {key: about[key] for key in _RULE if key in about}
        model = about.get("model", name)
        extensions = _extension("rule", {"name": name, **said}) if said or model != name else ()
        extensions += tuple(m.Extension(f"{WOTU}note", {}, note) for note in notes)
        return m.Definitions(
            id=id,
            name=model,
            namespace=about.get("namespace") or f"https://wotu.dev/rules/{id}",
            description=about.get("description", ""),
            extensions=extensions,
            foreign={"expressionLanguage": FEEL, "typeLanguage": FEEL},
            file=self.places.file,
            types=tuple(types),
            inputs=tuple(inputs),
            decisions=tuple(decisions),
            sources=tuple(sources),
        )


_RULE = (
    *("edition", "effectiveFrom", "effectiveTo", "reviewsTo", "issuer", "documents", "appliesTo"),
    *("validYears", "benefit", "evidence", "en"),
)


def _empty(cell: Cell) -> Cell:
    return replace(cell, text="")


def _said(name: str, record: Record, *keys: str) -> tuple[m.Extension, ...]:
    return _extension(name, {key: record.text(key) for key in keys})


def _extension(name: str, values: Mapping[str, str], always: bool = False) -> tuple[m.Extension, ...]:
    """A wotu element of what is not empty; none where all is, unless it marks something."""
    found = {key: value for key, value in values.items() if value}
    return (m.Extension(WOTU + name, found),) if found or always else ()
