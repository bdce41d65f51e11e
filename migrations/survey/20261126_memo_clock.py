"""An urgent 気づきメモ has a clock: when it came, and which role it waits for. A hop may be about a memo of no school."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_memo_clock"
down_revision = "survey_lab_key"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.add_column(
        "notice_memos", sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
    )
    op.add_column("notice_memos", sa.Column("level", TEXT, nullable=False, server_default="onsite"))
    op.add_column("escalations", sa.Column("memo_id", TEXT, nullable=True))
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.alter_column("school_id", existing_type=TEXT, nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM escalations WHERE school_id IS NULL")
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.alter_column("school_id", existing_type=TEXT, nullable=False)
    op.drop_column("escalations", "memo_id")
    op.drop_column("notice_memos", "level")
    op.drop_column("notice_memos", "received_at")
