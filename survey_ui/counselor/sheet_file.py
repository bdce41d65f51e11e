"""相談をつなぐシート as a workbook: one A4 page with the layout of the paper. Every cell is text, never a formula."""

from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey_api.journeys.hand_over import SeenSheet
from survey_api.kit.clock import school_day
from survey_api.services.referrals import words
from survey_api.services.referrals.rules import LINE_CHARS, Sheet, lines_of
from survey_api.vocabulary import Consent
from survey_ui.shell.templating import day

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = 6
WIDTHS = (12, 13, 19, 13, 19, 14)
ROW_HEIGHT = 17
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
PLAIN = {"font_name": "Yu Gothic", "font_size": 10.5, "valign": "top", "text_wrap": True}


def sheet_file(seen: SeenSheet, *, practice: bool = False) -> bytes:
    """The workbook's bytes; one of the invented city says so in its title."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        book.set_properties(
            {"title": "相談をつなぐシート", "author": "", "created": seen.referral.handed_over_at}
        )
        cell = {
            "text": book.add_format(PLAIN),
            "title": book.add_format({**PLAIN, "bold": True, "font_size": 14}),
            "head": book.add_format({**PLAIN, "bold": True}),
            "label": book.add_format({**PLAIN, "border": 1, "bg_color": "#EEEEEE"}),
            "box": book.add_format({**PLAIN, "border": 1}),
        }
        paper = _Paper(book.add_worksheet("相談をつなぐシート"), cell)
        _write(paper, seen, "【練習】" if practice else "")
    return buffer.getvalue()


class _Paper:
    """A sheet that is written row by row, six columns wide, text only."""

    def __init__(self, sheet: Worksheet, cell: dict[str, Format]) -> None:
        self._sheet, self._cell, self._row = sheet, cell, 0
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.35, bottom=0.35)
        sheet.fit_to_pages(1, 1)
        sheet.hide_gridlines(2)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)

    def row(self, *parts: tuple[int, str, str], lines: int = 1) -> None:
        """One row: (columns it spans, format, text) from left to right."""
        self._sheet.set_row(self._row, ROW_HEIGHT * lines)
        column = 0
        for span, style, text in parts:
            if span > 1:
                last = column + span - 1
                self._sheet.merge_range(self._row, column, self._row, last, "", self._cell[style])
            self._sheet.write_string(self._row, column, text, self._cell[style])
            column += span
        self._row += 1


def _write(paper: _Paper, seen: SeenSheet, mark: str) -> None:
    referral, sheet = seen.referral, seen.referral.sheet
    made_on = school_day(referral.handed_over_at) if referral.handed_over_at else None
    paper.row(
        (4, "title", f"{mark}「相談をつなぐシート」"),
        (2, "head", f"写し番号 {referral.copy_number}\n受け取りの番号 {sheet.receipt}"),
        lines=2,
    )
    phone = f"　電話 {sheet.recipient_phone}" if sheet.recipient_phone else ""
    paper.row((COLUMNS, "text", f"{sheet.recipient_name} 御中{phone}　返事の期日: {day(sheet.reply_by)}"))
    paper.row((COLUMNS, "text", f"作成: {seen.case.school} {sheet.prepared_by} {day(made_on)}"))
    _person(paper, sheet, seen.case.sign)
    _worries(paper, sheet)
    paper.row((COLUMNS, "head", "【相談の内容】"))
    for name in words.TEXTS:
        if text := sheet.fields.get(name, ""):
            paper.row((1, "label", words.FIELD_WORDS[name]), (5, "box", text), lines=max(2, lines_of(text)))
    _contact(paper, sheet)
    _consent(paper, sheet)
    paper.row((COLUMNS, "text", ""))
    paper.row(
        (4, "head", "保護者への写し不可。開示の相談は市の個人情報担当へ"),
        (2, "head", f"写し番号 {referral.copy_number}"),
    )


def _person(paper: _Paper, sheet: Sheet, sign: str) -> None:
    f = sheet.fields.get
    paper.row((COLUMNS, "head", "【基本情報】"))
    paper.row((1, "label", "対象者"), (1, "label", "ふりがな"), (4, "box", sheet.kana))
    paper.row((1, "label", ""), (1, "label", "氏名"), (4, "box", sheet.name or f"({sign})"))
    born = f"{f('birth_date', '')}　年齢 {f('age', '')} 歳"
    sexes = "　".join(_box(f("sex", "") == sex, sex) for sex in words.SEXES)
    paper.row(
        (1, "label", ""), (1, "label", "生年月日"), (2, "box", born), (1, "label", "性別"), (1, "box", sexes)
    )
    paper.row(
        (1, "label", ""), (1, "label", "住所"), (4, "box", f"〒{f('postcode', '')}　{f('address', '')}")
    )
    phones = f"自宅 {f('phone', '')}　携帯 {f('mobile', '')}"
    paper.row((1, "label", ""), (1, "label", "電話"), (4, "box", phones))
    paper.row((1, "label", ""), (1, "label", "メール"), (4, "box", f("email", "")))
    relation = "　".join(
        _box(f("visitor_kind", "") == kind, label) for kind, label in words.RELATIONS.items()
    )
    paper.row(
        (1, "label", "来談者(本人以外)"), (1, "label", "氏名"), (4, "box", f("visitor_name", "")), lines=2
    )
    who = f"{relation}　({f('visitor_relation', '')})"
    paper.row(
        (1, "label", ""),
        (1, "label", "関係"),
        (2, "box", who),
        (1, "label", "電話"),
        (1, "box", f("visitor_phone", "")),
    )


def _worries(paper: _Paper, sheet: Sheet) -> None:
    paper.row((COLUMNS, "head", "【ご相談内容】　○: 相談したいこと　◎: 一番のお困りごと"))
    marked = []
    for code, label in words.WORRIES.items():
        mark = "◎" if code == sheet.main_worry else "○" if code in sheet.worries else "□"
        more = f"({sheet.fields.get('worry_other', '')})" if code == "other" else ""
        marked.append(f"{mark} {label}{more}")
    for first in range(0, len(marked), 3):
        paper.row(*((2, "box", text) for text in marked[first : first + 3]))


def _contact(paper: _Paper, sheet: Sheet) -> None:
    f = sheet.fields.get
    ways = "　".join(_box(f("contact_by", "") == way, label) for way, label in words.CONTACT_WAYS.items())
    hours = f("contact_time", "")
    paper.row((COLUMNS, "head", "【連絡方法】"))
    paper.row((COLUMNS, "box", f"{ways}　({f('contact_detail', '')})"))
    paper.row(
        (COLUMNS, "box", f"連絡希望時間帯　{_box(bool(hours), 'あり')}({hours})　{_box(not hours, 'なし')}")
    )


def _consent(paper: _Paper, sheet: Sheet) -> None:
    f = sheet.fields.get
    told = words.TOLD.get(f("guardian_told", ""), "　")
    if sheet.consent == Consent.GIVEN:
        paper.row((COLUMNS, "head", "【ご本人の同意】"))
        ask = "相談支援にあたり、このシートを必要となる関係機関(者)と共有することに同意します。"
        paper.row((COLUMNS, "box", ask), lines=2)
        paper.row((3, "box", f"説明した人 {f('explained_by', '')}"), (3, "box", f"保護者への説明: {told}"))
        paper.row((3, "box", f("consent_day", "")), (3, "box", "本人署名"), lines=2)
        return
    ground = words.GROUNDS[Consent(sheet.consent)]
    paper.row((COLUMNS, "head", "【同意によらない共有】"))
    paper.row((COLUMNS, "box", f"{ground.choice}　根拠: {ground.law}"), lines=2)
    reason = f("consent_reason", "")
    paper.row((COLUMNS, "box", f"理由: {reason}"), lines=1 + len(reason) // LINE_CHARS)
    paper.row((COLUMNS, "box", f"判断した人 {sheet.prepared_by}　保護者への説明: {told}"))


def _box(on: bool, label: str) -> str:
    return f"{'☑' if on else '□'}{label}"
