"""The words of 相談をつなぐシート: its fields, its fifteen worries, and on which ground it may be shared."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey_api.vocabulary import Consent, ReferralMode, ReferralState

WORRIES: Mapping[str, str] = {
    "health": "病気や健康について",
    "mind": "心の悩み",
    "disability": "障がいについて",
    "nursing": "介護について",
    "childcare": "子育てについて",
    "withdrawal": "ひきこもりについて",
    "taxes": "税金や公共料金の支払いについて",
    "living": "生活費・家計について",
    "debts": "債務について",
    "consumer": "消費生活相談",
    "violence": "DV・虐待",
    "guardianship": "成年後見・権利擁護について",
    "education": "教育について",
    "work": "就労について",
    "other": "その他",
}
"""The fifteen kinds of worry of the city's sheet, in its order and words."""

WORRIES_OF_CONCERN: Mapping[str, tuple[str, ...]] = {
    "neglect": ("living", "childcare"),
    "care": ("nursing", "childcare"),
    "safety": ("violence",),
    "mood": ("mind",),
}
"""What a reason of a case suggests; a person looks and may tick otherwise."""


@dataclass(frozen=True)
class Ground:
    """One choice of the consent block: how it is chosen, and what stands on the paper."""

    choice: str
    law: str


GROUNDS: Mapping[Consent, Ground] = {
    Consent.GIVEN: Ground("本人の同意 あり", ""),
    Consent.WITHOUT_FOR_SAFETY: Ground(
        "同意なし(本人の安全のため)",
        "児童虐待の防止等に関する法律(通告)、または生命・身体を守るために必要な提供(個人情報の保護に関する法律)",
    ),
    Consent.WITHOUT_CONFERENCE_LAW: Ground(
        "同意なし(支援会議)", "社会福祉法 第106条の6(支援会議: 構成員に守秘義務)"
    ),
    Consent.WITHOUT_COUNCIL_LAW: Ground(
        "同意なし(要対協)", "児童福祉法 第25条の2〜第25条の5(要保護児童対策地域協議会: 構成員に守秘義務)"
    ),
    Consent.NOT_ASKED: Ground(
        "まだ確かめていない(だれかを示さずに相談)",
        "本人を示す欄を載せない相談(同意を確かめてから、あらためて渡す)",
    ),
}
CONSENT_WORDS: Mapping[Consent, str] = {consent: ground.choice for consent, ground in GROUNDS.items()}

MODES: Mapping[ReferralMode, str] = {
    ReferralMode.REFER: "つなぐ(主担当は学校のまま)",
    ReferralMode.TRANSFER: "引き継ぐ(主担当をつなぎ先へ移す)",
}
REPLIES: Mapping[ReferralState, str] = {
    ReferralState.ACKNOWLEDGED: "受け取ったと連絡があった",
    ReferralState.ACCEPTED: "受理(支援を始める)",
    ReferralState.PASSED_ON: "別の機関へまわった",
    ReferralState.RETURNED: "返戻(戻ってきた)",
}
STATE_WORDS: Mapping[ReferralState, str] = {
    ReferralState.DRAFT: "下書き",
    ReferralState.HANDED_OVER: "渡した(受け取りの連絡待ち)",
    ReferralState.ACKNOWLEDGED: "受け取り済み(返事待ち)",
    ReferralState.ACCEPTED: "受理",
    ReferralState.PASSED_ON: "別の機関へ",
    ReferralState.RETURNED: "返戻",
}
CONTACT_WAYS: Mapping[str, str] = {"home": "自宅電話", "mobile": "携帯電話", "other": "その他"}
RELATIONS: Mapping[str, str] = {"family": "家族", "other": "その他"}
SEXES = ("男", "女")
TOLD: Mapping[str, str] = {"told": "した", "not_yet": "していない", "must_not": "してはいけない"}
"""Whether the guardian was told. 'must not' is for suspected harm at home."""

CHOICES: Mapping[str, Mapping[str, str]] = {
    "contact_by": CONTACT_WAYS,
    "visitor_kind": RELATIONS,
    "guardian_told": TOLD,
    "sex": {sex: sex for sex in SEXES},
}
"""Fields that take one of a few words."""

LIMITS: Mapping[str, int] = {
    "birth_date": 12,
    "age": 3,
    "sex": 2,
    "postcode": 8,
    "address": 60,
    "phone": 14,
    "mobile": 14,
    "email": 40,
    "visitor_name": 16,
    "visitor_kind": 10,
    "visitor_relation": 12,
    "visitor_phone": 14,
    "worry_other": 12,
    "facts": 300,
    "own_words": 200,
    "wish": 160,
    "at_school": 200,
    "asked_for": 200,
    "contact_by": 10,
    "contact_detail": 30,
    "contact_time": 20,
    "consent_day": 20,
    "explained_by": 30,
    "consent_reason": 90,
    "guardian_told": 10,
}
"""Text fields and how many characters each may have."""

FIELD_WORDS: Mapping[str, str] = {
    "birth_date": "生年月日",
    "age": "年齢",
    "sex": "性別",
    "postcode": "郵便番号",
    "address": "住所",
    "phone": "電話(自宅)",
    "mobile": "電話(携帯)",
    "email": "メール",
    "visitor_name": "来談者の氏名",
    "visitor_kind": "来談者と本人との関係",
    "visitor_relation": "続柄・関係",
    "visitor_phone": "来談者の電話",
    "worry_other": "「その他」の内容",
    "facts": "事実(アンケートで分かったこと)",
    "own_words": "本人の言葉",
    "wish": "本人の希望",
    "at_school": "学校での様子",
    "asked_for": "してほしいこと",
    "contact_by": "連絡方法",
    "contact_detail": "番号・連絡先",
    "contact_time": "連絡希望時間帯",
    "consent_day": "同意の日",
    "explained_by": "説明した人",
    "consent_reason": "同意なしで渡す理由",
    "guardian_told": "保護者への説明",
}
"""What a field is called on the form, on the paper and in a refusal."""

TEXTS = ("facts", "own_words", "wish", "at_school", "asked_for")
"""The fields of 相談の内容を具体的に."""
