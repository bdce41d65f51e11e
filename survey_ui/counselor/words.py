"""The words of the counselor's pages for codes that are stored. Facts, never a verdict about a child."""

from collections.abc import Mapping

from survey_api.vocabulary import (
    AuditKind,
    ContactResult,
    Label,
    LateCause,
    Level,
    Outcome,
    RevealReason,
    Urgency,
)

URGENCY: Mapping[Urgency, tuple[str, str]] = {
    Urgency.TODAY: ("◆", "すぐに"),
    Urgency.THIS_WEEK: ("▲", "今週"),
    Urgency.CHECK: ("●", "確認"),
    Urgency.WATCH: ("○", "見守り"),
}
"""Shape and word; the colour is a third sign, never the only one."""

CONTACT: Mapping[ContactResult, str] = {
    ContactResult.MET: "会えた",
    ContactResult.ABSENT: "不在",
    ContactResult.CHILD_DECLINED: "本人がことわった",
    ContactResult.GUARDIAN: "保護者と話した",
    ContactResult.PHONE: "電話した",
}

OUTCOME: Mapping[Outcome, str] = {
    Outcome.NEGLECT_CONCERN: "的確: 生活の心配があった",
    Outcome.CARE_SUPPORT_NEED: "的確: 家族の世話への支援が要る",
    Outcome.OTHER_NEED: "的確: ほかの困りごとがあった",
    Outcome.KNOWN_ALREADY: "すでに支援につながっている",
    Outcome.MISTAKEN_ANSWER: "心配なし(答えのまちがい)",
    Outcome.INSUFFICIENT: "情報不足",
    Outcome.CHILD_DECLINED: "本人が望まなかった",
    Outcome.NOT_REACHED: "連絡がとれなかった",
}

LABEL: Mapping[Label, str] = {
    Label.NEGLECT: "要支援: 生活の基本",
    Label.CARE: "要支援: 家族の世話",
    Label.SAFETY: "要支援: 安全",
    Label.MOOD: "要支援: 気持ち",
    Label.OTHER: "要支援: ほかのこと",
    Label.NONE: "心配なし",
    Label.UNCLEAR: "わからない",
}
"""What was found, apart from how the case ended: the rules and the model are checked against it."""

LEVEL: Mapping[Level, str] = {
    Level.ONSITE: "在校の担当",
    Level.HEAD: "管理職",
    Level.DUTY: "教育委員会の当番",
}

LEVEL_SHORT: Mapping[Level, str] = {**LEVEL, Level.DUTY: "教委当番"}
"""For a row of the queue."""

CAUSE: Mapping[LateCause, str] = {
    LateCause.UNACKNOWLEDGED: "引き受けの期限を過ぎた",
    LateCause.OVERDUE: "対応の期限を過ぎた",
    LateCause.NOBODY_ON_SITE: "在校の担当が今いない",
    LateCause.UNATTENDED: "対応待ちを誰も開いていない",
    LateCause.MEMO: "急ぎの気づきメモに、だれも対応していない",
}

REVEAL: Mapping[RevealReason, str] = {
    RevealReason.SAFETY: "安全確認",
    RevealReason.CHILD_WISH: "本人の希望",
    RevealReason.CONFERENCE: "支援会議",
    RevealReason.OTHER: "その他(10文字以上)",
}

REVEALED_FOR: Mapping[str, str] = {
    **{str(reason): words for reason, words in REVEAL.items()},
    str(RevealReason.OTHER): "その他",
    str(RevealReason.HAND_OVER): "相談をつなぐシート",
    str(RevealReason.BREAK_GLASS): "緊急(理由はあとで確認)",
}

