"""Jinja as this house uses it: strict, autoescaping, one folder per door."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.services.banks.ruby import segments
from survey_ui.shell import assets

DOORS = ("shell", "student", "counselor", "welfare", "office", "operator", "signin")
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
    env.globals["inline_css"] = lambda: Markup(assets.inline("student.css"))  # noqa: S704 - our own file
    env.filters["ruby"] = ruby
    env.filters["svg"] = Markup  # only for drawings this service made itself
    env.filters["day"] = day
    env.filters["day_time"] = day_time
    return env


def ruby(text: str, shown: bool = True) -> Markup:
    """漢字《かんじ》 → ruby elements; with shown=False the readings are left out of the page."""
    parts = []
    for base, reading in segments(text):
        if reading and shown:
            parts.append(Markup("<ruby>{}<rt>{}</rt></ruby>").format(base, reading))
        else:
            parts.append(escape(base))
    return Markup("").join(parts)


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
    known = {
        "practice": request.app.state.runtime.settings.mode == "practice",
        "actor": getattr(request.state, "actor", None),
        "csrf": getattr(request.state, "csrf", ""),
        "path": request.url.path,
    }
    html = ENVIRONMENT.get_template(template).render({**known, **(context or {})})
    return HTMLResponse(html, status_code=status)
