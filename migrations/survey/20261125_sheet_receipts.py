"""Whoever receives a hand-over sheet answers with the number on the paper."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_sheet_receipts"
down_revision = "survey_own_desk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("referrals") as batch_op:
        batch_op.add_column(sa.Column("receipt_mac", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_referrals_receipt_mac"), ["receipt_mac"])


def downgrade() -> None:
    with op.batch_alter_table("referrals") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_referrals_receipt_mac"), type_="unique")
        batch_op.drop_column("receipt_mac")
