"""The lock of a school: key pairs, who can open them, where they are open."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_school_locks"
down_revision = "survey_sealed_sex"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "school_locks",
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("school_id", TEXT, nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("canary", sa.LargeBinary(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("complete_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_school_locks_school_id_schools")
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_school_locks")),
    )
    op.create_index(op.f("ix_school_locks_school_id"), "school_locks", ["school_id"])
    op.create_table(
        "unlockers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("school_id", TEXT, nullable=False),
        sa.Column("staff_id", TEXT, nullable=True),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("memory_kib", sa.Integer(), nullable=False),
        sa.Column("time_cost", sa.Integer(), nullable=False),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("wait_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_unlockers_school_id_schools")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_unlockers_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unlockers")),
    )
    op.create_index(op.f("ix_unlockers_school_id"), "unlockers", ["school_id"])
    op.create_index(op.f("ix_unlockers_staff_id"), "unlockers", ["staff_id"])
    op.create_table(
        "unlocker_keys",
        sa.Column("unlocker_id", TEXT, nullable=False),
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unlocker_id"],
            ["unlockers.id"],
            name=op.f("fk_unlocker_keys_unlocker_id_unlockers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["school_locks.key_id"],
            name=op.f("fk_unlocker_keys_key_id_school_locks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("unlocker_id", "key_id", name=op.f("pk_unlocker_keys")),
    )
    op.create_table(
        "open_locks",
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("unlocker_id", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_hash"],
            ["staff_sessions.token_hash"],
            name=op.f("fk_open_locks_token_hash_staff_sessions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["school_locks.key_id"],
            name=op.f("fk_open_locks_key_id_school_locks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", "key_id", name=op.f("pk_open_locks")),
    )


def downgrade() -> None:
    """Only for a city where no school has locked: what was sealed to a school cannot be unsealed here."""
    for table in ("open_locks", "unlocker_keys", "unlockers", "school_locks"):
        op.drop_table(table)
