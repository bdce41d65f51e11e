"""Certificates of what was erased, holds, the day a pupil left, and a guardian's wish."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_erasure"
down_revision = "survey_ticket_tries"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", TEXT(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("subject", TEXT(), nullable=False),
        sa.Column("sign", TEXT(), nullable=False),
        sa.Column("school_id", TEXT(), nullable=True),
        sa.Column("wave_id", TEXT(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("counts", TEXT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_certificates_subject"), "certificates", ["subject"], unique=False)
    op.create_table(
        "holds",
        sa.Column("id", TEXT(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("subject_id", TEXT(), nullable=False),
        sa.Column("school_id", TEXT(), nullable=True),
        sa.Column("placed_by", TEXT(), nullable=False),
        sa.Column("placed_at", MOMENT(), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.Column("lifted_by", TEXT(), nullable=True),
        sa.Column("lifted_at", MOMENT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.add_column("students", sa.Column("left_on", sa.Date(), nullable=True))
    op.add_column("students", sa.Column("opted_out_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("students", "opted_out_on")
    op.drop_column("students", "left_on")
    op.drop_table("holds")
    op.drop_index(op.f("ix_certificates_subject"), table_name="certificates")
    op.drop_table("certificates")