EVENT: Mapping[str, str] = {
    "claim": "引き受け",
    "move": "状態の変更",
    "contact": "連絡",
    "note": "メモ",
    "hand_over": "つないだ",
    "reveal": "名前の確認",
    "reply": "つなぎ先の返事",
    "raise": "急ぎの度合い",
    "assign": "担当の変更",
    "close_asked": "終了の確認を頼んだ",
    "close_refused": "まだ終えない",
    "look_again": "終了後の確認",
    "look_later": "再確認日を決めた",
    "reviewer": "確認する人を決めた",
    "lower_asked": "急ぎを下げる確認を頼んだ",
    "lower": "急ぎを下げた",
    "lower_refused": "急ぎは下げない",
    "restrict": "知る人の範囲",
    "report": "通告",
    "conference": "会議",
    "plan": "支援プラン",
    "memo": "気づきメモ",
}

TRAIL: Mapping[AuditKind, str] = {
    AuditKind.CASE_OPENED: "対応待ちができた",
    AuditKind.CASE_VIEWED: "ケースを開いた",
    AuditKind.CASE_CLAIMED: "引き受けた",
    AuditKind.CASE_MOVED: "状態を変えた",
    AuditKind.CASE_CONTACT: "連絡を記録した",
    AuditKind.CASE_NOTE: "メモを残した",
    AuditKind.CASE_RAISED: "急ぎが上がった",
    AuditKind.CASE_RELEASED: "手を放した",
    AuditKind.CASE_ASSIGNED: "担当を決めた",
    AuditKind.CASE_CLOSE_ASKED: "終了の確認を頼んだ",
    AuditKind.CASE_LOWER_ASKED: "急ぎを下げる確認を頼んだ",
    AuditKind.CASE_LOWERED: "急ぎを下げた",
    AuditKind.CASE_RESTRICTED: "知る人を限った・戻した",
    AuditKind.CASE_TOLD: "記録が加わった",
    AuditKind.CASE_ESCALATED: "次の役割へ上がった",
    AuditKind.NAME_REVEALED: "名前を確かめた",
    AuditKind.NOTIFICATION_QUEUED: "知らせを用意した",
    AuditKind.CASE_TOLD: "対応の記録に書き加えた",
    AuditKind.CASE_HELD: "対応中にした",
    AuditKind.REFERRAL_DRAFTED: "つなぐシートを作った",
    AuditKind.REFERRAL_HANDED_OVER: "つなぐシートを渡した",
    AuditKind.REFERRAL_EXPORTED: "つなぐシートを表計算ファイルで出した",
    AuditKind.REFERRAL_REPLIED: "つなぎ先の返事を記録した",
    AuditKind.REPORT_DRAFTED: "通告の下書きを作った",
    AuditKind.REPORT_MADE: "通告した",
    AuditKind.CONFERENCE_OPENED: "会議を用意した",
    AuditKind.CONFERENCE_SAVED: "会議の記録を書いた",
    AuditKind.CONFERENCE_HELD: "会議の記録を確定した",
    AuditKind.PLAN_SAVED: "支援プランの案を書いた",
    AuditKind.PLAN_DECIDED: "支援プランを決めた",
    AuditKind.PLAN_ROW_MOVED: "支援プランの状況を変えた",
    AuditKind.MEMO_ACTED: "気づきメモをつないだ",
    AuditKind.CHECK_MISS: "抜き取りから対応待ちにした",
    AuditKind.REVEAL_REVIEWED: "名前を見た理由を確かめた",
    AuditKind.ESCALATION_TAKEN: "上がった件を引き受けた",
    AuditKind.TICKETS_PRINTED: "学級のチケットを印刷した(名前の載った紙)",
    AuditKind.OPTED_OUT: "参加の希望を記録した",
    AuditKind.ACCESS_REPORTED: "閲覧記録の報告を出した",
    AuditKind.REFUSED: "ほかの学校の人が開こうとして断られた",
}
"""A line of the trail about one case, as who leads reads it."""

STEP = ("なし", "すこし", "中くらい", "大きい", "いちばん大きい")
"""How much one answer says about a concern. Words for one answer, never for a child."""

TURN: Mapping[str, tuple[str, str]] = {
    "heavier": ("▲", "前より重い"),
    "lighter": ("▼", "前より軽い"),
    "gone": ("▼", "前回あり→今回なし"),
    "other": ("◇", "変わった"),
}
"""How an answer differs from the last wave: shape and word. Gone is a reason to look, no relief."""
