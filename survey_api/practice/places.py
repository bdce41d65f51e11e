"""Who helps in the invented 雪野市: agencies and places, none of them real; the numbers lead nowhere."""

from collections.abc import Iterator
from datetime import date, timedelta

from survey_api.kit.clock import school_day
from survey_api.kit.work import Work
from survey_api.services.agencies import actions, queries
from survey_api.services.agencies.rules import Entry
from survey_api.vocabulary import AgencyKind, Alone

DAYTIME = "平日 8:30〜17:15"
ALL_LANGUAGES = "やさしい日本語・電話通訳(英語・中国語・ベトナム語ほか)"

OFFICES: tuple[tuple[str, AgencyKind, str, str, int], ...] = (
    ("雪野市こども家庭センター", AgencyKind.CITY, "本庁舎 1階", "0999-00-1001", 5),
    ("雪野市福祉課 地域福祉班", AgencyKind.CITY, "本庁舎 1階", "0999-00-1002", 5),
    ("雪野市要保護児童対策地域協議会 事務局", AgencyKind.CITY, "本庁舎 1階", "0999-00-1003", 3),
    ("雪野市教育委員会 学校教育課", AgencyKind.SCHOOL, "本庁舎 3階", "0999-00-1004", 5),
    ("県南雪野児童相談所", AgencyKind.CHILD_GUIDANCE, "県合同庁舎", "0999-00-1005", 1),
    ("雪野市基幹相談支援センター", AgencyKind.CONSULTATION, "福祉会館 2階", "0999-00-1006", 5),
    ("雪野市自立相談支援機関", AgencyKind.CONSULTATION, "福祉会館 1階", "0999-00-1007", 5),
    ("雪野市社会福祉協議会", AgencyKind.WELFARE_COUNCIL, "福祉会館 1階", "0999-00-1008", 5),
    ("雪野市健康対策課(保健師)", AgencyKind.MEDICAL, "保健センター", "0999-00-1009", 5),
    ("雪野中央病院 地域連携室", AgencyKind.MEDICAL, "中央病院 1階", "0999-00-1010", 10),
    ("雪野市就労準備支援センター", AgencyKind.WORK, "東庁舎 2階", "0999-00-1011", 10),
    ("NPO法人 ゆきあかり", AgencyKind.CONSULTATION, "駅前ふれあい館", "0999-00-1012", 5),
)
"""Name, kind, where, telephone for colleagues, school days until an answer."""

AREAS = ("中央", "東", "北", "山沿い")

