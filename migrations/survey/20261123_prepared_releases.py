"""A release waits, frozen and signed, for a second person."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_prepared_releases"
down_revision = "survey_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prepared_releases",
        sa.Column("wave_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("asked_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("ready_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("sentence", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("bundle", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_prepared_releases_wave_id_waves")),
        sa.PrimaryKeyConstraint("wave_id", name=op.f("pk_prepared_releases")),
    )


def downgrade() -> None:
    op.drop_table("prepared_releases")
