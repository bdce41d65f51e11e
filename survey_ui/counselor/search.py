"""さがす: by sign, day, concern and state, ended cases too. By a child's words only with a purpose that is written down.

By name nobody searches: the vault answers who a case is, never which case a name has.
"""

import unicodedata
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from survey_api.journeys import search_cases
from survey_api.journeys.search_cases import Asked
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.banks.reading import CONCERN_WORDS
from survey_api.services.review.rules import STATE_WORDS
from survey_api.vocabulary import CaseState, SearchPurpose
from survey_ui.counselor import words
from survey_ui.counselor.door import CaseWork
from survey_ui.counselor.filters import CONCERNS
from survey_ui.counselor.saying import group_words
from survey_ui.shell.forms import StaffForm, day_of, text_of
from survey_ui.shell.templating import page

router = APIRouter(prefix="/counselor/search")

PURPOSES = {
    SearchPurpose.SAFETY: "本人の安全を確かめるため",
    SearchPurpose.HANDED_OVER: "つなぎ先・会議から聞かれたため",
    SearchPurpose.SAME_PLACE: "同じ出来事を書いた子どもがほかにいるか確かめるため",
}


@dataclass(frozen=True)
class Typed:
    """The form as it was typed."""

    sign: str = ""
    first_on: str = ""
    last_on: str = ""
    concern: str = ""
    state: str = ""
    said: str = ""
    purpose: str = ""


@router.get("")
def form(request: Request, work: CaseWork) -> Response:
    return _page(request, work, Typed(), None)


@router.post("")
def search(request: Request, work: CaseWork, form: StaffForm) -> Response:
    """The terms travel in the form: no address and no log line ever holds them."""
    typed = Typed(**{name: text_of(form, name, 40) for name in vars(Typed())})
    try:
        found = search_cases.search_cases(work, _asked(form, typed))
    except BadInput as refusal:
        return _page(request, work, typed, None, refusal)
    return _page(request, work, typed, found)


def _asked(form: FormData, typed: Typed) -> Asked:
    sign = unicodedata.normalize("NFKC", typed.sign).replace("ー", "-").replace("−", "-").replace("‐", "-")
    return Asked(
        sign,
        day_of(typed.first_on, "できた日(から)"),
        day_of(typed.last_on, "できた日(まで)"),
        typed.concern if typed.concern in CONCERNS else "",
        typed.state,
        typed.said,
        typed.purpose,
    )


def _page(
    request: Request, work: Work, typed: Typed, found: Any, refusal: BadInput | None = None
) -> Response:
    context = {
        "typed": typed,
        "rows": None
        if found is None
        else [
            (
                case,
                words.URGENCY[case.urgency],
                STATE_WORDS[case.state],
                group_words(case.grade, case.class_name),
            )
            for case in found
        ],
        "concerns": [(code, CONCERN_WORDS[code]) for code in CONCERNS],
        "states": [("open", "終了していない"), *((str(state), STATE_WORDS[state]) for state in CaseState)],
        "purposes": PURPOSES,
        "most": search_cases.MOST,
        "refusal": refusal,
    }
    return page(request, "counselor/search.html", context, status=422 if refusal else 200)
