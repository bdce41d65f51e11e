"""Every table of the survey database, imported once, so that foreign keys always resolve.

Each entry point (app, jobs, terminal, migrations) imports METADATA from here.
"""

from survey_api.tables import (
    agencies,
    appointments,
    audit,
    cases,
    conferences,
    desk,
    erasure,
    instruments,
    locks,
    memos,
    notifications,
    plans,
    preferences,
    releases,
    reports,
    results,
    schools,
    sign_in,
    staff,
    submissions,
    waves,
)
from survey_api.tables.base import SurveyTable

METADATA = SurveyTable.metadata
TABLE_FILES = (
    agencies,
    appointments,
    audit,
    cases,
    conferences,
    erasure,
    desk,
    instruments,
    locks,
    memos,
    notifications,
    plans,
    preferences,
    releases,
    reports,
    results,
    schools,
    sign_in,
    staff,
    submissions,
    waves,
)
