"""Which draft translations a wave offers, and where the lines of a published bank may break."""

import sqlalchemy as sa
from alembic import op

revision = "survey_reading"
down_revision = "survey_sign_in"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("waves", sa.Column("draft_languages", sa.String(), nullable=False, server_default=""))
    op.add_column("bank_versions", sa.Column("phrases", sa.String(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("bank_versions", "phrases")
    op.drop_column("waves", "draft_languages")
