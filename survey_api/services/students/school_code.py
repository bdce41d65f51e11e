"""The shape of a 学校コード; it says whether one could be a code, never whether the school exists.

13 characters: kind of school (letter and digit), prefecture (2 digits), founder (1), number (7), check digit.
How the check digit is computed is not published in a source we read, so only the shape is checked.
"""

from __future__ import annotations

import re

SCHOOL_CODE = re.compile(r"[A-H][1-9][0-9]{2}[0-9][0-9]{7}[0-9]")


def looks_like_school_code(text: str) -> bool:
    """True for 13 characters of the published shape, for example a primary school `B1…`."""
    return SCHOOL_CODE.fullmatch(text) is not None
