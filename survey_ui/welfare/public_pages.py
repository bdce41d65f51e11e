"""What everybody may read without signing in: how the numbers are made, what is asked, and the release plan."""

from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.kit.problems import NotFound
from survey_api.runtime import Runtime
from survey_api.services.banks import queries as banks_queries
from survey_api.services.insights import limits, plan_words, released
from survey_api.services.insights.outcomes import SKIP, WAITING
from survey_api.web.deps import ReadDep, RuntimeDep
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page
from survey_ui.welfare import method_view, outcome_view

router = APIRouter()
WIDE = 10
"""An interval wider than this many percent says little, and the page says so."""


@router.get("/welfare/method")
def method(
    request: Request, runtime: RuntimeDep, db: ReadDep, actor: Actor = enter(Permission.READ_AGGREGATES)
) -> Response:
    """How the numbers are made and what they cannot say."""
    return page(request, "welfare/method.html", _method(runtime, db))


@router.get("/method")
def public_method(request: Request, runtime: RuntimeDep, db: ReadDep) -> Response:
    """The same page for everybody."""
    return page(request, "welfare/method.html", _method(runtime, db))


@router.get("/method/{bank}")
def bank(request: Request, db: ReadDep, bank: str) -> Response:
    """One question bank: every question, every rule with its threshold and its source."""
    row = next((one for one in banks_queries.newest_versions(db) if one.bank == bank), None)
    if row is None:
        raise NotFound
    loaded = banks_queries.published(db, row.sha256)
    context = {
        "title": method_view.BANK_WORDS[row.bank],
        "version": row.version,
        "sha256": row.sha256,
        "questions": method_view.questions(loaded),
        "rules": method_view.rules(loaded),
    }
    return page(request, "welfare/bank.html", context)


@router.get("/plan")
def plan(request: Request, db: ReadDep, wave: str = "") -> Response:
    """Which groups of children are counted together, fixed before anybody answers."""
    plans = released.plans(db)
    chosen = next((one for one in plans if one.wave_id == wave), None) if wave else next(iter(plans), None)
    if wave and chosen is None:
        raise NotFound
    parts = method_view.plan_parts(chosen.plan) if chosen else ()
    context = {
        "rule": plan_words.RULE,
        "limits": limits,
        "plans": plans,
        "chosen": chosen,
        "parts": parts,
        "digest": chosen.plan.digest() if chosen else "",
    }
    return page(request, "welfare/plan.html", context)


def _one_of_many(measure: str) -> bool:
    """Measures that there are many of (one per question, one per school) are told once, not one by one."""
    return measure.startswith((f"{SKIP}-", f"{WAITING}-"))


def _method(runtime: Runtime, db: Session) -> dict[str, Any]:
    waves = released.released_waves(db, runtime.keys)
    newest = waves[-1] if waves else None
    return {
        "rule": plan_words.RULE,
        "wave": newest,
        "notes": newest.release.table.indicators if newest else (),
        "measures": [one for one in newest.release.table.measures if not _one_of_many(one.id)]
        if newest
        else (),
        "missed": (miss := outcome_view.missed(waves)),
        "few": miss is not None and miss.high - miss.low > WIDE,
        "limits": limits,
        "banks": [
            (row.bank, method_view.BANK_WORDS[row.bank], row.version)
            for row in banks_queries.newest_versions(db)
        ],
    }
