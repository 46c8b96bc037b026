"""National codes: 统一社会信用代码 (GB 32100—2015) and industry (GB/T 4754—2017)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength
from stdnum.exceptions import ValidationError as NumberError

SECTIONS = {
    letter: (low, high)
    for letter, low, high in (
        ("A", 1, 5), ("B", 6, 12), ("C", 13, 43), ("D", 44, 46), ("E", 47, 50), ("F", 51, 52), ("G", 53, 60),
        ("H", 61, 62), ("I", 63, 65), ("J", 66, 69), ("K", 70, 70), ("L", 71, 72), ("M", 73, 75), ("N", 76, 79),
        ("O", 80, 82), ("P", 83, 83), ("Q", 84, 85), ("R", 86, 90), ("S", 91, 96), ("T", 97, 97),
    )
}  # fmt: skip


def validate_credit_code(code: str) -> None:
    """Refuse a 统一社会信用代码 with a wrong length, character or check digit (GB 32100—2015)."""
    try:
        if uscc.compact(code) != code:
            raise ValidationError(f"统一社会信用代码“{code}”含空格、连字符或小写字母，请写成18位大写。")
        uscc.validate(code)
    except InvalidLength:
        raise ValidationError(f"统一社会信用代码“{code}”应为18位，现为{len(code)}位。") from None
    except InvalidChecksum:
        raise ValidationError(f"统一社会信用代码“{code}”的校验位不对，请核对是否抄错。") from None
    except (InvalidFormat, NumberError):
        raise ValidationError(f"统一社会信用代码“{code}”含有不允许的字符或地区码。") from None


def validate_industry(code: str) -> None:
    """Refuse an industry code whose section letter and two-digit division do not belong together (GB/T 4754—2017)."""
    letter, digits = code[:1], code[1:]
    if letter not in SECTIONS or not digits.isdigit() or len(digits) not in (2, 3, 4):
        raise ValidationError(f"行业代码“{code}”应为一个门类字母加2–4位数字，如 C3569。")
    low, high = SECTIONS[letter]
    if not low <= int(digits[:2]) <= high:
        raise ValidationError(f"行业代码“{code}”不存在：门类{letter}的大类为{low:02d}–{high:02d}。")
