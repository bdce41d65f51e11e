"""The operator's words: what a line of the trail says happened, and who did it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from survey_api.tables.sign_in import SecondPersonRequest
from survey_api.tables.staff import Grant, Staff
from survey_api.vocabulary import Role

WORDS: Mapping[str, str] = {
    "staff.signed_in": "サインインした",
    "staff.sign_in_refused": "サインインが断られた",
    "staff.signed_out": "サインアウトした",
    "staff.sessions_ended": "すべての端末からサインアウトさせた",
    "staff.factor_changed": "二つ目の確認の方法を変えた",
    "staff.password_set": "パスワードを決めた",
    "staff.invited": "利用者を加えた",
    "staff.switched": "利用者を止めた、または戻した",
    "staff.grant_taken": "役割を外した",
    "staff.grants_reviewed": "役割を見直した",
    "staff.second_person_asked": "もう一人の承認を頼んだ",
    "staff.second_person_granted": "もう一人として承認した",
    "staff.grant_given": "役割を与えた",
    "access.refused": "権限のない操作を断った",
    "roster.applied": "名簿を取り込んだ",
    "school.added": "学校を加えた",
    "students.changed": "児童生徒の在籍が変わった",
    "bank.published": "質問集を公開した",
    "wave.opened": "調査回を始めた",
    "wave.closed": "調査回を終えた",
    "tickets.printed": "チケットを印刷した",
    "tickets.followed_roster": "名簿に合わせてチケットを足した・止めた",
    "practice.reset": "練習の市を元にもどした",
    "case.opened": "対応待ちができた",
    "case.viewed": "対応待ちを開いた",
    "case.claimed": "担当を引き受けた",
    "case.moved": "対応の状態が変わった",
    "case.contact": "接触を記録した",
    "case.note": "メモを残した",
    "case.told": "対応の記録に書き加えた",
    "case.raised": "急ぎの度合いが上がった",
    "case.held": "対応中にした",
    "case.released": "手を放した",
    "case.assigned": "担当を決めた",
    "case.close_asked": "終了の確認を頼んだ",
    "case.escalated": "次の役割へ上がった",
    "escalation.taken": "上がった件を引き受けた",
    "queue.unattended": "誰も見ていない対応待ちを知らせた",
    "desk.rules_set": "期限の決まりを変えた",
    "desk.calendar_set": "在校・休業の予定を変えた",
    "desk.preference_set": "自分の設定を変えた",
    "desk.words_searched": "子どもの書いた言葉でさがした",
    "appointment.set": "オンライン相談の時間を変えた",
    "desk.filter_saved": "絞り込みを保存した",
    "vault.reveal_reviewed": "名前を見た理由を確認した",
    "check.drawn": "抜き取り確認を引いた",
    "check.viewed": "抜き取りの回答を開いた",
    "check.labelled": "抜き取りの見立てを残した",
    "check.miss": "抜き取りから対応待ちを作った",
    "vault.name_revealed": "名前を確かめた",
    "vault.names_written": "名前を金庫に書いた",
    "referral.drafted": "つなぐシートを作った",
    "referral.handed_over": "つなぐシートを渡した",
    "referral.replied": "つなぎ先から返事があった",
    "release.asked": "公表の用意を頼んだ",
    "release.prepared": "公表する数字が用意できた",
    "release.refused": "公表の用意が止まった",
    "release.sent_back": "用意された数字を差し戻した",
    "referral.exported": "つなぐシートを表計算ファイルで出した",
    "agency.saved": "つなぎ先・居場所の一覧を直した",
    "release.file_taken": "公表した数字をファイルにした",
    "lab_file.asked": "研究用の回答ファイルを頼んだ",
    "lab_file.approved": "研究用の回答ファイルを二人目として認めた",
    "lab_file.refused": "研究用の回答ファイルを断った",
    "lab_file.taken": "研究用の回答ファイルを受け取った",
    "report.drafted": "通告の下書きを作った",
    "report.made": "通告した",
    "conference.opened": "会議を用意した",
    "conference.saved": "会議の記録を書いた",
    "conference.held": "会議の記録を確定した",
    "plan.saved": "支援プランの案を書いた",
    "plan.decided": "支援プランを決めた",
    "plan.row_moved": "支援プランの状況が変わった",
    "release.made": "集計を公表した",
    "notification.queued": "知らせを用意した",
    "record.erased": "記録を消去した",
    "hold.placed": "保全を指定した",
    "hold.lifted": "保全を解除した",
    "student.opted_out": "参加の希望を記録した",
    "notification.spread": "知らせの宛先を決めた",
    "notification.settled": "知らせを送り終えた",
    "staff.alerts_set": "知らせの受け取りを決めた",
    "case.lower_asked": "急ぎを下げる確認を頼んだ",
    "case.lowered": "急ぎを下げた",
    "case.restricted": "知る人を限った・戻した",
    "desk.coverage_listed": "担当の一覧を印刷した",
    "alerts.tested": "学校へ試しの知らせを送った",
    "alerts.heard": "試しの知らせが届いたことを確かめた",
    "memo.card_set": "気づきメモの札を作った・止めた",
    "memo.received": "気づきメモが届いた",
    "memo.acted": "気づきメモに対応した",
    "lock.begun": "学校の鍵の用意を始めた",
    "lock.sealed": "学校の鍵をかけた",
    "lock.rotated": "学校の鍵を取りかえた",
    "lock.opened": "学校の鍵をひらいた",
    "lock.refused": "学校の鍵の合言葉がちがった",
    "lock.closed": "学校の鍵をしめた",
    "lock.forgotten": "だれもひらけなくなった学校の鍵を捨てた",
    "lock.unlocker_asked": "学校の鍵をひらく人になりたいと申し出た",
    "lock.unlocker_added": "学校の鍵をひらく人を加えた",
    "lock.unlocker_removed": "学校の鍵をひらく人を外した",
    "backup.made": "バックアップを作った",
    "backup.drill_passed": "復元の訓練に合格した",
    "keys.rotated": "鍵を包み直した",
    "keys.renewed": "鍵を新しくした",
    "keys.forgotten": "前の鍵を捨てた",
    "access.reported": "閲覧記録の報告を出した",
    "access.many_opened": "一日に多くの件や名前が開かれた",
    "late.read": "終わったあとに届いた回答を読むと決めた",
    "late.left": "終わったあとに届いた回答を読まずに残すと決めた",
    "wave.key_renewed": "調査回の鍵を新しくした",
    "result.recomputed": "判定を計算し直した",
}
ACTORS: Mapping[str, str] = {"staff": "職員", "student": "児童生徒", "job": "自動の仕事", "terminal": "端末"}


def what(kind: str) -> str:
    """A kind of trail line in words; a kind from an older version is shown as it was stored."""
    return WORDS.get(kind, kind)


def who(actor_kind: str, actor_id: str, logins: Mapping[str, str]) -> str:
    """Who did it: the sign-in name of a member of staff; of a child only that it was one."""
    return logins.get(actor_id) or ACTORS.get(actor_kind, actor_kind)


ROLE_NAMES: Mapping[Role, str] = {
    Role.COUNSELOR: "相談員",
    Role.WELFARE: "こども福祉",
    Role.OFFICE: "学校事務",
    Role.OPERATOR: "運用",
    Role.HEAD: "管理職",
    Role.DUTY: "教育委員会の当番",
}
REQUEST_WORDS: Mapping[str, str] = {
    "entry": "サインインできないので、コードを出してほしい",
    "factor": "二つ目の確認をすべて外してほしい",
}


def colleague(
    person: Staff, grants: Sequence[Grant], second_factor: bool, schools: Mapping[str, str]
) -> dict[str, Any]:
    """One line of the list: who, what they may and where, how they sign in."""
    return {
        "id": person.id,
        "login": person.login,
        "name": person.name,
        "active": person.active,
        "second": second_factor,
        "seen": person.signed_in_on,
        "grants": [
            (row.id, ROLE_NAMES[Role(row.role)], schools.get(row.school_id or "", "市全体")) for row in grants
        ],
    }


def waiting(
    requests: Sequence[SecondPersonRequest], people: Sequence[Staff], me: str
) -> list[dict[str, Any]]:
    """What waits for a second person, and whether that may be the reader."""
    names = {person.id: f"{person.name}（{person.login}）" for person in people}
    return [
        {
            "id": row.id,
            "who": names[row.staff_id],
            "what": REQUEST_WORDS[row.kind],
            "asker": names.get(row.asked_by or "", "サインインの画面から"),
            "at": row.asked_at,
            "mine": me in (row.asked_by, row.staff_id),
        }
        for row in requests
    ]
