"""What the last page promises is what the desk's clocks keep."""

from survey_api.services.review.rules import DUE_IN_SCHOOL_DAYS
from survey_ui.student.view import READ_WITHIN_SCHOOL_DAYS


def test_every_clock_of_the_desk_runs_out_before_the_promised_day() -> None:
    assert max(DUE_IN_SCHOOL_DAYS.values()) <= READ_WITHIN_SCHOOL_DAYS
