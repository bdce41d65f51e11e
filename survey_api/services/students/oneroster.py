"""Reads a OneRoster 1.2 Japan Profile zip (bulk) into a `Roster`, naming every problem at once.

It takes bytes and gives values: nothing is stored, nothing is raised for bad input, and no message repeats a
pupil's name.  Of the optional demographics only the sex is read, for the city's tables; user profiles are
accepted and never looked into: Kizuki does not want them.
"""

from __future__ import annotations

from collections.abc import Iterator

from survey_api.services.students import profile
from survey_api.services.students.archive import WHOLE, open_archive
from survey_api.services.students.pupils import read_pupils, with_sex
from survey_api.services.students.roster import GRADE_CODES, ProblemList, Reading, Roster, School, SchoolClass
from survey_api.services.students.school_code import looks_like_school_code
from survey_api.services.students.sheets import Row, Sheet, read_sheet


def read_roster(data: bytes) -> Reading:
    """The roster in `data` and everything wrong with it; the roster is empty when a file is missing."""
    problems = ProblemList()
    members = open_archive(data, problems)
    if not members:
        if not problems.all():
            problems.error(WHOLE, None, "", "ZIPの中が空です。名簿のCSVを入れて、もう一度選んでください。")
        return Reading(Roster(), problems.all())
    sheets = _read_sheets(members, problems)
    if sheets is None:
        return Reading(Roster(), problems.all())
    _check_manifest(sheets[profile.MANIFEST], problems)
    live = {name: _live_rows(sheet, problems) for name, sheet in sheets.items() if name != profile.MANIFEST}
    schools = _read_schools(live["orgs.csv"], problems)
    classes = _read_classes(live["classes.csv"], schools, problems)
    pupils = read_pupils(
        live["users.csv"],
        live["roles.csv"],
        live["enrollments.csv"],
        schools=schools,
        classes=classes,
        problems=problems,
    )
    if not pupils:
        problems.error(
            "users.csv", None, "", "児童生徒が1人も見つかりません。書き出しの対象を確かめてください。"
        )
    if "demographics.csv" in sheets and profile.SEX in sheets["demographics.csv"].columns:
        pupils = with_sex(pupils, live["demographics.csv"], problems)
    files_read = tuple((sheet.file, sheet.encoding) for sheet in sheets.values())
    roster = Roster(tuple(schools.values()), tuple(classes.values()), tuple(pupils), files_read)
    return Reading(roster, problems.all())


def _read_sheets(members: dict[str, bytes], problems: ProblemList) -> dict[str, Sheet] | None:
    """Every file of the profile by its official name, or None when one that is needed cannot be used."""
    sheets: dict[str, Sheet] = {}
    complete = True
    for rule in profile.FILES:
        data = members.get(rule.name.lower())
        if data is None:
            if rule.required:
                complete = False
                problems.error(
                    rule.name,
                    None,
                    "",
                    f"{rule.name}がZIPの中にありません。"
                    "OneRoster 1.2(日本版)の一括(bulk)で書き出したZIPを選んでください。",
                )
            continue
        sheet = read_sheet(rule.name, data, rule.wanted, problems)
        if sheet is None or not _has_columns(sheet, rule, problems):
            complete = complete and not rule.required
            continue
        sheets[rule.name] = sheet
    known = {rule.name.lower() for rule in profile.FILES}
    for name in sorted(set(members) - known):
        problems.warning(
            name if name.isprintable() else WHOLE,
            None,
            "",
            "名簿では使わないファイルです。読まずに進みます。",
        )
    return sheets if complete else None


def _has_columns(sheet: Sheet, rule: profile.FileRule, problems: ProblemList) -> bool:
    missing = [column for column in rule.must_have if column not in sheet.columns]
    for column in missing:
        problems.error(
            sheet.file,
            1,
            column,
            f"列「{column}」がありません。見出しの行を変えずに、名簿システムから書き出し直してください。",
        )
    if sheet.file == "users.csv" and not missing:
        for column in (*profile.KANA_COLUMNS, profile.HOME_CLASS):
            if column not in sheet.columns:
                problems.warning(
                    sheet.file,
                    1,
                    column,
                    f"列「{column}」がありません。日本版の形で書き出すと、ここも読めます。",
                )
    return not missing


