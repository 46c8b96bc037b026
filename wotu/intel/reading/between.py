"""The words between a figure and the noun before it: 超, 累计, 同比增长, 分别, 占 …"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wotu.intel.reading.brackets import opener_of
from wotu.intel.reading.grammar import grammar
from wotu.intel.reading.tokens import Token


@dataclass(slots=True)
class Between:
    """The words between an indicator and its figure."""

    modifier: str = ""
    cumulative: bool = False
    grow: Token | None = None
    speed: bool = False
    reach: bool = False
    started: bool = False
    """Preceded by 从/由: the level things came from."""
    each: int | None = None
    """Index of 分别."""
    share: int | None = None
    share_noun: bool = False
    bases: list[str] = field(default_factory=list)
    local: Token | None = None
    """A time that holds for this figure alone (2016年的838家)."""
    first: int = 0
    """Index of the first token in between."""


def between(tokens: Sequence[Token], place: int, low: int) -> Between:
    """The words just before a figure, read leftwards until the noun phrase."""
    found = Between(first=place)
    here = place - 1
    while here >= low:
        token = tokens[here]
        if token.kind == "when":
            following = tokens[here + 1] if here + 1 < len(tokens) else None
            if token.base:
                found.bases.append(
                    (
                        tokens[here - 1].text[-1:]
                        if here > low and tokens[here - 1].text.endswith(("比", "较", "与"))
                        else ""
                    )
                    + token.text
                )
            elif following is not None and following.has("de"):
                found.local = token
            elif (
                found.grow is None and found.share is None and here != place - 1 and not token.base
            ) or here == place - 1:
                break
            else:
                break
        elif token.has("de"):
            if not (here > low and tokens[here - 1].kind == "when"):
                break
        elif token.has("from") and token.kind == "word":
            found.started = True
            found.first = here
            break
        elif token.kind == "text":
            rest = _stripped(token.text, found)
            if rest:
                break
        elif (
            token.text == ")"
            and found.grow is not None
            and (opener := opener_of(tokens, here, low)) is not None
            and here - opener <= 4
        ):
            here = opener
        elif token.kind != "word":
            break
        elif token.has("each"):
            found.each = here
        elif token.has("reach"):
            found.reach = True
        elif token.has("before") and not (
            token.has("grow") and (found.bases or (found.grow is None and _unit_is_rate(tokens[place])))
        ):
            found.modifier = found.modifier or token.tags["before"]
            found.cumulative |= token.tags["before"] == "累计"
        elif token.has("share") and found.share is None:
            found.share = here
            if token.text == "占比":
                found.share_noun = True
                break
        elif token.has("share_noun") and found.grow is None:
            found.share_noun = True
            break
        elif token.has("grow", "speed") and found.grow is None and not token.has("noun"):
            found.grow = token
            found.speed = token.has("speed")
        elif token.has("base"):
            found.bases.append(token.text)
        elif (token.text in ("人均", "户均", "亩均", "地均") and here == place - 1) or (
            token.has("verb") and here > low and tokens[here - 1].has("each")
        ):
            pass
        elif not token.has("link"):
            break
        found.first = here
        here -= 1
    return found


def sign(token: Token) -> int:
    """Up or down: 下降 and 降幅 are down."""
    return int(token.tags.get("grow", -1 if token.text.endswith(("降幅", "减幅", "跌幅")) else 1))


def _stripped(text: str, found: Between) -> str:
    """What is left of loose text when link words are taken off its end."""
    lists = grammar().lists
    changed = True
    while text and changed:
        changed = False
        for size in range(min(4, len(text)), 0, -1):
            tail = text[-size:]
            if (
                tail in lists["link"]
                or tail in lists["base"]
                or tail in ("比", "较", "与", "同", " ", "上", "下", "年")
            ):
                if tail in lists["base"]:
                    found.bases.append(tail)
                text, changed = text[:-size], True
                break
    return text


def _unit_is_rate(token: Token) -> bool:
    return token.quantity is not None and token.quantity.unit in ("%", "百分点", "‰")
