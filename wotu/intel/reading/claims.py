"""Sentences to claims: every figure gets what it counts, since when, against what; what is no figure is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import regex

from wotu.intel.reading import groups, thresholds
from wotu.intel.reading.drafts import Change, Draft, Story, background, span_of
from wotu.intel.reading.grammar import grammar
from wotu.intel.reading.model import Kind
from wotu.intel.reading.phrases import (
    NOTHING,
    STRONG,
    Between,
    Phrase,
    between,
    is_place,
    known_in,
    left_phrase,
    right_phrase,
    sign,
)
from wotu.intel.reading.tokens import Quantity, Token
from wotu.registry.periods import Period

RATES = ("%", "百分点", "‰")
ENDS = frozenset("。！？!?\n")
CARRIED = regex.compile(r"(?:级|类|型|地区)$|^(?:国家级|省级|市级|区级|县级|城镇|农村|境内|境外|国内|国外)$")
SPEED_AFTER = regex.compile(
    r"(?:的)?(?:平均|年均|同比|复合)?(?:年均)?(?:增速|增长率|增幅|增长速度|速度|增长|递增|复合增长率)"
)
COMPARED = ("高于", "低于", "快于", "慢于", "高出", "低出", "超过", "超出", "领先", "超", "好于", "优于")
SPEEDS = regex.compile(
    r"^(?:其)?(?:年均|平均|同比|累计)?(?:增速|增幅|增长率|增长速度|涨幅|降幅|减幅|跌幅|增长|总量|总额|占比|比重|均|分别|较|比|总量占比)$"
)
IN_TEXT_BASE = regex.compile(r"(?:比(?!重|例|率)|较|与)(?P<base>[^比较与]{1,18}?)(?:相比|同期)?$")


ADJUSTED = regex.compile(r"(?:扣除|剔除|按|若|不考虑|考虑|从|与).{2,20}(?:后|因素|计算|口径|看|相比)$")
SUBJECT = regex.compile(
    r"(?:市|区|县|省|镇|乡|州|国|园|城|港|岛|公司|集团|大学|学院|研究院|研究所|中心|企业|产业|业|基地|院|所|银行|局|委|厅|会|平台|项目|机构|实验室|街道|村|群|我市|我区|全市|全区|全省|全国|全县)$"
)


class Sentence:
    """One sentence being read; `tokens[first:last]` are its tokens."""

    def __init__(self, tokens: Sequence[Token], first: int, last: int, story: Story) -> None:
        self.tokens, self.first, self.last, self.story = tokens, first, last, story
        self.drafts: list[Draft] = []
        self.done: set[int] = set()
        self.target = False
        self.lasting = False
        """Set by 目标是…: holds for the whole sentence, not only to the next semicolon."""
        self.passing: Period | None = None
        self.day: Period | None = None
        """The day the sentence is about; a year in an event's name does not widen it."""
        self.quoted = _short_quotes(tokens, first, last)
        self.entered = story.period
        self.parts: set[str] = set()
        """Parts of the time spoken of before (分季度看，一季度…，二季度…): the next sentence is about the whole again."""

    def read(self) -> list[Draft]:
        """All claims of the sentence."""
        for place in range(self.first, self.last):
            token = self.tokens[place]
            if token.kind == "when":
                self._time(place)
            elif token.kind == "point" and token.text in STRONG:
                self.passing = None
                if token.text == ";" and not self.lasting:
                    self.target = False
            elif token.has("target") and not token.has("noun"):
                self.target = True
                self.lasting |= "目标" in token.text
            elif token.quantity is not None and place not in self.done:
                self._figure(place, token.quantity)
        if self.drafts:
            self.story.topic = self.drafts[-1]
        groups.spread_years(self.tokens, self.drafts)
        if len(self.parts) > 1:
            self.story.period = self.entered
        return self.drafts

    def _time(self, place: int) -> None:
        token = self.tokens[place]
        if token.base or place in self.quoted:
            return
        following = self.tokens[place + 1] if place + 1 < self.last else None
        if following is not None and following.has("de") and place + 2 < self.last and self.tokens[place + 2].quantity:
            return
        if place > self.first and self.tokens[place - 1].text.endswith(("举行", "举办", "召开", "开展")):
            return
        rest = "".join(piece.text for piece in self.tokens[place + 1 : place + 3])
        if background(rest):
            self.passing = self.story.resolved(token)
            return
        since = token.when is not None and token.when.gives.startswith("since")
        if (
            since
            and place - 2 >= self.first
            and self.tokens[place - 1].has("from")
            and self.tokens[place - 2].kind != "point"
        ):
            return
        period = self.story.tell(token)
        if (
            period is not None
            and self.day is not None
            and period.kind != "day"
            and period.starts <= self.day.starts <= period.ends
        ):
            return
        if period is not None and period.kind == "day" and token.when is not None and token.when.gives != "as_of":
            self.day = period
        if period is not None:
            self.story.period = period
            whole = self.entered
            if (
                whole is not None
                and whole.text != period.text
                and whole.starts <= period.starts
                and period.ends <= whole.ends
            ):
                self.parts.add(period.text)

    def _figure(self, place: int, quantity: Quantity) -> None:
        low = self._low(place)
        words = between(self.tokens, place, low)
        if words.started and not self._goes_somewhere(place):
            words.started, words.first = False, min(words.first + 1, place)
        if thresholds.is_no_figure(self.tokens, place, words, low, self.last):
            return
        if words.each is None and quantity.unit in RATES:
            self._each_before(place, words, low)
        if words.each is not None and quantity.sort not in ("time", "spec", "plain"):
            found = groups.group(self, place, words, low)
            if found:
                self.done.update(found)
                return
        if quantity.sort in ("plain", "spec", "time") and not thresholds.is_duration_figure(
            self.tokens, place, words, low
        ):
            return
        if quantity.unit in RATES or self.tokens[place].has("grow") or (quantity.unit == "倍" and words.grow):
            self._rate(place, quantity, words, low)
        else:
            self._value(place, quantity, words, low)

    def _each_before(self, place: int, words: Between, low: int) -> None:
        """`分别占全市总量的63.6%和65.5%`: 分别 stands further ahead, with what is compared in between."""
        share, grow = words.share, words.grow
        for here in range(place - 1, low - 1, -1):
            token = self.tokens[here]
            if token.quantity is not None or (token.has("verb") and not token.has("noun")):
                return
            if token.has("share") and share is None:
                share = here
            if (token.has("grow") or token.text in COMPARED) and grow is None:
                grow = token
            if token.has("each"):
                if share is not None or grow is not None:
                    words.each = words.first = here
                    words.share, words.grow = share, grow
                return

    def _goes_somewhere(self, place: int) -> bool:
        """Whether 从838家 is followed by 增加到…, so that it is a level things came from."""
        for token in self.tokens[place + 1 : place + 12]:
            if token.has("reach") or (token.kind == "text" and token.text.startswith(("到", "至", "变"))):
                return True
            if token.quantity is not None or token.text in "。;":
                return False
        return False

    # values

    def _value(self, place: int, quantity: Quantity, words: Between, low: int) -> None:
        left = left_phrase(self.tokens, words.first, low)
        right, of = right_phrase(self.tokens, place, self.last)
        if words.reach and not left and self.drafts:
            left = _as_phrase(self.drafts[-1])
        if (
            words.grow
            and not words.reach
            and (not left or SPEEDS.match(left.text))
            and not right
            and self._change(place, quantity, words)
        ):
            return
        phrase = choose(self.tokens, place, quantity, words, left, right, of, self.last)
        if not phrase:
            phrase = self._relative(place) or self._spoken_of(place, low) or NOTHING
        unit = quantity.unit
        known = phrase.known or known_in(phrase.text)
        if quantity.sort == "bare":
            unit = (known.unit if known and known.unit else unit) or thresholds.counted_unit(phrase.text)
            if not unit or (quantity.bare and not (words.modifier or words.reach or quantity.modifier)):
                return
        if not phrase:
            return
        self.add("value", phrase, place, replace(quantity, unit=unit), words, near=left if phrase is left else None)

    def _change(self, place: int, quantity: Quantity, words: Between) -> bool:
        """`比上年增加50家`: a change of the claim before it, in its own unit."""
        topic = self.topic()
        if topic is None or words.grow is None or (topic.unit != quantity.unit and not words.bases):
            return False
        value = quantity.value * sign(words.grow)
        draft = self.add("growth", _as_phrase(topic), place, replace(quantity, value=value), words, at_figure=True)
        draft.base = _base(words)
        return True

    def _relative(self, place: int) -> Phrase:
        """`48家获新进规企业奖补资金`: a clause that begins with a verb still names what is counted."""
        here = place + 1
        if here < self.last and self.tokens[here].has("verb"):
            phrase, of = right_phrase(self.tokens, here, self.last)
            if phrase and (phrase.known or of):
                return phrase
        return NOTHING

    def _spoken_of(self, place: int, low: int) -> Phrase:
        """The indicator last named before the figure, in this sentence; else the verb itself (签约522亿元)."""
        verb: Phrase = NOTHING
        for here in range(place - 1, low - 1, -1):
            token = self.tokens[here]
            if token.quantity is not None:
                break
            if token.has("verb") and token.text not in ("实现", "完成", "达成", "保持", "形成"):
                verb = Phrase(token.text, here, here + 1, token.start, token.stop)
                break
        if (
            verb
            and not self.tokens[place].text.startswith(("1", "2"))
            and verb.text in ("签约", "融资", "纳税", "授信", "出资", "增资")
        ):
            return verb
        for here in range(place - 1, self.first - 1, -1):
            token = self.tokens[here]
            if token.quantity is not None and token.quantity.sort not in ("plain", "time", "spec"):
                break
            if token.indicator is not None:
                return left_phrase(self.tokens, here + 1, self._low(here))
        unit = self.tokens[place].quantity.unit  # type: ignore[union-attr]
        if same := next((draft for draft in reversed(self.drafts) if draft.unit == unit), None):
            phrase = _as_phrase(same)
            stages = grammar().lists["stage"]
            if verb and verb.text in stages:
                plain = phrase.text
                while earlier := next(
                    (word for word in stages if plain.startswith(word) and len(plain) > len(word) + 1), ""
                ):
                    plain = plain[len(earlier) :]
                phrase = replace(phrase, text=verb.text + plain)
            return phrase
        topic = self.topic()
        return verb or (_as_phrase(topic) if topic else NOTHING)

    # rates

    def _rate(self, place: int, quantity: Quantity, words: Between, low: int) -> None:
        after = "".join(token.text for token in self.tokens[place + 1 : place + 5])
        left = left_phrase(self.tokens, words.first, low)
        if self.tokens[place].has("grow"):
            self._growth(place, quantity, words, left, 1)
        elif words.reach and self._share_before(place, words, low):
            groups.share(self, place, quantity, words, low)
        elif words.reach:
            phrase = left or (_as_phrase(self.drafts[-1]) if self.drafts else self._spoken_of(place, low))
            self.add("share" if words.share_noun else "value", phrase, place, quantity, words)
        elif SPEED_AFTER.match(after) and not words.grow:
            self._earlier_are_growth(place)
            self._growth(place, quantity, words, left, 1)
        elif compared := self._compared(place, words, low):
            direction, base, phrase = compared
            words.bases.append(base)
            self._growth(place, quantity, words, phrase, direction)
        elif words.grow:
            self._growth(place, quantity, words, left, sign(words.grow))
        elif words.share is not None or words.share_noun or self._share_before(place, words, low):
            groups.share(self, place, quantity, words, low)
        elif any(base.startswith(("同比", "环比", "比", "较")) for base in words.bases):
            self._growth(place, quantity, words, left, 1)
        else:
            self._ratio(place, quantity, words, left, low)

    def _growth(self, place: int, quantity: Quantity, words: Between, left: Phrase, direction: int) -> None:
        base = _base(words)
        if left.first >= 0:
            said = "".join(token.text for token in self.tokens[left.first : words.first])
            if said.startswith(("比", "较", "与")) and not said.startswith(("比重", "比例", "比率")):
                base, left = said + base, NOTHING
        if left and (found := IN_TEXT_BASE.search(left.text)):
            base = base or left.text[found.start() :]
            rest = left.text[: found.start()]
            left = replace(left, text=rest, stop=left.start + len(rest), known=known_in(rest)) if rest else NOTHING
        if left and ADJUSTED.match(left.text):
            base, left = left.text + base, NOTHING
        value = quantity.value * direction
        changed = replace(quantity, value=value)
        if left and not SPEEDS.match(left.text) and not is_place(left.text):
            draft = self.add("growth", left, place, changed, words)
            draft.base = base
            return
        topic = self.topic()
        if topic is None:
            phrase = self._spoken_of(place, self._low(place))
            if phrase:
                self.add("growth", phrase, place, changed, words, at_figure=True).base = base
            return
        self.grow(topic, place, changed, words, base, speed=bool(left))

    def grow(self, topic: Draft, place: int, changed: Quantity, words: Between, base: str, speed: bool = False) -> None:
        """Put a change beside the value it belongs to; a claim of its own where that place is taken or far."""
        token = self.tokens[place]
        fits = (
            changed.unit == "%"
            or changed.unit == "倍"
            or (changed.unit == "百分点" and topic.unit == "%" and topic.kind != "growth")
        )
        if (
            topic in self.drafts
            and topic.kind != "growth"
            and topic.growth is None
            and fits
            and token.start - topic.stop < 36
            and not speed
        ):
            start = words.grow.start if words.grow else token.start
            topic.growth = Change(changed.value, changed.unit, base, min(start, token.start), token.stop)
            return
        phrase = _as_phrase(topic)
        if (
            changed.unit == "百分点"
            and topic.kind != "share"
            and not phrase.text.endswith(("增速", "率", "增幅", "强度"))
        ):
            phrase = replace(phrase, text=phrase.text + "增速")
        self.add("growth", phrase, place, changed, words, at_figure=True).base = base

    def _earlier_are_growth(self, place: int) -> None:
        """`GDP40%、财政收入26%的年均增速`: the rates listed before it are growth, too."""
        stop = self.tokens[place].start
        for draft in reversed(self.drafts):
            between_them = "".join(token.text for token in self.tokens[draft.token + 1 : place])
            if draft.unit != "%" or draft.stop > stop or regex.search("[，；：]", between_them):
                break
            draft.kind = "growth"

    def _compared(self, place: int, words: Between, low: int) -> tuple[int, str, Phrase] | None:
        """`高于全省平均水平2.1个百分点`: what a difference in points is taken from."""
        if self.tokens[place].quantity is None or self.tokens[place].quantity.unit != "百分点":  # type: ignore[union-attr]
            return None
        for here in range(place - 1, low - 1, -1):
            token = self.tokens[here]
            if token.quantity is not None:
                return None
            ahead = next(
                (
                    word
                    for word in ("超", "快于", "高于", "低于")
                    if token.kind == "text" and token.text.startswith(word)
                ),
                "",
            )
            if token.text in COMPARED or ahead or (token.kind == "text" and token.text.endswith(COMPARED)):
                base = (token.text[len(ahead) :] if ahead else "") + "".join(
                    piece.text for piece in self.tokens[here + 1 : place]
                )
                if not base:
                    return None
                return (
                    -1 if token.text.endswith(("低于", "慢于", "低出")) else 1,
                    "比" + base,
                    left_phrase(self.tokens, here, low),
                )
        return None

    def _share_before(self, place: int, words: Between, low: int) -> bool:
        """Whether 占 stands before the phrase (`占全市的23.2%`), or the figure goes on a list of shares."""
        for here in range(place - 1, low - 1, -1):
            token = self.tokens[here]
            if token.quantity is not None:
                return (
                    bool(self.drafts)
                    and self.drafts[-1].kind == "share"
                    and self.drafts[-1].token == here
                    and groups.goes_on(self.tokens, here, place)
                )
            if token.has("share") and not token.has("noun"):
                words.share = here
                return True
        return False

    def _ratio(self, place: int, quantity: Quantity, words: Between, left: Phrase, low: int) -> None:
        right, of = right_phrase(self.tokens, place, self.last)
        phrase = replace(right, subject=left.text) if of and right else left
        if not phrase or is_place(phrase.text):
            phrase = right or self._relative(place) or self._spoken_of(place, low)
        if phrase:
            self.add("value", phrase, place, quantity, words)

    # common

    def owner(self) -> Draft | None:
        """The claim whose share is spoken of: the last one that is no difference in points."""
        return next((draft for draft in reversed(self.drafts) if draft.unit != "百分点"), self.story.topic)

    def topic(self) -> Draft | None:
        """The claim last made in this sentence; else, at a sentence's start, the last one of the sentence before."""
        return self.drafts[-1] if self.drafts else self.story.topic

    def add(
        self,
        kind: Kind,
        phrase: Phrase,
        place: int,
        quantity: Quantity,
        words: Between,
        near: Phrase | None = None,
        at_figure: bool = False,
    ) -> Draft:
        """A claim about a phrase, with the time and the standing of this place in the sentence."""
        token = self.tokens[place]
        known = phrase.known or known_in(phrase.text)
        indicator = phrase.text
        if known is None and CARRIED.search(indicator) and self.drafts and self.drafts[-1].unit == quantity.unit:
            indicator += self.drafts[-1].indicator
        period = self.passing or self.story.period
        if words.local is not None:
            period = self.story.resolved(words.local) or period
        start, stop = (
            (token.start, token.stop) if at_figure or phrase.first < 0 else span_of(self.tokens, phrase, place)
        )
        if stop - start > 60:
            start, stop = token.start, token.stop
        if words.modifier and start == token.start and words.first < place:
            start = self.tokens[words.first].start if token.start - self.tokens[words.first].start <= 4 else start
        subject = phrase.subject or self._subject(place)
        self.story.subject = subject or self.story.subject
        draft = Draft(
            kind=kind, indicator=indicator, subject=subject or self.story.subject, known=known.name if known else "",
            nature=known.nature if known else "", value=quantity.value, unit=quantity.unit, start=start, stop=stop,
            token=place, upper=quantity.upper, modifier=self._modifier(quantity, words, place), period=period.text if period else "",
            status="target" if (self.target or self._ahead(period)) and not self._done(place) else "fact",
        )  # fmt: skip
        self.drafts.append(draft)
        return draft

    def _ahead(self, period: Period | None) -> bool:
        """Whether a period had not begun when the article was published."""
        published = self.story.clock.published
        return period is not None and published is not None and period.starts > published

    def _done(self, place: int) -> bool:
        """Whether the clause says it has happened, whatever was planned before (目前实际已开工)."""
        clause = "".join(token.text for token in self.tokens[self._low(place) : place])
        return regex.search("(?<![而不])已(?!规划)|实际|累计完成|共完成", clause) is not None

    def _modifier(self, quantity: Quantity, words: Between, place: int) -> str:
        said = (
            quantity.modifier
            if quantity.modifier not in ("", "达", "级")
            else words.modifier
            if words.modifier not in ("达", "累计")
            else ""
        )
        if said:
            return said
        low = self._low(place)
        before = "".join(token.text for token in self.tokens[low:place])
        for word in ("累计", "首批", "唯一"):
            if word in before:
                return word
        return "达" if words.modifier == "达" or regex.search("(?:高|多)?达到?$", before) else ""

    def _subject(self, place: int) -> str:
        """Who the sentence is about: a place or organisation named before the figure's verb."""
        low = self._low(place)
        for here in range(low, place):
            token = self.tokens[here]
            if token.has("verb") and here > low:
                phrase = left_phrase(self.tokens, here, low)
                text = phrase.subject + phrase.text if phrase else ""
                return text if 2 <= len(text) <= 20 and SUBJECT.search(text) else ""
        return ""

    def _low(self, place: int) -> int:
        here = place - 1
        while here >= self.first:
            token = self.tokens[here]
            if token.text == ")":
                opener = next((at for at in range(here, self.first - 1, -1) if self.tokens[at].text == "("), here)
                here = opener - 1
                continue
            if token.kind == "point" and (token.text == "(" or (token.text in STRONG and here not in self.quoted)):
                return here + 1
            here -= 1
        return self.first


