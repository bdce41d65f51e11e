"""The one set of rows behind every file: long form, one number to a row, read from signed bundles only.

Columns are declared here and never derived from the data: a file has the same shape whatever was answered
(総務省「統計表における機械判読可能なデータの表記方法の統一ルール」: one header row, one value to a cell).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from enum import StrEnum
from typing import Final

from survey_api.services.insights.outcomes import part_words
from survey_api.services.insights.planning import school_of
from survey_api.services.insights.released import ReleasedWave
from survey_api.services.insights.safe import Place, PlaceKind, SafeMeasure, SafeTable

LICENCE: Final = "市の公表資料としての扱いは市が決めます。一人を特定しようとしないでください。"
WIDTHS: Final = {kind: code for code, kind in enumerate(PlaceKind, start=1)}
WIDTH_WORDS: Final = {
    PlaceKind.BLOCK: "学年のまとまり",
    PlaceKind.UNIT: "学校（または学校のまとまり）",
    PlaceKind.LEVEL: "学校段階",
    PlaceKind.CITY: "市全体",
    PlaceKind.GRADE: "市全体の1つの学年",
}


class State(StrEnum):
    RELEASED = "released"
    WITHHELD = "withheld"


PEOPLE, PERCENT = "人", "%"


@dataclass(frozen=True, slots=True)
class Codes:
    """What others know the places by: the city's 全国地方公共団体コード, and school id → 学校コード."""

    area: str = ""
    schools: Mapping[str, str] = field(default_factory=dict)


NO_CODES: Final = Codes()
STATE_WORDS: Final = {State.RELEASED: "数字あり", State.WITHHELD: "数字を出していない"}


@dataclass(frozen=True, slots=True)
class Row:
    """One protected number, or one indicator whose numbers are withheld (then every number is None).

    `part`: for what became of children, which of the answers; empty for an indicator.
    """

    wave: str
    wave_name: str
    opened_on: str
    indicator: str
    indicator_title: str
    part: str
    part_title: str
    area_code: str
    place: str
    place_title: str
    school_code: str
    place_width: int | None
    place_sex: str
    state: str
    reason: str
    people_unit: str
    people_low: int | None
    people_high: int | None
    asked_low: int | None
    asked_high: int | None
    share_unit: str
    share_low: int | None
    share_high: int | None
    likely_low: int | None
    likely_high: int | None

    def values(self) -> tuple[str | int | None, ...]:
        return astuple(self)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of every file: `kind` is string or integer."""

    name: str
    title: str
    kind: str
    definition: str


_SAID: Final = {
    "wave": ("調査回の番号", "調査回をほかの表とつなぐための番号。"),
    "wave_name": ("調査回", "調査回の名前。"),
    "opened_on": ("始まった日", "調査回が始まった日（年-月-日）。"),
    "indicator": ("指標の番号", "指標を表す英字。意味は「指標」の表にあります。"),
    "indicator_title": ("指標", "指標の名前。"),
    "part": ("区分の番号", "子どもがどうなったかを数える項目の、どの区分か。調査の指標では空欄。"),
    "part_title": ("区分", "区分の名前。調査の指標では空欄。"),
    "area_code": ("全国地方公共団体コード", "市のコード。6けた。市が設定していないときは空欄。"),
    "place": ("範囲の番号", "だれについての数字か。調査回をこえて同じ番号は同じ範囲です。"),
    "place_title": ("範囲", "学年のまとまり、学校、学校段階、市全体の名前。"),
    "school_code": (
        "学校コード",
        "1つの学校だけについての行の、文部科学省の学校コード。13けた。いくつかの学校をまとめた行と、"
        "名簿にコードのない学校は空欄。",
    ),
    "place_width": (
        "範囲の広さ",
        "1=学年のまとまり 2=学校 3=学校段階 4=市全体 5=市全体の1つの学年（ほかの数字と足し引きできません）。",
    ),
    "place_sex": ("性別", "F=女子、M=男子。空欄はすべての子ども。"),
    "state": ("数字の有無", "released=数字あり、withheld=出していない。"),
    "reason": ("出していない理由", "数字を出していないときの理由の記号。"),
    "people_unit": ("人数の単位", "あてはまる人数と回答した人数の単位。数字のない行は空欄。"),
    "people_low": (
        "あてはまる人数（下）",
        "あてはまる人数の幅の下の端。人。本当の人数はこの幅の中にあります（範囲の広さ5と、区分のある行では97%の見込み）。",
    ),
    "people_high": ("あてはまる人数（上）", "あてはまる人数の幅の上の端。人。"),
    "asked_low": ("回答した人数（下）", "回答した人数の幅の下の端。人。"),
    "asked_high": ("回答した人数（上）", "回答した人数の幅の上の端。人。"),
    "share_unit": ("割合の単位", "割合の単位。数字のない行は空欄。"),
    "share_low": ("割合（下）", "割合の幅の下の端。%。10きざみ。"),
    "share_high": ("割合（上）", "割合の幅の上の端。%。10きざみ。"),
    "likely_low": ("偶然も入れた割合（下）", "丸めと偶然を合わせた95%の幅の下の端。%。"),
    "likely_high": ("偶然も入れた割合（上）", "丸めと偶然を合わせた95%の幅の上の端。%。"),
}
COLUMNS: Final = tuple(
    Column(
        field.name,
        *_SAID[field.name][:1],
        "integer" if "int" in str(field.type) else "string",
        _SAID[field.name][1],
    )
    for field in fields(Row)
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One indicator of the published versions in the file, for the codebook."""

    indicator: str
    title: str
    definition: str


