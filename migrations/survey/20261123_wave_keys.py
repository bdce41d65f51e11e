"""A key pair per wave: what a tablet seals while it is offline can be opened by the service alone."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_0003_wave_keys"
down_revision = "survey_prepared_releases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wave_keys",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("wave_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_wave_keys_wave_id_waves")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave_keys")),
        sa.UniqueConstraint("wave_id", "number", name=op.f("uq_wave_keys_wave_id")),
    )


def downgrade() -> None:
    op.drop_table("wave_keys")
