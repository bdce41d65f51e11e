"""Cards for 気づきメモ: the office gives them out, and takes back those that were lost."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access.permissions import Permission
from survey_api.kit.actor import Actor
from survey_api.services.memos import actions, queries, rules
from survey_api.web.deps import ReadDep, WorkDep
from survey_ui.shell.forms import StaffForm, text_of
from survey_ui.shell.guards import enter
from survey_ui.shell.templating import page

router = APIRouter(prefix="/memo-cards")


@router.get("")
def cards(request: Request, db: ReadDep, actor: Actor = enter(Permission.KEEP_DIRECTORY)) -> Response:
    return page(request, "office/memo_cards.html", {"cards": queries.cards(db), "made": None})


@router.post("")
def give(
    request: Request, work: WorkDep, form: StaffForm, actor: Actor = enter(Permission.KEEP_DIRECTORY)
) -> Response:
    """A new card; its number stands on this one answer only."""
    label = text_of(form, "label", 200)
    made = (label, rules.spoken(actions.give_card(work, label)))
    return page(request, "office/memo_cards.html", {"cards": queries.cards(work.db), "made": made})


@router.post("/{card_id}/stop")
def stop(
    card_id: str, work: WorkDep, form: StaffForm, actor: Actor = enter(Permission.KEEP_DIRECTORY)
) -> Response:
    actions.take_card_back(work, card_id)
    return RedirectResponse("/office/memo-cards", status_code=303)