def choose(
    tokens: Sequence[Token],
    place: int,
    quantity: Quantity,
    words: Between,
    left: Phrase,
    right: Phrase,
    of: bool,
    high: int,
) -> Phrase:
    """Which side names what is counted: classifiers like the noun after them, money and measures the one before."""
    adjacent = words.first == place
    onward = bool(right) and not of and _figure_follows(tokens, right.last, high)
    usable = bool(left) and not is_place(left.text)
    if (
        quantity.sort == "bare"
        and adjacent
        and right
        and not of
        and not quantity.unit
        and (thresholds.counted_unit(right.text) or (right.known and right.known.unit))
    ):
        return right
    if quantity.sort in ("count", "people", "bare") and not (quantity.sort == "bare" and usable):
        if right and not of:
            if usable and (
                onward
                or (adjacent and left.known and not right.known)
                or (not adjacent and left.known and (not right.known or words.reach))
            ):
                return left
            return replace(right, subject=right.subject or (left.text if left else ""))
        named = left and (
            left.text not in grammar().lists["place"] or (left.first > 0 and tokens[left.first - 1].has("de"))
        )
        return left if usable else right or (left if named else NOTHING)
    if usable and not (adjacent and left.known is None and right and right.known and not of and not onward):
        return left
    return replace(right, subject=left.text) if right and left else right or (left if usable else NOTHING)