@dataclass(frozen=True, slots=True)
class Extract:
    """What a file carries. `digests`: the plans under which the numbers were made."""

    rows: tuple[Row, ...]
    meanings: tuple[Meaning, ...]
    waves: tuple[str, ...]
    digests: tuple[str, ...]


def extract(waves: Sequence[ReleasedWave], codes: Codes = NO_CODES) -> Extract:
    """Every number of these released waves, in the order of the bundles."""
    meanings: dict[str, Meaning] = {}
    for wave in waves:
        for note in wave.release.table.indicators:
            meanings[note.id] = Meaning(note.id, note.title, note.definition)
        for measure in wave.release.table.measures:
            meanings[measure.id] = Meaning(measure.id, measure.title, measure.definition)
    return Extract(
        rows=tuple(row for wave in waves for row in _rows(wave, wave.release.table, codes)),
        meanings=tuple(meanings.values()),
        waves=tuple(wave.name for wave in waves),
        digests=tuple(wave.release.table.plan_digest for wave in waves),
    )


def _rows(wave: ReleasedWave, table: SafeTable, codes: Codes) -> Iterator[Row]:
    places = {place.id: place for place in table.places}
    titles = {note.id: note.title for note in table.indicators}
    about = (wave.wave_id, wave.name, wave.opens_on.isoformat())
    for cell in table.cells:
        place = places[cell.place]
        yield Row(
            *about,
            cell.indicator,
            titles[cell.indicator],
            "",
            "",
            codes.area,
            place.id,
            place.title,
            _school_code(place, codes),
            WIDTHS[place.kind],
            place.sex,
            State.RELEASED,
            "",
            PEOPLE,
            cell.low,
            cell.high,
            cell.n_low,
            cell.n_high,
            PERCENT,
            cell.share_low,
            cell.share_high,
            cell.likely_low,
            cell.likely_high,
        )
    for indicator, reason in table.withheld:
        named = (indicator, titles[indicator])
        yield _numberless(about, named, area_code=codes.area, nowhere=True, reason=reason)
    for measure in table.measures:
        yield from _outcome_rows(about, measure, codes)


def _school_code(place: Place, codes: Codes) -> str:
    """The code of the school a row is about; empty where it is about several, or about all at one level."""
    schools = {school for school, _ in place.members}
    if place.kind not in (PlaceKind.BLOCK, PlaceKind.UNIT) or len(schools) != 1:
        return ""
    return codes.schools.get(school_of(schools.pop()), "")


def _outcome_rows(about: tuple[str, str, str], measure: SafeMeasure, codes: Codes) -> Iterator[Row]:
    """What became of children: one row per part, the range that pages show."""
    named = (measure.id, measure.title)
    for part in measure.parts:
        words = (part.id, part_words(part.id, part.title))
        empty = _numberless(about, named, area_code=codes.area, part=words, reason="")
        yield replace(
            empty, state=State.RELEASED, people_unit=PEOPLE, people_low=part.low, people_high=part.high
        )
    if not measure.parts:
        yield _numberless(about, named, area_code=codes.area, reason="too-few-children")


def _numberless(
    about: tuple[str, str, str],
    named: tuple[str, str],
    *,
    area_code: str,
    reason: str,
    part: tuple[str, str] = ("", ""),
    nowhere: bool = False,
) -> Row:
    """A row without numbers: of the whole city, or of no place at all."""
    return Row(
        *about,
        *named,
        *part,
        area_code=area_code,
        place="" if nowhere else "city",
        place_title="" if nowhere else "市全体",
        school_code="",
        place_width=None if nowhere else WIDTHS[PlaceKind.CITY],
        place_sex="",
        state=State.WITHHELD,
        reason=reason,
        people_unit="",
        people_low=None,
        people_high=None,
        asked_low=None,
        asked_high=None,
        share_unit="",
        share_low=None,
        share_high=None,
        likely_low=None,
        likely_high=None,
    )