def _check_manifest(sheet: Sheet, problems: ProblemList) -> None:
    """The manifest must speak of bulk files; a delta file only says what changed, and cannot be compared."""
    stated = {row.get("propertyName"): row for row in sheet.rows}
    version = stated.get("oneroster.version")
    if version is None or version.get("value") not in {"1.2", "1.2.0", "1.2.1", "1.2.2"}:
        problems.warning(
            sheet.file,
            version.number if version else None,
            "value",
            "OneRosterの版が1.2と書かれていません。1.2として読みました。件数を確かめてください。",
        )
    for rule in profile.FILES[1:]:
        row = stated.get(f"file.{rule.name.removesuffix('.csv')}")
        if row is not None and row.get("value") == "delta":
            problems.error(
                sheet.file,
                row.number,
                "value",
                f"{rule.name}が差分(delta)です。一括(bulk)を選んで書き出し直してください。",
            )


def _live_rows(sheet: Sheet, problems: ProblemList) -> list[Row]:
    """Rows that are not marked for deletion, each with an id of its own."""
    first_seen: dict[str, int] = {}
    live: list[Row] = []
    for row in sheet.rows:
        status = row.get("status").lower()
        if status == profile.DELETED_STATUS:
            continue
        if status not in profile.ACTIVE_STATUSES:
            problems.error(
                sheet.file, row.number, "status", "statusは空欄、active、tobedeletedのどれかにしてください。"
            )
            continue
        source_id = row.get("sourcedId")
        if not source_id:
            problems.error(
                sheet.file,
                row.number,
                "sourcedId",
                "sourcedIdが空です。名簿システムから書き出し直してください。",
            )
        elif source_id in first_seen:
            problems.error(
                sheet.file,
                row.number,
                "sourcedId",
                f"{first_seen[source_id]}行目と同じsourcedIdです。どちらかが重複なので、片方を消してください。",
            )
        else:
            first_seen[source_id] = row.number
            live.append(row)
    return live


def _read_schools(rows: list[Row], problems: ProblemList) -> dict[str, School]:
    schools: dict[str, School] = {}
    code_seen: dict[str, int] = {}
    for row in rows:
        if row.get("type").lower() != profile.SCHOOL_TYPE:
            continue
        code = row.get("identifier")
        if not looks_like_school_code(code):
            problems.warning(
                "orgs.csv",
                row.number,
                "identifier",
                "学校コード(英字1つと数字12けた)ではありません。名簿の番号を学校の番号として使います。",
            )
            code = code or row.get("sourcedId")
        if code in code_seen:
            problems.error(
                "orgs.csv",
                row.number,
                "identifier",
                f"{code_seen[code]}行目の学校と同じ学校コードです。正しい学校コードに直してください。",
            )
        if not row.get("name"):
            problems.error("orgs.csv", row.number, "name", "学校名が空です。学校名を入れてください。")
        code_seen.setdefault(code, row.number)
        schools[row.get("sourcedId")] = School(row.get("sourcedId"), code, row.get("name"))
    if not schools:
        problems.error(
            "orgs.csv", None, "type", "学校(type=school)の行がありません。学校を含めて書き出してください。"
        )
    return schools


def _read_classes(
    rows: list[Row], schools: dict[str, School], problems: ProblemList
) -> dict[str, SchoolClass]:
    classes: dict[str, SchoolClass] = {}
    for row in rows:
        if row.get("classType").lower() != profile.HOMEROOM:
            continue
        school = schools.get(row.get("schoolSourcedId"))
        if school is None:
            problems.error(
                "classes.csv",
                row.number,
                "schoolSourcedId",
                "この学校がorgs.csvにありません。学校を含めて書き出すか、学校の番号を直してください。",
            )
            continue
        if not row.get("title"):
            problems.error(
                "classes.csv", row.number, "title", "学級の名前が空です。「1組」のように入れてください。"
            )
        classes[row.get("sourcedId")] = SchoolClass(
            source_id=row.get("sourcedId"),
            school_code=school.code,
            title=row.get("title"),
            grades=tuple(_class_grades(row, problems)),
            special_needs=row.get(profile.SPECIAL_NEEDS).lower() == "true",
        )
    return classes


def _class_grades(row: Row, problems: ProblemList) -> Iterator[int]:
    for code in filter(None, (part.strip() for part in row.get("grades").split(","))):
        if code in GRADE_CODES:
            yield GRADE_CODES[code]
        elif code not in profile.KINDERGARTEN_GRADES:
            problems.error(
                "classes.csv",
                row.number,
                "grades",
                f"学年「{code[:20]}」が分かりません。P1〜P6、J1〜J3、H1〜H3で書いてください。",
            )
