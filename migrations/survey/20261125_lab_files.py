"""Answers without names leave for the lab by two people; who, what for and for whom is kept."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_lab_files"
down_revision = "survey_desk_deeds"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_TIME = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "lab_files",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("wave_id", _TEXT(), nullable=False),
        sa.Column("purpose", _TEXT(), nullable=False),
        sa.Column("recipient", _TEXT(), nullable=False),
        sa.Column("asked_by", _TEXT(), nullable=False),
        sa.Column("asked_at", _TIME(), nullable=False),
        sa.Column("state", _TEXT(), nullable=False),
        sa.Column("decided_by", _TEXT(), nullable=True),
        sa.Column("decided_at", _TIME(), nullable=True),
        sa.Column("taken_at", _TIME(), nullable=True),
        sa.Column("sha256", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_lab_files_wave_id_waves")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_files")),
    )


def downgrade() -> None:
    op.drop_table("lab_files")
