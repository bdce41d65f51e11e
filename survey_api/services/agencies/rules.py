"""What an entry of the directory must say, when it is stale, and which entries suit a child."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from survey_api.kit.problems import BadInput
from survey_api.vocabulary import AgencyKind, Alone

KIND_WORDS: Mapping[AgencyKind, str] = {
    AgencyKind.CHILD_GUIDANCE: "児童相談所",
    AgencyKind.CITY: "市の窓口",
    AgencyKind.CONSULTATION: "相談機関",
    AgencyKind.SCHOOL: "学校・教育委員会",
    AgencyKind.MEDICAL: "保健・医療",
    AgencyKind.WELFARE_COUNCIL: "社会福祉協議会",
    AgencyKind.VOLUNTEER: "民生委員・児童委員",
    AgencyKind.WORK: "就労・自立の支援",
    AgencyKind.PLACE: "居場所",
    AgencyKind.MEAL: "子ども食堂・地域食堂",
    AgencyKind.STUDY: "学習支援",
    AgencyKind.HOME_HELP: "家事・訪問支援",
    AgencyKind.INTERPRETER: "通訳・多言語相談",
}
ALONE_WORDS: Mapping[Alone, str] = {
    Alone.YES: "子どもだけで行ける",
    Alone.ASK: "先に電話で相談",
    Alone.NO: "大人といっしょに",
}
LIMITS: Mapping[str, int] = {
    "name": 40,
    "area": 20,
    "address": 60,
    "hours": 60,
    "cost": 40,
    "how_to_join": 80,
    "transport": 80,
    "languages": 60,
    "phone": 30,
    "staff_phone": 30,
    "for_children": 60,
}
FIELD_WORDS: Mapping[str, str] = {
    "name": "名前",
    "area": "地区",
    "address": "場所",
    "hours": "曜日・時間",
    "cost": "費用",
    "how_to_join": "使い方・申し込み",
    "transport": "行き方(冬も)",
    "languages": "ことば",
    "phone": "電話(子ども・家族)",
    "staff_phone": "電話(支援者)",
    "for_children": "子どもの最後の画面に出すことば(かなで。空なら出ません)",
}
CHILDRENS_KINDS = (AgencyKind.PLACE, AgencyKind.MEAL, AgencyKind.STUDY)
STALE_DAYS = 180
"""An entry nobody has checked for longer is marked, and is not shown to children."""
OLDEST = 120
MOST_REPLY_DAYS = 60


@dataclass(frozen=True)
class Entry:
    """One entry as a person typed it, checked."""

    kind: AgencyKind
    texts: Mapping[str, str]
    age_from: int
    age_to: int
    alone: Alone
    takes_sheets: bool
    reply_days: int
    verified_on: date | None
    active: bool


def checked(entry: Entry, today: date) -> Entry:
    """The entry, or BadInput that names the field."""
    if not entry.texts.get("name"):
        raise BadInput("名前を入れてください。")
    for field, limit in LIMITS.items():
        length = len(entry.texts.get(field, ""))
        if length > limit:
            raise BadInput(f"{FIELD_WORDS[field]}: {limit}文字までにしてください(今は{length}文字)。")
    if not 0 <= entry.age_from <= entry.age_to <= OLDEST:
        raise BadInput("年齢: 0から120までで、始まりを終わりより大きくしないでください。")
    if not 1 <= entry.reply_days <= MOST_REPLY_DAYS:
        raise BadInput(f"返事までの日数: 1から{MOST_REPLY_DAYS}までにしてください。")
    if entry.verified_on and entry.verified_on > today:
        raise BadInput("確かめた日: 今日か、それより前の日にしてください。")
    if entry.takes_sheets and not entry.texts.get("staff_phone"):
        raise BadInput(
            "シートを受け取る機関には、電話(支援者)を入れてください。渡す前に電話で確かめるためです。"
        )
    return entry


def is_stale(verified_on: date | None, today: date) -> bool:
    """True when nobody has checked the entry for half a year."""
    return verified_on is None or (today - verified_on).days > STALE_DAYS


@dataclass(frozen=True)
class Wanted:
    """What somebody is looking for; empty fields ask for nothing."""

    kind: str = ""
    area: str = ""
    age: int | None = None
    alone_only: bool = False

    def suits(self, kind: str, area: str, ages: tuple[int, int], alone: str) -> bool:
        """Whether an entry is one of those looked for. An entry without an area serves the whole city."""
        return (
            self.kind in ("", kind)
            and (self.area == "" or area in ("", self.area))
            and (self.age is None or ages[0] <= self.age <= ages[1])
            and (not self.alone_only or alone == Alone.YES)
        )
