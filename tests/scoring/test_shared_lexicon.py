"""The shared lexicon on invented sentences: what must reach a person today, and what is only a child talking."""

from pathlib import Path

import pytest
import yaml

from scoring.freetext import find_hits
from scoring.parse_lexicon import lexicon_of

FILE = Path(__file__).parents[2] / "question_banks" / "_shared" / "freetext.yaml"
LEXICON = lexicon_of(yaml.safe_load(FILE.read_text(encoding="utf-8")))

REACHES_A_PERSON = {
    "self_harm": """死にたい|しにたい|し に た い|タヒにたい|ﾀﾋにたい|氏にたい|4にたい|４にたい|シニタイ|死にたーい
        もう消えたい|キエタイ|生きたくない|自殺したい|リスカしてる|ﾘｽｶ|手首切った|いなくなりたい|死んだ方がまし
        死にたくなる|死。に。た。い|死\u200bにたい|生きてる意味がわからない|しんだほうがいいのかな|つらいしにたい
        死にたくないけど消えたい|I want to die|i wanna die|kill myself|Don't want to live|quero morrer|Não quero viver
        quiero morir|想死|我不想活了|gusto ko nang mamatay|muốn chết|muon chet|shinitai""",
    "violence": """お父さんに殴られた|ママにたたかれる|父にﾅｸﾞﾗﾚﾀ|蹴られたことはある|氏ねって言われた|4ねって言われた|4ね|シネ
        タヒねって言われる|首を絞められた|56すぞと言われた|たたかれて、ないている|たたかれてないている|なぐられて言えません
        お父さんに なぐられる。ともだちには いったことはない|My dad hits me|He kicked me.|Meu pai me bate|mi papá me pega
        我爸爸打我|sinasaktan ako ng tatay ko|bố đánh em""",
    "sexual": "体をさわられた|むねをさわってくる|He touched me|me toca",
    "hunger": "ごはんがない|ごはんがないときがある|おかあさんがごはんつくってくれない|ご飯をもらえない|no food at home|没饭吃",
    "fear": "家に帰りたくない|たすけて|助けてくれる人がいない|助けてください|パパがこわい|scared to go home|不想回家",
    "bullying": "いじめられてる|クラスでムシされる|I am being bullied",
}
STAYS = """死ぬほど楽しい|必死にがんばった|死にたくない|わたしにたいしてやさしい|叩かれたことはない|友だちに助けてもらった
    ゲームで敵に殺された|給食がおいしい|早く見つけられた|I want to diet|white men|I love my mom|hit menu|she helped me
    部活が楽しい|先生に話しかけられた|宿題がつらい|なぐられたことはありません|いじめられていません|つかれた|4人で遊んだ
    4にちにあそんだ|したひとがいた|行ったひね|山田氏に会った|ニュースで自殺防止を見た|声をかけられた|シネマで映画を見た
    おもしろいしね|むずかしいしね|テストの点が悪くて悲しい|弟とけんかした|虫にさされた|図書館に行った"""


def sentences(block: str) -> list[str]:
    return [part.strip() for line in block.splitlines() for part in line.split("|") if part.strip()]


HITS = [(kind, text) for kind, block in REACHES_A_PERSON.items() for text in sentences(block)]


@pytest.mark.parametrize(("kind", "text"), HITS)
def test_it_reaches_a_person(kind: str, text: str) -> None:
    hits = find_hits(text, LEXICON)
    assert kind in {hit.kind for hit in hits}
    assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)


@pytest.mark.parametrize("text", sentences(STAYS))
def test_it_stays_a_child_talking(text: str) -> None:
    assert find_hits(text, LEXICON) == ()


def test_the_span_covers_the_words_as_written() -> None:
    text = "きのう ﾀﾋ に たい と思った"
    assert {text[hit.start : hit.end] for hit in find_hits(text, LEXICON)} == {"ﾀﾋ に たい"}
