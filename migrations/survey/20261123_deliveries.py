"""How notifications leave, who is told where; memos of people who notice something."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_deliveries"
down_revision = "survey_outbox_without_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.add_column(
        "notifications", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "deliveries",
        sa.Column("id", text(), nullable=False),
        sa.Column("notification_id", text(), nullable=False),
        sa.Column("channel", text(), nullable=False),
        sa.Column("reaches", text(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", moment(), nullable=False),
        sa.Column("said", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_deliveries_notification_id_notifications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "notification_id",
            "channel",
            "reaches",
            name=op.f("uq_deliveries_notification_id"),
        ),
    )
    op.create_index(op.f("ix_deliveries_notification_id"), "deliveries", ["notification_id"])
    op.create_table(
        "alert_addresses",
        sa.Column("staff_id", text(), nullable=False),
        sa.Column("email", text(), nullable=False),
        sa.Column("mute_usual", sa.Boolean(), nullable=False),
        sa.Column("mute_urgent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_alert_addresses_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_alert_addresses")),
    )
    op.create_table(
        "memo_cards",
        sa.Column("id", text(), nullable=False),
        sa.Column("label", text(), nullable=False),
        sa.Column("mac", text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("made_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memo_cards")),
        sa.UniqueConstraint("mac", name=op.f("uq_memo_cards_mac")),
    )
    op.create_table(
        "notice_memos",
        sa.Column("id", text(), nullable=False),
        sa.Column("card_id", text(), nullable=False),
        sa.Column("school_id", text(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("receipt_mac", text(), nullable=False),
        sa.Column("case_id", text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["memo_cards.id"], name=op.f("fk_notice_memos_card_id_memo_cards")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notice_memos_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_notice_memos_school_id_schools")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_memos")),
        sa.UniqueConstraint("receipt_mac", name=op.f("uq_notice_memos_receipt_mac")),
    )
    op.create_index(op.f("ix_notice_memos_school_id"), "notice_memos", ["school_id"])


def downgrade() -> None:
    for table in ("notice_memos", "memo_cards", "alert_addresses", "deliveries"):
        op.drop_table(table)
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.drop_column("urgent")
