"""A case: its reviewer, being called less urgent by two, known to few. Test alerts of a school."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_desk_deeds"
down_revision = "survey_sheet_receipts"
branch_labels = None
depends_on = None

TEXTS = ("reviewer_id", "lowering_by", "lowering_to")


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("cases", sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("cases", sa.Column("restricted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "alert_tests",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("school_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("heard_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("heard_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_alert_tests_school_id_schools")),
        sa.ForeignKeyConstraint(["sent_by"], ["staff.id"], name=op.f("fk_alert_tests_sent_by_staff")),
        sa.ForeignKeyConstraint(["heard_by"], ["staff.id"], name=op.f("fk_alert_tests_heard_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_tests")),
    )
    with op.batch_alter_table("alert_tests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_tests_school_id"), ["school_id"], unique=False)


def downgrade() -> None:
    op.drop_table("alert_tests")
    op.drop_column("cases", "restricted")
    for name in reversed(TEXTS):
        op.drop_column("cases", name)
