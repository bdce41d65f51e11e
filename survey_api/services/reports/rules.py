"""通告: what a draft says, and what must be known before it counts as told. Certainty is never asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from survey_api.kit.problems import BadInput

FIELD_WORDS: Mapping[str, str] = {
    "facts": "見たこと・聞いたこと(アンケートの答え)",
    "own_words": "本人の言葉(そのまま)",
    "body": "けが・からだの様子",
    "where_now": "本人は今どこにいるか",
    "home": "家族・きょうだい(分かること)",
    "danger": "今日家に帰して大丈夫か",
    "receiver": "電話を受けた人",
    "advice": "言われたこと",
}
LIMITS: Mapping[str, int] = {
    "facts": 400,
    "own_words": 300,
    "body": 150,
    "where_now": 60,
    "home": 150,
    "danger": 100,
    "receiver": 40,
    "advice": 300,
}
WRITTEN_BEFORE = ("facts", "own_words", "body", "where_now", "home", "danger")
WRITTEN_AFTER = ("receiver", "advice")

PRINCIPLES = (
    "虐待を受けたと思われるだけで通告できます。確かめるまで待ちません。",
    "保護者には、先に連絡しません。だれから聞いたかも伝えません。",
    "本人から聞き直しません。本人を一人にしません。",
    "電話が先です。この紙は電話のための下書きと、あとの記録です。",
)
"""What stands on the page above the draft. None of it can be switched off."""

NATIONAL_NUMBER = "189"
"""児童相談所虐待対応ダイヤル, day and night, from any telephone in Japan."""


@dataclass(frozen=True)
class Content:
    """What is told. The name comes from the vault when the draft is made."""

    name: str
    kana: str
    group: str
    fields: Mapping[str, str]
    recipient_name: str = ""
    told_by: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As it is sealed."""
        return {**vars(self), "fields": dict(self.fields)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Content":
        """As it was sealed."""
        return cls(**stored)

    def told(self, said: Mapping[str, str], recipient_name: str, told_by: str) -> "Content":
        """The draft with what was said on the telephone; BadInput that names a field too long."""
        fields = {**self.fields, **said}
        for name, text in fields.items():
            if len(text) > LIMITS[name]:
                raise BadInput(
                    f"{FIELD_WORDS[name]}: {LIMITS[name]}文字までにしてください(今は{len(text)}文字)。"
                )
        if not recipient_name:
            raise BadInput(
                "通告先を選んでください。一覧になければ 189 に電話し、受けた児童相談所を選びます。"
            )
        return replace(self, fields=fields, recipient_name=recipient_name, told_by=told_by)


def begun(name: str, kana: str, group: str, facts: str, own_words: str) -> Content:
    """A draft from what the case already holds, cut to what fits. Nothing else is needed to begin."""
    texts = {"facts": facts[: LIMITS["facts"]], "own_words": own_words[: LIMITS["own_words"]]}
    return Content(name, kana, group, {**dict.fromkeys(FIELD_WORDS, ""), **texts})
