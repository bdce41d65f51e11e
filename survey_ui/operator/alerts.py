"""The outbox as the operator sees it: what is set up, what left, what failed, and a button that tries it."""

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.jobs.notifications import send_waiting
from survey_api.kit.actor import Actor
from survey_api.kit.ids import new_id
from survey_api.services.notifications import actions, queries, rules
from survey_api.services.students import queries as students_queries
from survey_api.vocabulary import Channel, DeliveryState, NotificationKind
from survey_api.web.deps import ReadDep, RuntimeDep, WorkDep
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter(prefix="/alerts")
SHOWN = 20

CHANNELS = {Channel.EMAIL: "メール", Channel.WEBHOOK: "Webhook"}
STATES = {
    DeliveryState.WAITING: "待っている",
    DeliveryState.LEAVING: "送っている",
    DeliveryState.SENT: "送った",
    DeliveryState.GIVEN_UP: "あきらめた",
}
SAID = {
    "no_connection": "つながりません。アドレスとポート、ファイアウォールを確かめてください。",
    "sign_in_refused": "サーバーが接続を断りました。利用者名・パスワード・STARTTLSを確かめてください。",
    "refused": "サーバーがこの宛先か差出人を断りました。",
    "no_answer": "返事がありません。届いたか分からないため、もう一度は送りません。",
    "not_public": "外に出られない宛先です。庁内のときは KIZUKI_WEBHOOK_INSIDE_HOSTS に名前を入れてください。",
    "not_encrypted": "https ではありません。",
    "address_wrong": "アドレスの形がちがいます。",
    "name_unknown": "サーバーの名前が見つかりません。",
    "not_set_up": "メールサーバーか宛先が設定されていません。",
}


@router.get("")
def alerts(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.SEE_HEALTH)
) -> Response:
    counts = queries.outbox(db)
    context = {
        "mail": bool(runtime.settings.smtp_host),
        "webhook": bool(runtime.settings.webhook_url),
        "counts": [
            (CHANNELS[channel], STATES[state], counts.get((channel, state), 0))
            for channel in CHANNELS
            for state in STATES
        ],
        "failures": [
            (CHANNELS[Channel(channel)], SAID.get(code, code))
            for channel, code in queries.last_failures(db, SHOWN)
        ],
        "mine": queries.address_of(db, actor.id),
        "usual_again": [int(wait.total_seconds() // 60) for wait in rules.AGAIN_AFTER],
    }
    return page(request, "operator/alerts.html", context)


@router.post("/test")
def try_alert(
    runtime: RuntimeDep, work: WorkDep, form: StaffForm, actor: Actor = enter(Permission.SEE_HEALTH)
) -> Response:
    """A real notification to the operators' own addresses and the webhook; it leaves right after this answer."""
    schools = students_queries.schools(work.db)
    if schools:
        school_id, event = schools[0].id, new_id()
        actions.queue(
            work, NotificationKind.TEST, school_id=school_id, subject_id=actor.id, event_key=f"test|{event}"
        )
    task = BackgroundTask(send_waiting, runtime)
    return RedirectResponse("/operator/alerts", status_code=303, background=task)


@router.post("/mine")
def my_address(work: WorkDep, form: StaffForm, actor: Actor = enter(Permission.SEE_HEALTH)) -> Response:
    actions.keep_address(work, text_of(form, "email", 254), mute_usual=False, mute_urgent=False)
    return RedirectResponse("/operator/alerts", status_code=303)
