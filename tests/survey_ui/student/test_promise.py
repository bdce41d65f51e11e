"""What the last page promises is what the desk's clocks keep, also when a city sets its own."""

from survey_api.services.review.clocks.rules import CLOCK_LIMITS, DEFAULT_CLOCKS, PROMISED_DAYS
from survey_ui.student.view import READ_WITHIN_SCHOOL_DAYS


def test_every_clock_of_the_desk_runs_out_before_the_promised_day() -> None:
    assert max(clock.act for clock in DEFAULT_CLOCKS.values()) <= READ_WITHIN_SCHOOL_DAYS
    assert PROMISED_DAYS == READ_WITHIN_SCHOOL_DAYS
    assert CLOCK_LIMITS["act"][2] <= READ_WITHIN_SCHOOL_DAYS
