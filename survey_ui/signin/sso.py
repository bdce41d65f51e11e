"""Sign in through the city's own service: away to it, and back."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_api.access import sso
from survey_api.access.sessions import SignInRefused
from survey_api.kit.problems import NotFound
from survey_api.settings import SsoService
from survey_api.web import cookies
from survey_api.web.deps import RuntimeDep
from survey_ui.signin.arrival import DOOR, go_on, inside, second_demanded, site

router = APIRouter(prefix="/signin/sso")


@router.get("/{service}")
def away(request: Request, runtime: RuntimeDep, service: str) -> Response:
    provider = _provider(runtime.settings.sso, service)
    back = inside(request.query_params.get("next", ""))
    with runtime.work(DOOR) as work:
        departure = sso.depart(work, provider, _came_to(request, service), back)
    response = RedirectResponse(departure.address, status_code=303)
    cookies.set_step_token(request, response, departure.token)
    return response


@router.get("/{service}/back")
def back(request: Request, runtime: RuntimeDep, service: str) -> Response:
    """The service sent the browser here with a code, good once."""
    provider = _provider(runtime.settings.sso, service)
    code, state = request.query_params.get("code", ""), request.query_params.get("state", "")
    with runtime.work(DOOR) as work:
        outcome, came_from = sso.arrive(
            work,
            provider,
            _came_to(request, service),
            cookies.step_token(request),
            code,
            state,
            demand_second=second_demanded(request),
        )
    if isinstance(outcome, SignInRefused):
        raise sso.SsoRefused
    return go_on(request, outcome, came_from)


def _came_to(request: Request, service: str) -> str:
    return f"{site(request).origin}/signin/sso/{service}/back"


def _provider(services: tuple[SsoService, ...], name: str) -> sso.Provider:
    for service in services:
        if service.name == name:
            return sso.Provider(**service.model_dump())
    raise NotFound
