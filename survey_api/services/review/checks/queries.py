"""Draws and their sheets, in the actor's schools."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from survey_api.access.scope import Scope
from survey_api.kit.problems import NotFound
from survey_api.services.review.checks.rules import FOUND
from survey_api.tables.desk import CheckDraw, CheckItem
from survey_api.tables.schools import School
from survey_api.tables.waves import Wave
from survey_api.vocabulary import Label


@dataclass(frozen=True)
class Draw:
    """One draw and how far it is read."""

    id: str
    wave: str
    school: str
    seed: str
    population: int
    drawn_at: datetime
    items: tuple[CheckItem, ...]
    not_for_me: frozenset[str] = frozenset()
    """Results that this reader is not to see."""

    @property
    def read(self) -> int:
        return sum(item.label is not None for item in self.items)

    @property
    def found(self) -> int:
        """How many sheets somebody should have been called for."""
        return sum(item.label is not None and Label(item.label) in FOUND for item in self.items)

    @property
    def next_id(self) -> str | None:
        waiting = (one for one in self.items if one.label is None and one.result_id not in self.not_for_me)
        return next((item.id for item in waiting), None)


def draws(db: Session, scope: Scope, not_for_me: frozenset[str] = frozenset()) -> list[Draw]:
    """The draws of the actor's schools, newest first; the next sheet is never one of `not_for_me`."""
    rows = db.exec(
        select(CheckDraw, Wave.name, School.name)
        .join(Wave, col(Wave.id) == col(CheckDraw.wave_id))
        .join(School, col(School.id) == col(CheckDraw.school_id))
        .order_by(col(CheckDraw.drawn_at).desc())
    ).all()
    return [
        Draw(
            row.id,
            wave,
            school,
            row.seed,
            row.population,
            row.drawn_at,
            tuple(_items(db, row.id)),
            not_for_me,
        )
        for row, wave, school in rows
        if scope.covers(row.school_id)
    ]


def _items(db: Session, draw_id: str) -> Sequence[CheckItem]:
    return db.exec(
        select(CheckItem).where(CheckItem.draw_id == draw_id).order_by(col(CheckItem.position))
    ).all()


def is_drawn(db: Session, scope: Scope, wave_id: str, school_id: str) -> bool:
    """Whether a school's sheets of a wave were drawn from already."""
    scope.require(school_id)
    asked = select(CheckDraw.id).where(CheckDraw.wave_id == wave_id, CheckDraw.school_id == school_id)
    return db.exec(asked).first() is not None


def item_by_id(db: Session, scope: Scope, item_id: str) -> CheckItem:
    """One drawn sheet; NotFound outside the actor's schools."""
    item = db.get(CheckItem, item_id)
    if item is None or not scope.covers(item.school_id):
        raise NotFound
    return item


def wave_of(db: Session, scope: Scope, item: CheckItem) -> str:
    """The wave a drawn sheet is from."""
    scope.require(item.school_id)
    return db.get_one(CheckDraw, item.draw_id).wave_id