PLACES: tuple[tuple[str, AgencyKind, str, str, str, str, tuple[int, int], Alone, str, int], ...] = (
    ("地域食堂 ゆきんこ", AgencyKind.MEAL, "東", "東地区公民館", "第2・第4土曜 11:00〜14:00", "子ども無料・大人300円", (0, 120), Alone.YES, "東線バス「公民館前」すぐ。冬は送迎あり(前日まで)", 20),
    ("カレーの日", AgencyKind.MEAL, "中央", "駅前ふれあい館", "毎月第1日曜 11:00〜13:00", "子ども無料", (0, 18), Alone.YES, "雪野駅から歩いて3分", 35),
    ("放課後まなび室", AgencyKind.STUDY, "中央", "市立図書館 2階", "火・木 15:30〜18:30", "無料", (9, 18), Alone.YES, "市内バス「図書館前」。冬は18:40に駅まで送迎", 40),
    ("山の学び舎", AgencyKind.STUDY, "山沿い", "旧山沿小学校", "水 15:00〜17:30", "無料", (6, 15), Alone.ASK, "スクールバスの帰り便に乗れます(先生に申し込み)", 60),
    ("居場所サロン ひだまり", AgencyKind.PLACE, "中央", "福祉会館 1階", "月〜金 10:00〜16:00", "無料", (12, 39), Alone.YES, "雪野駅から歩いて8分。歩道は除雪路線", 15),
    ("フリースクール こもれび", AgencyKind.PLACE, "北", "北地区 旧診療所", "月・水・金 9:30〜14:30", "月2,000円(減免あり)", (9, 18), Alone.ASK, "北線バス「診療所前」。冬は相談して送迎", 90),
    ("児童館 ゆきぼうし", AgencyKind.PLACE, "東", "東地区児童館", "月〜土 9:00〜17:00", "無料", (6, 17), Alone.YES, "東小学校のとなり", 30),
    ("移動カフェ ほっと", AgencyKind.PLACE, "山沿い", "山沿地区を順に回る", "毎週金曜 13:00〜16:00", "お茶 無料", (0, 120), Alone.NO, "近くの集会所まで来ます", 210),
    ("子育て世帯訪問支援", AgencyKind.HOME_HELP, "", "家庭を訪ねます", "週1〜2回 1回2時間", "所得により 0〜500円", (0, 18), Alone.NO, "支援員が家へ行きます(冬も)", 25),
    ("外国語の相談窓口", AgencyKind.INTERPRETER, "", "本庁舎 1階・電話", DAYTIME, "無料", (0, 120), Alone.YES, "電話でも話せます", 50),
    ("民生委員・児童委員(東地区)", AgencyKind.VOLUNTEER, "東", "東地区", "いつでも相談", "無料", (0, 120), Alone.YES, "家を訪ねます", 45),
)  # fmt: skip
"""Name, kind, area, where, when, cost, ages, alone, how to get there, days since somebody checked."""


FOR_CHILDREN = {
    "地域食堂 ゆきんこ": "ゆきんこ。ひがしの こうみんかんで、どようびの おひるごはん。",
    "カレーの日": "カレーの ひ。えきまえで、だいいち にちようびの おひる。",
    "放課後まなび室": "まなびしつ。としょかんの 2かい。かようびと もくようび。",
    "居場所サロン ひだまり": "ひだまり。ふくし かいかんの 1かい。げつから きんようび。",
    "児童館 ゆきぼうし": "ゆきぼうし。ひがし しょうがっこうの となりの じどうかん。",
}
"""What a child reads on its last page: where it may go alone."""


def keep_places(work: Work) -> None:
    """Write the directory of the invented city, or check it again, as its office would."""
    today = school_day(work.now)
    known = {agency.name: agency.id for agency in queries.directory(work.db, also_closed=True)}
    for entry in (*_offices(today), *_places(today)):
        actions.save(work, entry, known.get(entry.texts["name"]))


def _offices(today: date) -> Iterator[Entry]:
    for name, kind, where, phone, days in OFFICES:
        texts = {
            "name": name,
            "address": where,
            "hours": DAYTIME if kind is not AgencyKind.CHILD_GUIDANCE else "24時間(夜間・休日は当番)",
            "cost": "無料",
            "how_to_join": "電話してから",
            "transport": "市内バス「市役所前」",
            "languages": ALL_LANGUAGES,
            "phone": phone,
            "staff_phone": phone,
        }
        yield Entry(kind, texts, 0, 120, Alone.ASK, True, days, today - timedelta(days=30), True)


def _places(today: date) -> Iterator[Entry]:
    for number, (name, kind, area, where, hours, cost, ages, alone, transport, checked) in enumerate(PLACES):
        texts = {
            "name": name,
            "area": area,
            "address": where,
            "hours": hours,
            "cost": cost,
            "how_to_join": "そのまま行って大丈夫" if alone is Alone.YES else "先に電話で申し込み",
            "transport": transport,
            "languages": "やさしい日本語",
            "phone": f"0999-00-20{number:02d}",
            "staff_phone": f"0999-00-20{number:02d}",
            "for_children": FOR_CHILDREN.get(name, ""),
        }
        yield Entry(kind, texts, *ages, alone, False, 5, today - timedelta(days=checked), True)
