"""The worked example of the city's slides: K, out of school since the second year of junior high, and who helped.

Somebody notices → it is passed on → 支援会議 ① and ② (a law, no consent needed yet) → who visits → K agrees →
支援プラン with its rows. The agencies, worries and ways of helping are the slides'; people and days are invented.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta

from survey_api.journeys import hold_conference, keep_plan
from survey_api.kit.clock import school_day
from survey_api.kit.work import Work
from survey_api.services.conferences.rules import HEARD, NOT_HEARD, Minutes
from survey_api.services.plans.rules import Plan, Row
from survey_api.vocabulary import ConferenceKind, Consent, RowState

Opened = Callable[[], AbstractContextManager[Work]]
"""Opens a Work for the counselor of the case."""

FIRST = ("保健師", "定時制高校教諭", "雪野市基幹相談支援センター", "医療関係者", "民生児童委員")
SECOND = (*FIRST, "社会福祉協議会", "フリースクールの先生")

TROUBLES: Sequence[tuple[str, str, str, str, str, str]] = (
    (
        "社会とのつながり",
        "保健師・定時制高校教諭・フリースクールの先生・自立相談支援機関・NPO法人",
        "継続的な訪問。参加の機会、地域での交流の機会の提供",
        "佐藤(保健師)",
        "週1回",
        "訪問のとき、顔を見て話せる",
    ),
    (
        "生活について",
        "民生委員児童委員・就労準備支援",
        "日常的な見守り。日常生活自立支援、社会生活自立支援",
        "高橋(民生児童委員)",
        "週1回",
        "起きる時間と約束の時間が合ってくる",
    ),
    (
        "仕事探し、就職について",
        "就労準備支援",
        "就業自立支援",
        "工藤(就労準備支援)",
        "月2回",
        "自分から見学に行く",
    ),
    (
        "病気や健康、障がいについて",
        "雪野市基幹相談支援センター・病院",
        "心身の状態の支援",
        "鈴木(基幹相談支援センター)",
        "月1回",
        "眠れた日が増える",
    ),
)
"""Worry, who helps, how (the slides' table), and then: the person, how often, the sign that it works."""


def walk_k(opened: Opened, case_id: str) -> None:
    """Two meetings and a decided plan for one case that its counselor has taken over, in the words of the slides."""
    with opened() as work:
        today = school_day(work.now)
        _meet(work, case_id, today, _first_minutes())
    with opened() as work:
        _meet(work, case_id, today, _second_minutes())
    with opened() as work:
        keep_plan.write_plan(work, case_id, 1, plan_of_k(today), decide=True)


def plan_of_k(today: date) -> Plan:
    """The slides' table of who does what, with what makes it happen."""
    due, review = today + timedelta(days=180), today + timedelta(days=84)
    rows = [
        Row(
            dict(zip(("trouble", "agency", "method", "person", "often", "sign"), line, strict=True)),
            due,
            review,
            RowState.DOING if number == 0 else RowState.PLANNED,
        )
        for number, line in enumerate(TROUBLES)
    ]
    head = {
        "wish": "車の免許を取りたい。人の多いところは、まだいやだ。",
        "long_aim": "高卒認定の勉強を続け、地域とつながって暮らす",
        "short_aim": "訪問の日に、だれか一人と話す",
        "emergency": "保健師へ電話。夜は189・24時間の相談",
        "ends_when": "本人が「もうだいじょうぶ」と言い、半年つづいたとき",
        "agreed_by": "佐藤(保健師)が訪問のときに確かめた",
    }
    return Plan(head, str(Consent.GIVEN), rows)


def _meet(work: Work, case_id: str, day: date, minutes: Minutes) -> None:
    meeting = hold_conference.prepare_conference(work, case_id, ConferenceKind.SUPPORT, day, minutes)
    hold_conference.fix_minutes(work, case_id, meeting, 1, day, minutes)


def _first_minutes() -> Minutes:
    return Minutes(
        {
            "place": "福祉会館 会議室",
            "reason": "心配した民生児童委員の気づき。中学2年生頃から不登校、定時制高校を退学してひきこもり。",
            "child_why": "まだ会えていない。信頼関係のある定時制高校教諭が、次の訪問で聞く。",
            "strengths": "定時制高校教諭との信頼関係が続いている",
            "risks": "家族のほかに話す人がいない",
            "policy": "定時制高校教諭と保健師が一緒になり(チーム支援)、アウトリーチを通じた継続支援",
            "tells_child": "定時制高校教諭が、次の訪問で",
            "next_on": "1か月後",
        },
        NOT_HEARD,
        {
            "members": _members(FIRST),
            "facts": [
                {"agency": "民生児童委員", "words": "昼も雨戸が閉まっている。家族が心配している。"},
                {"agency": "定時制高校教諭", "words": "退学の後も、電話には出てくれる。"},
            ],
            "decisions": [
                {"what": "二人で家を訪ねる", "who": "定時制高校教諭・保健師", "by": "2週間以内"},
            ],
        },
    )


def _second_minutes() -> Minutes:
    return Minutes(
        {
            "place": "福祉会館 会議室",
            "reason": "訪問がつながった。続けて支える人を決める。",
            "child_words": "先生とは話せる。車の免許を取りたい。人の多いところは、まだいやだ。",
            "strengths": "したいことが言える",
            "policy": "保健師・フリースクールの先生・社会福祉協議会による継続したアウトリーチ支援",
            "tells_child": "保健師が、次の訪問で",
            "next_on": "3か月後",
        },
        HEARD,
        {
            "members": _members(SECOND),
            "facts": [
                {"agency": "保健師", "words": "訪問3回。玄関で話せるようになった。"},
                {"agency": "フリースクールの先生", "words": "オンラインなら顔を出せる。"},
                {"agency": "社会福祉協議会", "words": "就労準備支援を使える。"},
            ],
            "decisions": [
                {"what": "訪問を続ける", "who": "保健師・フリースクールの先生", "by": "毎週"},
                {"what": "支援プランの案を作る", "who": "社会福祉協議会", "by": "2週間以内"},
            ],
        },
    )


def _members(agencies: Sequence[str]) -> list[Mapping[str, str]]:
    return [{"agency": agency, "role": "", "secrecy": "yes"} for agency in agencies]
