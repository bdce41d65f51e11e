"""The directory of who helps; a hand-over sheet knows how it was given and when it should be answered."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_agencies"
down_revision = "survey_reading"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "agencies",
        sa.Column("id", text(), nullable=False),
        *(sa.Column(name, text(), nullable=False) for name in ("name", "kind", "area", "address", "hours")),
        sa.Column("age_from", sa.Integer(), nullable=False),
        sa.Column("age_to", sa.Integer(), nullable=False),
        *(
            sa.Column(name, text(), nullable=False)
            for name in ("cost", "how_to_join", "alone", "transport", "languages", "phone", "staff_phone")
        ),
        sa.Column("takes_sheets", sa.Boolean(), nullable=False),
        sa.Column("reply_days", sa.Integer(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agencies")),
        sa.UniqueConstraint("name", name=op.f("uq_agencies_name")),
    )
    op.add_column("referrals", sa.Column("mode", text(), nullable=False, server_default="refer"))
    op.add_column("referrals", sa.Column("acknowledge_by", sa.Date(), nullable=True))
    op.add_column("referrals", sa.Column("replied_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("referrals", schema=None) as batch_op:
        for name in ("mode", "acknowledge_by", "replied_on"):
            batch_op.drop_column(name)
    op.drop_table("agencies")
