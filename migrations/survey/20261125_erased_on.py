"""The day a pupil's name and answers went, beside the day it left: case records are counted from the latter."""

import sqlalchemy as sa
from alembic import op

revision = "survey_erased_on"
down_revision = "survey_deliveries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("students", sa.Column("erased_on", sa.Date(), nullable=True))
    # Whoever was erased before has lost the day of leaving: their case records count from now, which is longer.
    op.execute(
        "UPDATE students SET erased_on = CURRENT_DATE, left_on = CURRENT_DATE "
        "WHERE left_on IS NULL AND sign LIKE '消去-%'"
    )


def downgrade() -> None:
    op.execute("UPDATE students SET left_on = NULL WHERE erased_on IS NOT NULL")
    op.drop_column("students", "erased_on")
