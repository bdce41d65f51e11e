"""Jinja as this house uses it: strict, autoescaping, one folder per door."""

from collections.abc import Collection
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from survey_api.access.permissions import Permission
from survey_api.access.policy import may
from survey_api.kit.actor import Actor
from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.services.banks.phrases import break_places
from survey_api.services.banks.ruby import plain, segments
from survey_api.services.preferences.rules import PLAIN
from survey_ui.shell import assets
from survey_ui.shell.child_words import Both

DOORS = ("shell", "student", "counselor", "welfare", "office", "operator", "signin", "memo")
DOORS_FOLDER = Path(__file__).resolve().parents[1]
WEEKDAYS = "月火水木金土日"


def _environment() -> Environment:
    env = Environment(
        loader=PrefixLoader({door: FileSystemLoader(DOORS_FOLDER / door / "templates") for door in DOORS}),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["asset"] = assets.address
    env.globals["icon_data"] = assets.icon_data
    env.globals["inline_css"] = lambda: Markup(assets.inline("student.css"))  # noqa: S704 - our own file
    env.filters["ruby"] = _as_read
    env.filters["in_form"] = _in_form
    env.filters["in_japanese"] = _in_japanese
    env.filters["own_name"] = ruby
    env.filters["bare"] = plain
    env.filters["svg"] = Markup  # only for drawings this service made itself
    env.filters["day"] = day
    env.filters["day_time"] = day_time
    return env


BREAK = Markup("<wbr>")
JOIN = "\N{WORD JOINER}"
"""Before a reading within a word: word-break: keep-all does not keep a line from breaking there (Chromium)."""


def ruby(text: str, shown: bool = True, breaks: Collection[int] = (), spaced: bool | None = None) -> Markup:
    """漢字《かんじ》 → ruby elements; with shown=False the readings are left out of the page.

    `breaks`: places in the plain sentence where a line may break; `spaced`: a space stands there, or only a
    place to break; None leaves the spaces of the text as they are. A screen reader hears each word once: the
    readings are hidden from it.
    """
    parts: list[Markup] = []
    gap, at = (Markup(" ") if spaced else BREAK), 0
    for base, reading in segments(text):
        if at in breaks and at:
            parts.append(gap)
        elif reading and shown and parts and parts[-1][-1:].isalnum():
            parts.append(Markup(JOIN))  # noqa: S704 - one character
        if reading and shown:
            parts.append(Markup('<ruby>{}<rt aria-hidden="true">{}</rt></ruby>').format(base, reading))
        else:
            run = _broken(base, at, breaks, gap)
            parts.append(run.replace(" ", BREAK) if spaced is False else run)
        at += len(base)
    return Markup("").join(parts)


def _broken(base: str, at: int, breaks: Collection[int], gap: Markup) -> Markup:
    cuts = [place - at for place in breaks if at < place < at + len(base)]
    pieces = [base[start:end] for start, end in pairwise([0, *cuts, len(base)])]
    return gap.join(escape(piece) for piece in pieces)


@pass_context
def _in_form(context: Context, text: str, spaced: bool) -> Markup:
    """A sentence with or without spaces, whatever the child chose: the sample beside the switches."""
    reading = context["reading"]
    return ruby(text, True, reading.breaks(text), spaced) if reading.japanese else escape(text)


def _in_japanese(text: str) -> Markup:
    """A Japanese sentence on a page in another language."""
    return ruby(text, True, break_places(text))


@pass_context
def _as_read(context: Context, text: str, shown: bool = True) -> Markup:
    """The filter of the templates: as the child of this page reads, or plainly where nobody is known."""
    reading = context.get("reading")
    if reading is None:
        return ruby(text, shown)
    if not reading.japanese:
        return _beneath(text, shown) if isinstance(text, Both) else escape(text)
    return ruby(text, shown, reading.breaks(text), reading.spaced)


def _beneath(text: Both, shown: bool) -> Markup:
    """A sentence and, under it, the same in Japanese."""
    japanese = ruby(text.japanese, shown, break_places(text.japanese))
    return Markup('{}<span class="under" lang="ja">{}</span>').format(str(text), japanese)


def day(value: date | None) -> str:
    """11月23日(月)"""
    return f"{value.month}月{value.day}日({WEEKDAYS[value.weekday()]})" if value else ""


def day_time(value: datetime) -> str:
    local = value.astimezone(SCHOOL_ZONE)
    return f"{day(local.date())} {local:%H:%M}"


ENVIRONMENT = _environment()


def page(
    request: Request, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HTMLResponse:
    """Render a page. The request's signed-in actor and CSRF token, when there are any, are in reach."""
    actor: Actor | None = getattr(request.state, "actor", None)
    known = {
        "practice": request.app.state.runtime.settings.mode == "practice",
        "actor": actor,
        "csrf": getattr(request.state, "csrf", ""),
        "path": request.url.path,
        "look": getattr(request.state, "look", PLAIN),
        "may_reset": actor is not None and may(actor, Permission.RESET_PRACTICE),
    }
    html = ENVIRONMENT.get_template(template).render({**known, **(context or {})})
    return HTMLResponse(html, status_code=status)
