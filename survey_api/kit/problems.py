"""What can be refused, each with one code, one status and one Japanese sentence that says what to do."""

from collections.abc import Sequence


class Problem(Exception):  # noqa: N818 - a refusal is named after what happened, not after Error
    """Something the caller asked for cannot be done; nothing was changed."""

    code = "problem"
    status = 400
    title = "この操作はできませんでした。"

    def __init__(self, detail: str | None = None, *, details: Sequence[str] = ()) -> None:
        self.detail = detail or self.title
        self.details = tuple(details)
        super().__init__(self.detail)


class NotFound(Problem):
    code = "not_found"
    status = 404
    title = "見つかりませんでした。アドレスか、担当の学校を確かめてください。"


class NotSignedIn(Problem):
    code = "not_signed_in"
    status = 401
    title = "サインインしてください。"


class OtherGo(NotSignedIn):
    """The page belongs to one child, the cookie to the next one on this tablet."""

    code = "other_go"
    title = "この画面は前の人のものです。自分のチケットをもう一度見せてください。"


class SignInAgain(NotSignedIn):
    """Signed in, but too long ago for changing how one signs in."""

    code = "sign_in_again"
    title = "確認のため、もう一度サインインしてください。"


class NotAllowed(Problem):
    code = "not_allowed"
    status = 403
    title = "この操作をする権限がありません。必要なときは市の管理者に頼んでください。"


class ForgedRequest(Problem):
    code = "forged_request"
    status = 403
    title = "画面が古いか、別のサイトから送られました。ページを開き直して、もう一度押してください。"


class WrongCredentials(Problem):
    code = "wrong_credentials"
    status = 403
    title = "IDかパスワードがちがいます。もう一度入れてください。"


class TooManyTries(Problem):
    code = "too_many_tries"
    status = 429
    title = "何度もまちがえたため、少し待ってからやり直してください。"

    def __init__(self, detail: str | None = None, *, seconds: int = 0) -> None:
        super().__init__(detail)
        self.seconds = seconds


class BadInput(Problem):
    code = "bad_input"
    status = 422
    title = "入力を確かめてください。"


class IllegalMove(Problem):
    code = "illegal_move"
    status = 409
    title = "今の状態からは、その操作はできません。"


class StaleForm(Problem):
    code = "stale_form"
    status = 409
    title = "ほかの人が先に変えました。新しい内容を確かめて、もう一度行ってください。"


class HeldByOther(Problem):
    code = "held_by_other"
    status = 409
    title = "今はほかの人が対応中です。"


class TicketUnknown(Problem):
    code = "ticket_unknown"
    status = 404
    title = "この番号は使えません。"


class TicketMistyped(TicketUnknown):
    """Not a number that was ever printed: the check digit does not fit."""

    code = "ticket_mistyped"
    title = "番号に打ちまちがいがあります。"


class TicketRevoked(TicketUnknown):
    """The pupil left the school, or another ticket took its place."""

    code = "ticket_revoked"
    title = "このチケットは使えなくなりました。"


class TicketSpent(Problem):
    code = "ticket_spent"
    status = 409
    title = "この番号の回答は、もう届いています。"


class HeldBack(Problem):
    """A child takes answers back while somebody has put a hold on them: said as it is, without a why."""

    code = "held_back"
    status = 409
    title = "いまは保全の指定があるため、消去できません。"


class WaveNotOpen(Problem):
    code = "wave_not_open"
    status = 409
    title = "今はアンケートの期間ではありません。"


class WaveClosed(WaveNotOpen):
    code = "wave_closed"
    title = "このアンケートは終わりました。"


class SubmissionDiffers(Problem):
    """Same client id, other content: the first stays."""

    code = "submission_differs"
    status = 409
    title = "先に届いた回答を残しました。"


class AnswersRefused(Problem):
    code = "answers_refused"
    status = 422
    title = "回答の形が正しくありません。"


class SealBroken(Problem):
    code = "seal_broken"
    status = 422
    title = "封をした回答を開けません。"


class Erased(Problem):
    """The key was destroyed on purpose: nobody can read it any more."""

    code = "erased"
    status = 410
    title = "この回答は消去されました。もう読むことはできません。"


class Busy(Problem):
    code = "busy"
    status = 503
    title = "混み合っています。少し待って、もう一度送ってください。"


class DatabaseUnavailable(Problem):
    code = "database_unavailable"
    status = 503
    title = "今は保存できません。少し待って、もう一度送ってください。"


class SchoolLocked(Problem):
    """Names and children's words of a school are sealed to its own key, and this session has not unlocked it."""

    code = "school_locked"
    status = 423
    title = "名前と子どもの書いたことばを開くには、この学校の鍵をひらいてください。"

    def __init__(
        self, detail: str | None = None, *, details: Sequence[str] = (), school_id: str = "", seconds: int = 0
    ) -> None:
        super().__init__(detail, details=details)
        self.school_id = school_id
        self.seconds = seconds


class KeyMissing(Problem):
    code = "key_missing"
    status = 503
    title = "鍵ファイルがないか、変わっています。運用担当者に伝えてください。"
