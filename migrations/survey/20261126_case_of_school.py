"""One case per pupil, wave and school: who moves in the middle of a wave may have answered at both schools, and each
desk works on what its own school was told."""

import sqlalchemy as sa
from alembic import op

revision = "survey_case_of_school"
down_revision = "survey_memo_clock"
branch_labels = None
depends_on = None

ONE = "merged_into IS NULL"


def upgrade() -> None:
    _unique("pseudonym", "wave_id", "school_id", instead_of=("pseudonym", "wave_id"))


def downgrade() -> None:
    merge_schools(op.get_bind())
    _unique("pseudonym", "wave_id", instead_of=("pseudonym", "wave_id", "school_id"))


def _unique(*columns: str, instead_of: tuple[str, ...]) -> None:
    op.drop_index(f"uq_cases_{'_'.join(instead_of)}", table_name="cases")
    op.create_index(
        f"uq_cases_{'_'.join(columns)}",
        "cases",
        list(columns),
        unique=True,
        sqlite_where=sa.text(ONE),
        postgresql_where=sa.text(ONE),
    )


def merge_schools(connection: sa.Connection) -> None:
    """Of two schools' cases the first one goes on; the other stays, closed, to be read."""
    connection.execute(
        sa.text(
            "UPDATE cases SET state = 'closed', follow_up_on = NULL, merged_into = "
            "(SELECT MIN(first.id) FROM cases first WHERE first.pseudonym = cases.pseudonym "
            "AND first.wave_id = cases.wave_id AND first.merged_into IS NULL) "
            "WHERE merged_into IS NULL AND id > "
            "(SELECT MIN(first.id) FROM cases first WHERE first.pseudonym = cases.pseudonym "
            "AND first.wave_id = cases.wave_id AND first.merged_into IS NULL)"
        )
    )