def _figure_follows(tokens: Sequence[Token], here: int, high: int) -> bool:
    while (
        here < high
        and tokens[here].kind in ("word", "text")
        and (tokens[here].has("link", "before", "reach") or tokens[here].text in ("为", "达", "共", "有"))
    ):
        here += 1
    return (
        here < high
        and tokens[here].quantity is not None
        and tokens[here].quantity.sort not in ("plain", "time", "spec")
    )  # type: ignore[union-attr]


def _as_phrase(draft: Draft) -> Phrase:
    known = grammar().indicators.get(draft.known)
    return Phrase(draft.indicator, -1, -1, draft.start, draft.stop, draft.subject, known or known_in(draft.indicator))


def _base(words: Between) -> str:
    return "".join(dict.fromkeys(reversed(words.bases))) if words.bases else ""


def _short_quotes(tokens: Sequence[Token], first: int, last: int) -> frozenset[int]:
    """Tokens inside short quotation marks: names, not statements."""
    inside: set[int] = set()
    opened: int | None = None
    for here in range(first, last):
        if tokens[here].text == "“":
            opened = here
        elif tokens[here].text == "”" and opened is not None:
            if tokens[here].start - tokens[opened].start <= 30:
                inside.update(range(opened + 1, here))
            opened = None
    return frozenset(inside)


def sentences(tokens: Sequence[Token]) -> list[tuple[int, int, bool]]:
    """Where sentences start and stop, and whether a paragraph starts there."""
    found: list[tuple[int, int, bool]] = []
    first, fresh = 0, True
    for here, token in enumerate(tokens):
        if token.kind == "point" and token.text in ENDS:
            if here > first:
                found.append((first, here, fresh))
                fresh = False
            first = here + 1
            fresh |= token.text == "\n"
    if first < len(tokens):
        found.append((first, len(tokens), fresh))
    return found


def read_claims(tokens: Sequence[Token], story: Story) -> list[Draft]:
    """All claims of a text, sentence by sentence."""
    drafts: list[Draft] = []
    for first, last, fresh in sentences(tokens):
        if fresh:
            story.paragraph()
        drafts.extend(Sentence(tokens, first, last, story).read())
    return [draft for draft in drafts if draft.value != Decimal(0) or draft.unit in RATES]
