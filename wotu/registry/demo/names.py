"""Invented names and valid codes: every enterprise of the demonstration zone is told apart by its number alone."""

from __future__ import annotations

import numpy as np

ALPHABET = np.array(list("0123456789ABCDEFGHJKLMNPQRTUWXY"))
"""The 31 characters of a 统一社会信用代码 (GB 32100—2015)."""
VALUES = {character: value for value, character in enumerate(ALPHABET)}
ORGANISATION_VALUES = np.array([int(c, 36) for c in ALPHABET])
"""The same characters' values in an organisation code (GB 11714—1997)."""
REGION = "320505"
BODY = "DM"
"""Demonstration codes begin their organisation part with DM, which registries have not handed out."""

FIRST = np.array(
    list("砚葭澹蘅岫笠霁邈黎旻漪桐芷莳翮澍邃昀沚霭榉槿苕蓼栎樾淙泠湉溯瀛璞琮瓒珩珞晗曦煦焓骞骐翊翎舸艅蕙薷")
)
SECOND = np.array(list("屿畈坞墅汀浦洲溪渡陌塬岑峤崮嵘庭庑廊庐楹檐阁榭轩亭舟帆桨楫橹篷桁枢钥砧砺磬笙箫筑瑟琴弦阙篪"))
THIRD = np.array(list("达朗拓启衡协盈毅敏致卓谐舒沐予翼臻屹聿弘越昱朔澄嘉予颂祺同帛远行旭亘".replace("予", "", 1)))

ROADS = ("砚溪", "葭浦", "蘅汀", "岫云", "笠泽", "霁虹", "桐荫", "芷兰", "漪澜", "樾亭", "榉庭", "溯源")


def credit_codes(numbers: np.ndarray, kind: np.ndarray) -> list[str]:
    """A valid 统一社会信用代码 for each number below 31^6; `kind` is its second character (1 company, 2 self-employed …)."""
    scrambled = (numbers.astype(np.int64) * 402_653_189 + 12_345_701) % 31**6
    body = np.empty((len(numbers), 8), dtype=np.int64)
    body[:, 0], body[:, 1] = VALUES["D"], VALUES["M"]
    for place in range(7, 1, -1):
        body[:, place] = scrambled % 31
        scrambled //= 31
    weights = np.array([3, 7, 9, 10, 5, 8, 4, 2])
    check = (11 - (ORGANISATION_VALUES[body] * weights).sum(axis=1) % 11) % 11
    own = np.where(check == 10, VALUES["X"], check)
    whole = np.empty((len(numbers), 17), dtype=np.int64)
    whole[:, 0] = 9
    whole[:, 1] = kind
    whole[:, 2:8] = [int(c) for c in REGION]
    whole[:, 8:16] = body
    whole[:, 16] = own
    factors = np.array([pow(3, i, 31) for i in range(17)])
    last = (31 - (whole * factors).sum(axis=1) % 31) % 31
    characters = ALPHABET[np.column_stack((whole, last))]
    return ["".join(row) for row in characters.tolist()]


def brands(numbers: np.ndarray) -> list[str]:
    """A brand of three characters for each number; all different below the product of the three alphabets."""
    a, b, c = len(FIRST), len(SECOND), len(THIRD)
    mixed = (numbers.astype(np.int64) * 48_611 + 977) % (a * b * c)
    return np.char.add(np.char.add(FIRST[mixed % a], SECOND[mixed // a % b]), THIRD[mixed // (a * b)]).tolist()  # type: ignore[no-any-return]


def room_for_brands() -> int:
    """How many different brands there are."""
    return len(FIRST) * len(SECOND) * len(THIRD)
