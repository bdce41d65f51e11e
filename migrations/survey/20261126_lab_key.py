"""Answers for the lab are sealed to the lab's own public key, which the two people see before anything leaves."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_lab_key"
down_revision = "survey_one_case"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "lab_files",
        sa.Column(
            "recipient_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=sa.text("''")
        ),
    )


def downgrade() -> None:
    op.drop_column("lab_files", "recipient_key")
