"""Who may do what, as one table to read. A role has the permissions of its line and no other."""

from collections.abc import Mapping
from enum import StrEnum

from survey_api.vocabulary import Role


class Permission(StrEnum):
    WORK_CASES = "work_cases"
    REVEAL_NAME = "reveal_name"
    HAND_OVER = "hand_over"
    OPEN_LOCK = "open_lock"
    LEAD_CASES = "lead_cases"
    TAKE_ESCALATIONS = "take_escalations"
    SET_CLOCKS = "set_clocks"
    HEAR_ALERTS = "hear_alerts"
    READ_AGGREGATES = "read_aggregates"
    MAKE_RELEASE = "make_release"
    APPROVE_RELEASE = "approve_release"
    EXPORT_FOR_LAB = "export_for_lab"
    APPROVE_LAB_FILE = "approve_lab_file"
    IMPORT_ROSTER = "import_roster"
    PLAN_WAVES = "plan_waves"
    PRINT_TICKETS = "print_tickets"
    SEE_PROGRESS = "see_progress"
    READ_BANKS = "read_banks"
    READ_DIRECTORY = "read_directory"
    MEET_ONLINE = "meet_online"
    KEEP_CONSENT = "keep_consent"
    KEEP_DIRECTORY = "keep_directory"
    MANAGE_STAFF = "manage_staff"
    READ_TRAIL = "read_trail"
    SEE_HEALTH = "see_health"
    RESET_PRACTICE = "reset_practice"


ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.WELFARE: frozenset(
        {
            Permission.READ_AGGREGATES,
            Permission.MAKE_RELEASE,
            Permission.APPROVE_RELEASE,
            Permission.READ_DIRECTORY,
            Permission.MEET_ONLINE,
        }
    ),
    Role.COUNSELOR: frozenset(
        {
            Permission.WORK_CASES,
            Permission.REVEAL_NAME,
            Permission.HAND_OVER,
            Permission.OPEN_LOCK,
            Permission.HEAR_ALERTS,
            Permission.READ_DIRECTORY,
            Permission.MEET_ONLINE,
        }
    ),
    Role.OFFICE: frozenset(
        {
            Permission.IMPORT_ROSTER,
            Permission.PLAN_WAVES,
            Permission.PRINT_TICKETS,
            Permission.OPEN_LOCK,
            Permission.SEE_PROGRESS,
            Permission.READ_BANKS,
            Permission.APPROVE_RELEASE,
            Permission.EXPORT_FOR_LAB,
            Permission.APPROVE_LAB_FILE,
            Permission.KEEP_CONSENT,
            Permission.KEEP_DIRECTORY,
            Permission.RESET_PRACTICE,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Permission.MANAGE_STAFF,
            Permission.READ_TRAIL,
            Permission.SEE_HEALTH,
            Permission.RESET_PRACTICE,
            Permission.APPROVE_LAB_FILE,
        }
    ),
    Role.HEAD: frozenset(
        {
            Permission.WORK_CASES,
            Permission.REVEAL_NAME,
            Permission.HAND_OVER,
            Permission.OPEN_LOCK,
            Permission.HEAR_ALERTS,
            Permission.LEAD_CASES,
            Permission.READ_DIRECTORY,
            Permission.MEET_ONLINE,
        }
    ),
    Role.DUTY: frozenset({Permission.TAKE_ESCALATIONS, Permission.SET_CLOCKS, Permission.HEAR_ALERTS}),
}

IN_WORDS: Mapping[Role, str] = {
    Role.COUNSELOR: "担当校の対応待ちを見て、話し、記録し、つなぐ。名前は理由を残して確かめる。集計は見ない。",
    Role.WELFARE: "保護された集計だけを見る。子ども一人の行は見ない。",
    Role.OFFICE: "名簿・調査回・チケット・進み具合。市の数字の公表を二人目として確かめる。名前のない研究用のファイルを、二人で、理由を残して出す。画面で回答も判定も見ない。",
    Role.OPERATOR: "利用者・監査の記録・動作の状態。研究用のファイルを二人目として確かめる。回答も名前も見ない。",
    Role.HEAD: "自校の対応待ちを相談担当のうしろで支え、終了の二人目になり、名前の閲覧と記録を確かめる。",
    Role.DUTY: "学校で動かなかった件を受けて学校を動かし、期限の決まりを定める。回答も名前も見ない。",
}
