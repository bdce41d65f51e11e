"""Wrong ticket numbers are counted where every worker sees them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_ticket_tries"
down_revision = "survey_data_exports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket_tries",
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("last_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_ticket_tries")),
    )


def downgrade() -> None:
    op.drop_table("ticket_tries")
