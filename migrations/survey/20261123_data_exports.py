"""Who took released numbers away as a file, for what and for whom; the list only grows."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_data_exports"
down_revision = "survey_agencies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_exports",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("format", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("waves", sa.Integer(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recipient", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_exports")),
    )
    postgres = op.get_bind().dialect.name == "postgresql"
    for verb in ("UPDATE", "DELETE"):
        refuse = (
            "FOR EACH STATEMENT EXECUTE FUNCTION kizuki_refuse()"
            if postgres
            else "BEGIN SELECT RAISE(ABORT, 'this table only grows'); END"
        )
        op.execute(f"CREATE TRIGGER data_exports_no_{verb.lower()} BEFORE {verb} ON data_exports {refuse}")


def downgrade() -> None:
    op.drop_table("data_exports")
