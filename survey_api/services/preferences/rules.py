"""What a member of staff may set for the own desk, and what no setting can take away."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from survey_api.kit.problems import BadInput

TEXT_SIZES: Mapping[int, str] = {0: "ふつう", 1: "大きい", 2: "もっと大きい"}
LONGEST_COVER_DAYS = 60
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Look:
    """How pages look for one person."""

    dense: bool = False
    text_size: int = 0
    shortcuts: bool = True

    @property
    def classes(self) -> str:
        """Class names of the page."""
        names = [*(["dense"] if self.dense else []), *([f"text-{self.text_size}"] if self.text_size else [])]
        return " ".join(names)


PLAIN = Look()


def text_size(given: str) -> int:
    """One of the sizes, or BadInput."""
    if given not in [str(size) for size in TEXT_SIZES]:
        raise BadInput("文字の大きさを選んでください。")
    return int(given)


def quiet_hours(start: str, end: str) -> tuple[str, str] | None:
    """(from, until), None when both are empty. BadInput for an hour that is none, or for half of a pair."""
    if not start and not end:
        return None
    for label, hour in (("始まり", start), ("終わり", end)):
        if not _HOUR.fullmatch(hour):
            raise BadInput(f"知らせを止める時間の{label}は、18:00 の形で入れてください。")
    if start == end:
        raise BadInput("知らせを止める時間の始まりと終わりを、ちがう時刻にしてください。")
    return start, end


def require_cover(first_on: date | None, last_on: date | None, today: date) -> tuple[date, date]:
    """The days of a stand-in, or BadInput: both ends, in order, not past, not for ever."""
    if first_on is None or last_on is None:
        raise BadInput("代わりを頼む期間の、始まりと終わりを入れてください。")
    if last_on < first_on or last_on < today:
        raise BadInput("代わりを頼む期間の終わりは、始まりと今日より後にしてください。")
    if (last_on - first_on).days >= LONGEST_COVER_DAYS:
        raise BadInput(
            f"代わりは続けて{LONGEST_COVER_DAYS}日までです。長いときは、運用担当に役割を頼んでください。"
        )
    return first_on, last_on
