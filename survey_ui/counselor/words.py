"""The words of the counselor's pages for codes that are stored. Facts, never a verdict about a child."""

from collections.abc import Mapping

from survey_api.vocabulary import ContactResult, Outcome, RevealReason, Urgency

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
}

EVENT: Mapping[str, str] = {
    "claim": "引き受け",
    "move": "状態の変更",
    "contact": "連絡",
    "note": "メモ",
    "hand_over": "つないだ",
    "reveal": "名前の確認",
    "reply": "つなぎ先の返事",
}
