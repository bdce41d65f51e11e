"""Sheets that came after the end of a wave wait for a person; when a wave ended; as whom pupils know who is at school."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_late_sheets"
down_revision = "survey_erased_on"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "late_sheets",
        sa.Column("id", text(), nullable=False),
        sa.Column("ticket_id", text(), nullable=False),
        sa.Column("wave_id", text(), nullable=False),
        sa.Column("school_id", text(), nullable=False),
        sa.Column("pseudonym", text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_late_sheets_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_late_sheets_wave_id_waves")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_late_sheets_school_id_schools")),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["students.pseudonym"], name=op.f("fk_late_sheets_pseudonym_students")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_sheets")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_late_sheets_ticket_id")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_late_sheets_school_id"), "late_sheets", ["school_id"])
    op.create_index(op.f("ix_late_sheets_pseudonym"), "late_sheets", ["pseudonym"])
    op.add_column("waves", sa.Column("closed_at", moment(), nullable=True))
    op.add_column("on_site", sa.Column("talks_as", text(), nullable=False, server_default="counselor"))


def downgrade() -> None:
    op.drop_column("on_site", "talks_as")
    op.drop_column("waves", "closed_at")
    op.drop_table("late_sheets")
