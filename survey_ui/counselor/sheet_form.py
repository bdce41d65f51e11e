"""The form of 相談をつなぐシート: what it begins with, and what a person sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import FormData

from survey_api.journeys.hand_over import Start
from survey_api.journeys.read_case import CaseFile
from survey_api.services.referrals import rules, words
from survey_api.services.referrals.rules import Sheet
from survey_api.services.review.school_days import add_school_days
from survey_api.vocabulary import ReferralMode
from survey_ui.counselor.saying import whole_lines
from survey_ui.shell.forms import day_of, text_of

REPLY_IN_SCHOOL_DAYS = 5
"""A proposal: by when a recipient answers, unless the directory says otherwise."""
FACTS_SHOWN = 6
REIWA_BEFORE = 2018


@dataclass(frozen=True)
class Filled:
    """Everything the form shows, as typed."""

    recipient: str
    reply_by: str
    mode: str
    consent: str
    blocks: frozenset[str]
    worries: frozenset[str]
    main_worry: str
    fields: Mapping[str, str]


def begun(file: CaseFile, start: Start, today: date) -> Filled:
    """What the case already says: reasons, wish, own words, the worries they suggest. Minimum blocks on."""
    fields = dict.fromkeys(words.LIMITS, "")
    fields["facts"] = whole_lines([f"・{why.words}" for why in file.why][:FACTS_SHOWN], words.LIMITS["facts"])
    fields["wish"] = "　".join(f"{said.short}: {said.answer}" for said in file.wish)
    fields["own_words"] = "\n".join(said.answer for said in file.texts)
    fields["contact_by"] = "other"
    fields["contact_detail"] = "学校(相談室)へ"
    fields["explained_by"] = start.own_name
    fields["consent_day"] = reiwa(today)
    return Filled(
        recipient="",
        reply_by=add_school_days(today, REPLY_IN_SCHOOL_DAYS).isoformat(),
        mode=str(ReferralMode.REFER),
        consent="",
        blocks=rules.DEFAULT_BLOCKS,
        worries=frozenset(start.worries),
        main_worry=start.worries[0] if start.worries else "",
        fields={name: text[: words.LIMITS[name]] for name, text in fields.items()},
    )


def gone_on(sheet: Sheet, start: Filled) -> Filled:
    """What a draft says, to be gone on with. A block that is off holds nothing, so it begins as the case does."""
    fields = dict(start.fields)
    for block, names in rules.BLOCKS.items():
        if block in sheet.blocks:
            fields |= dict.fromkeys(names, "")
    always = set(words.LIMITS) - {name for names in rules.BLOCKS.values() for name in names}
    fields |= dict.fromkeys(always, "")
    return Filled(
        recipient=sheet.recipient,
        reply_by=sheet.reply_by.isoformat() if sheet.reply_by else "",
        mode=sheet.mode,
        consent=sheet.consent,
        blocks=sheet.blocks,
        worries=frozenset(sheet.worries),
        main_worry=sheet.main_worry,
        fields={**fields, **sheet.fields},
    )


def filled_in(form: FormData) -> Filled:
    """What a person sent, to be shown again beside a refusal."""
    return Filled(
        recipient=text_of(form, "recipient", 40),
        reply_by=text_of(form, "reply_by", 10),
        mode=text_of(form, "mode", 20),
        consent=text_of(form, "consent", 40),
        blocks=frozenset(str(block) for block in form.getlist("blocks")),
        worries=frozenset(str(worry) for worry in form.getlist("worries")),
        main_worry=text_of(form, "main_worry", 40),
        fields={name: _lines(form, name) for name in words.LIMITS},
    )


def sheet_of(form: FormData) -> Sheet:
    """The form as a sheet; checked by the rules of the sheet."""
    filled = filled_in(form)
    return Sheet(
        recipient=filled.recipient,
        reply_by=day_of(filled.reply_by, "返事の期日"),
        mode=filled.mode or str(ReferralMode.REFER),
        consent=filled.consent,
        blocks=filled.blocks,
        worries=tuple(filled.worries),
        main_worry=filled.main_worry,
        fields={name: text for name, text in filled.fields.items() if text},
    )


def reiwa(day: date) -> str:
    """令和8年11月24日, as the city's paper writes a day."""
    return f"令和{day.year - REIWA_BEFORE}年{day.month}月{day.day}日"


def _lines(form: FormData, name: str) -> str:
    """Browsers send a line break as two characters; on the sheet it counts as one."""
    return text_of(form, name).replace("\r\n", "\n")
