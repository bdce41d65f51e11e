"""More simulated pupils answer a wave that is open now, at a service that is already running."""

import asyncio
from datetime import datetime

from scoring.lab.simulator import SimulatedPupil
from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.kit.problems import BadInput
from survey_api.practice.children import Children, with_reference
from survey_api.practice.load import BANK_NAMES, BANKS, OFFICE, Progress, print_all
from survey_api.practice.tablets import answer_all
from survey_api.runtime import Runtime
from survey_api.services.students import queries as students_queries
from survey_api.services.waves import queries as waves_queries
from survey_api.vocabulary import WaveState


def answer_open_wave(runtime: Runtime, address: str, progress: Progress, *, seed: int, share: float) -> int:
    """This share of the pupils who have not sent yet answer now; returns how many. BadInput without a wave.

    Their tickets are printed anew, so what was on paper for the open wave no longer opens anything.
    """
    today = datetime.now(SCHOOL_ZONE).date()
    with runtime.reading() as db:
        open_now = [wave for wave in waves_queries.waves(db) if wave.state == WaveState.OPEN]
        students = students_queries.all_students(db, Scope.of(OFFICE, Permission.PRINT_TICKETS))
    due = [wave for wave in open_now if wave.opens_on <= today <= wave.closes_on]
    if not due:
        raise BadInput(
            "今日、実施中の調査回がありません。学校事務の画面で始めてから、もう一度試してください。"
        )
    pupils = {each.pseudonym: SimulatedPupil(each.pseudonym, each.grade) for each in students if each.active}
    children = Children({name: with_reference(BANKS / name) for name in BANK_NAMES}, pupils, seed)
    cards = {card.pseudonym: card for card in print_all(runtime, due[0].id, "チケットを作る", progress)}
    bodies = children.next_wave(cards)
    answering = children.who_answers(cards, share)
    sheets = [(cards[pseudonym].secret, bodies[pseudonym]) for pseudonym in answering]
    asyncio.run(answer_all(address, sheets, lambda done: progress("答える", done, len(sheets))))
    return len(sheets)
