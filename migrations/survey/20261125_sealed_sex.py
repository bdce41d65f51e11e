"""A roster may say who is a girl and who a boy; it is kept sealed, for the city's tables only."""

import sqlalchemy as sa
from alembic import op

revision = "survey_sealed_sex"
down_revision = "survey_late_sheets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("students", sa.Column("sealed_sex", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("students", "sealed_sex")
