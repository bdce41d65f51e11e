"""A key for each child's answers of a wave, so that they can be made unreadable one by one."""

import sqlalchemy as sa
from alembic import op

revision = "survey_answer_keys"
down_revision = "survey_0003_wave_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_keys",
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("wave_id", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", "wave_id", name=op.f("pk_answer_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_answer_keys_wave_id"), "answer_keys", ["wave_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_answer_keys_wave_id"), table_name="answer_keys")
    op.drop_table("answer_keys")
