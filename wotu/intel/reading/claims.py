"""Sentences to claims: every figure gets what it counts, since when, against what; what is no figure is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import regex

from wotu.intel.reading import groups, rates, thresholds
from wotu.intel.reading.between import Between, between, sign
from wotu.intel.reading.choosing import choose
from wotu.intel.reading.drafts import Draft, Story, as_phrase, background, span_of
from wotu.intel.reading.grammar import grammar
from wotu.intel.reading.model import Kind
from wotu.intel.reading.phrases import (
    NOTHING,
    STRONG,
    Phrase,
    known_in,
    left_phrase,
    right_phrase,
)
from wotu.intel.reading.tokens import Quantity, Token
from wotu.registry.periods import Period

RATES = ("%", "百分点", "‰")
ENDS = frozenset("。！？!?\n")
CARRIED = regex.compile(r"(?:级|类|型|地区)$|^(?:国家级|省级|市级|区级|县级|城镇|农村|境内|境外|国内|国外)$")


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
        low = self.low(place)
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
            rates.rate(self, place, quantity, words, low)
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
            if (token.has("grow") or token.text in rates.COMPARED) and grow is None:
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
            left = as_phrase(self.drafts[-1])
        if (
            words.grow
            and not words.reach
            and (not left or rates.SPEEDS.match(left.text))
            and not right
            and self._change(place, quantity, words)
        ):
            return
        phrase = choose(self.tokens, place, quantity, words, left, right, of, self.last)
        if not phrase:
            phrase = self.relative(place) or self.spoken_of(place, low) or NOTHING
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
        draft = self.add("growth", as_phrase(topic), place, replace(quantity, value=value), words, at_figure=True)
        draft.base = rates.base_of(words)
        return True

    def relative(self, place: int) -> Phrase:
        """`48家获新进规企业奖补资金`: a clause that begins with a verb still names what is counted."""
        here = place + 1
        if here < self.last and self.tokens[here].has("verb"):
            phrase, of = right_phrase(self.tokens, here, self.last)
            if phrase and (phrase.known or of):
                return phrase
        return NOTHING

    def spoken_of(self, place: int, low: int) -> Phrase:
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
                return left_phrase(self.tokens, here + 1, self.low(here))
        unit = self.tokens[place].quantity.unit  # type: ignore[union-attr]
        if same := next((draft for draft in reversed(self.drafts) if draft.unit == unit), None):
            phrase = as_phrase(same)
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
        return verb or (as_phrase(topic) if topic else NOTHING)

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
        clause = "".join(token.text for token in self.tokens[self.low(place) : place])
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
        low = self.low(place)
        before = "".join(token.text for token in self.tokens[low:place])
        for word in ("累计", "首批", "唯一"):
            if word in before:
                return word
        return "达" if words.modifier == "达" or regex.search("(?:高|多)?达到?$", before) else ""

    def _subject(self, place: int) -> str:
        """Who the sentence is about: a place or organisation named before the figure's verb."""
        low = self.low(place)
        for here in range(low, place):
            token = self.tokens[here]
            if token.has("verb") and here > low:
                phrase = left_phrase(self.tokens, here, low)
                text = phrase.subject + phrase.text if phrase else ""
                return text if 2 <= len(text) <= 20 and SUBJECT.search(text) else ""
        return ""

    def low(self, place: int) -> int:
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
