"""全国地方公共団体コード: two digits for the prefecture, three for the city, one that checks them.

The check digit is the ministry's: the five digits times 6, 5, 4, 3, 2; eleven less the rest of their sum by eleven, of
which the last digit counts (総務省「全国地方公共団体コード仕様」).
"""

from __future__ import annotations

import re

_SHAPE = re.compile(r"(?:0[1-9]|[1-3][0-9]|4[0-7])[0-9]{4}", re.ASCII)


def is_area_code(text: str) -> bool:
    """True for six digits of one of the 47 prefectures whose last digit fits the others."""
    if _SHAPE.fullmatch(text) is None:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, (6, 5, 4, 3, 2), strict=False))
    return (11 - total % 11) % 10 == int(text[5])
