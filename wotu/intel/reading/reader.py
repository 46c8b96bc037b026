"""Reading an article: passes from text to a `Reading`, each a function that adds one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import regex

from wotu.intel.reading import boilerplate, events, lost, people, structures
from wotu.intel.reading.claims import read_claims
from wotu.intel.reading.drafts import Draft, Story
from wotu.intel.reading.header import Header, header
from wotu.intel.reading.model import Aside, Claim, Growth, Lost, Note, Reading
from wotu.intel.reading.normal import Normal, mended, normal_form
from wotu.intel.reading.periods import Clock, is_explicit
from wotu.intel.reading.tokens import Token, tokens


@dataclass(frozen=True, slots=True)
class Page:
    """An article on its way through the passes."""

    text: str
    given: date | None
    head: Header = field(default_factory=Header)
    asides: tuple[Aside, ...] = ()
    form: Normal = field(default_factory=lambda: Normal("", (), ()))
    notes: tuple[Note, ...] = ()
    tokens: tuple[Token, ...] = ()
    reading: Reading | None = None

    @property
    def published(self) -> date | None:
        return self.given or self.head.published


BROKEN = regex.compile(r"(?<![\d.,，])\d+(?:,\d+){2,}(?![\d,])")
WHOLE = regex.compile(r"\d{1,3}(?:,\d{3})+")

Pass = Callable[[Page], Page]


def headed(page: Page) -> Page:
    """Find title, source and day of publication."""
    return replace(page, head=header(page.text))


def sifted(page: Page) -> Page:
    """Mark what is not the article."""
    found = [Aside("页头", span) for span in page.head.lines]
    tables = boilerplate.tables(page.text)
    found += [Aside("表格", span) for span in tables]
    found += [aside for aside in boilerplate.asides(page.text) if aside.span not in page.head.lines]
    notes = tuple(
        Note("这几行像是从表格粘贴来的（用制表符分隔），没有当报道读；表格请用“导入”", span) for span in tables
    )
    return replace(page, asides=tuple(sorted(found, key=lambda aside: aside.span)), notes=notes)


def normalised(page: Page) -> Page:
    """Bring the article itself into normal form; offsets stay those of the text as given."""
    kept = list(page.text)
    for aside in page.asides:
        start, stop = aside.span
        kept[start:stop] = ["\n" if char == "\n" else "\ufeff" for char in kept[start:stop]]
    return replace(page, form=normal_form("".join(kept)))


def repaired(page: Page) -> Page:
    """Put back, as suggestions, characters the page lost."""
    gaps = lost.gaps(page.form.text)
    form = mended(page.form, [(gap.start, gap.stop, gap.instead) for gap in gaps])
    before = page.form
    found = tuple(
        Lost(before.text[gap.start : gap.stop], gap.instead, before.span(gap.start, gap.stop), "") for gap in gaps
    )
    reading = Reading(
        page.text,
        page.head.title,
        page.head.source,
        page.published,
        lost=_quoted_lost(found, page.text),
        asides=page.asides,
    )
    return replace(page, form=form, reading=reading)


def tokenised(page: Page) -> Page:
    """Cut the normal form into tokens."""
    return replace(page, tokens=tokens(page.form.text))


def claimed(page: Page) -> Page:
    """Read the claims."""
    assert page.reading is not None
    story = Story(Clock(page.published))
    _title_time(page, story)
    drafts = read_claims(page.tokens, story)
    claims = tuple(_claim(draft, page) for draft in sorted(drafts, key=lambda draft: (draft.start, draft.stop)))
    broken = tuple(
        Note(f"数字“{found[0]}”的逗号位置不对，说不清是多少，没有读出", found.span())
        for found in BROKEN.finditer(page.text)
        if not WHOLE.fullmatch(found[0])
    )
    unclear = tuple(
        Note(f"{what}，这里的时间没有读出", page.form.span(start, stop))
        for start, stop, what in dict.fromkeys(story.unclear)
    )
    return replace(page, reading=replace(page.reading, claims=claims, notes=page.notes + broken + unclear))


def told(page: Page) -> Page:
    """Read events, people, who said what, and structures."""
    assert page.reading is not None
    who = people.people(page.form, page.text)
    reading = replace(
        page.reading,
        events=events.events(page.form, page.text, _times(page)),
        people=who,
        sayings=people.sayings(page.form, page.text, who),
        structures=structures.structures(page.form, page.text),
    )
    return replace(page, reading=reading)


PASSES: tuple[Pass, ...] = (headed, sifted, normalised, repaired, tokenised, claimed, told)


def read_text(text: str, published: date | None = None) -> Reading:
    """Everything an article says; `published` overrides the day found on the page."""
    page = Page(text, published)
    for step in PASSES:
        page = step(page)
    assert page.reading is not None
    return page.reading


def _times(page: Page) -> list[tuple[int, str]]:
    """Every time the article names, resolved, by place."""
    story = Story(Clock(page.published))
    times = []
    for token in page.tokens:
        if token.when is not None and not token.base and (period := story.tell(token)) is not None:
            times.append((token.start, period.text))
    return times


def _title_time(page: Page, story: Story) -> None:
    """A time in the title (2021年统计公报) holds until the article says another."""
    for token in page.tokens:
        if page.form.starts[token.start] >= page.head.title_stop:
            return
        if token.when is not None and not token.base and is_explicit(token.when):
            period = story.resolved(token)
            if period is not None and period.kind != "day":
                story.title_period = period
                story.clock = story.clock.told(period)
                return


def _claim(draft: Draft, page: Page) -> Claim:
    span = page.form.span(draft.start, draft.stop)
    growth = draft.growth
    repaired_here = any(place in page.form.repaired for place in range(draft.start, draft.stop))
    return Claim(
        kind=draft.kind, subject=draft.subject, indicator=draft.indicator, known=draft.known, value=draft.value, upper=draft.upper,
        unit=draft.unit, modifier=draft.modifier, period=draft.period, base=draft.base,
        growth=Growth(growth.value, growth.unit, growth.base, page.form.span(growth.start, growth.stop)) if growth else None,
        nature=draft.nature, status=draft.status, repaired=repaired_here, span=span, quote=page.text[span[0] : span[1]],
    )  # fmt: skip


def _quoted_lost(found: tuple[Lost, ...], text: str) -> tuple[Lost, ...]:
    return tuple(replace(gap, quote=text[gap.span[0] : gap.span[1]]) for gap in found)
