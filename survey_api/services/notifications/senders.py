"""The two ways out: mail by the city's SMTP server, and a signed webhook. Neither carries anything of a child."""

import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from survey_api.kit.outside import TIMEOUT, NotReachable, checked_target, post
from survey_api.services.notifications.queries import Due
from survey_api.services.notifications.rules import body_words, subject_words


@dataclass(frozen=True)
class MailServer:
    """The city's SMTP server; an empty host means that there is none."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    starttls: bool = True


@dataclass(frozen=True)
class Webhook:
    """The city's own receiver; an empty address means that there is none."""

    url: str
    secret: str
    inside_hosts: Collection[str] = ()


def send_mail(server: MailServer, delivery: Due, address: str, now: datetime) -> None:
    """One mail to one person. NotReachable with a code when it did not leave."""
    message = EmailMessage()
    message["Subject"] = subject_words(delivery.urgent)
    message["From"], message["To"] = server.sender, delivery.email
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{delivery.id}@kizuki>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body_words(delivery.kind, address))
    try:
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    except (OSError, smtplib.SMTPException) as failed:
        raise NotReachable("no_connection", certain=True) from failed
    with smtp:
        _open(smtp, server)
        try:
            smtp.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
            raise NotReachable("refused", certain=True) from refused
        except (OSError, smtplib.SMTPException) as failed:
            raise NotReachable("no_answer", certain=False) from failed


def _open(smtp: smtplib.SMTP, server: MailServer) -> None:
    try:
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
    except (OSError, smtplib.SMTPException) as failed:
        raise NotReachable("sign_in_refused", certain=True) from failed


def call_webhook(webhook: Webhook, delivery: Due, now: datetime) -> None:
    """One signed POST. The receiver checks the signature and drops an id it has seen."""
    body = json.dumps(
        {
            "id": delivery.id,
            "event": str(delivery.kind),
            "urgent": delivery.urgent,
            "sent_at": now.isoformat(),
        },
        sort_keys=True,
    ).encode()
    moment = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "kizuki",
        "X-Kizuki-Id": delivery.id,
        "X-Kizuki-Timestamp": moment,
        "X-Kizuki-Signature": signature(webhook.secret, moment, body),
    }
    status = post(checked_target(webhook.url, webhook.inside_hosts), body, headers)
    if not 200 <= status < 300:
        raise NotReachable(f"status_{status}", certain=True)


def signature(secret: str, moment: str, body: bytes) -> str:
    """v1=HMAC-SHA256(secret, timestamp.body), as hexadecimal."""
    return "v1=" + hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
