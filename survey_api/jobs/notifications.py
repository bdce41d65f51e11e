"""Let what waits in the outbox leave: claimed and committed first, then sent, then settled. Safe to run twice."""

from datetime import datetime

from survey_api.journeys.meet_online import remind_hours
from survey_api.journeys.remind_late import remind_late
from survey_api.kit.actor import Actor
from survey_api.kit.log import log
from survey_api.kit.outside import NotReachable
from survey_api.runtime import Runtime
from survey_api.services.notifications import actions, queries
from survey_api.services.notifications.queries import Due
from survey_api.services.notifications.senders import MailServer, Webhook, call_webhook, send_mail
from survey_api.settings import Settings
from survey_api.vocabulary import Channel

ACTOR = Actor.job("notifications")


def send_waiting(runtime: Runtime) -> int:
    """Returns how many deliveries left. Without a mail server and webhook everything waits."""
    settings = runtime.settings
    if not (settings.smtp_host or settings.webhook_url):
        return 0
    with runtime.work(ACTOR) as work:
        actions.spread(work, mail=bool(settings.smtp_host), webhook=bool(settings.webhook_url))
    with runtime.reading() as db:
        waiting = queries.due(db, runtime.clock.now())
    return sum(_leave(runtime, delivery) for delivery in waiting)


def _leave(runtime: Runtime, delivery: Due) -> bool:
    with runtime.work(ACTOR) as work:
        if not actions.take(work, delivery):
            return False
    code, certain = "", True
    try:
        _send(runtime.settings, delivery, runtime.clock.now())
    except NotReachable as failed:
        code, certain = failed.code, failed.certain
        log().warning("delivery", channel=delivery.channel, code=code)
    with runtime.work(ACTOR) as work:
        actions.settle(work, delivery, code, certain=certain)
    return not code


def _send(settings: Settings, delivery: Due, now: datetime) -> None:
    if delivery.channel == Channel.EMAIL:
        if not settings.smtp_host or not delivery.email:
            raise NotReachable("not_set_up", certain=True)
        send_mail(mail_server(settings), delivery, settings.address, now)
        return
    inside = frozenset(filter(None, settings.webhook_inside_hosts.split(",")))
    call_webhook(
        Webhook(settings.webhook_url, settings.webhook_secret.get_secret_value(), inside), delivery, now
    )


def mail_server(settings: Settings) -> MailServer:
    """The mail server of the settings."""
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_from,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        settings.smtp_starttls,
    )


def remind(runtime: Runtime) -> int:
    """Say what others have promised and not done."""
    with runtime.work(ACTOR) as work:
        return remind_late(work) + remind_hours(work)
