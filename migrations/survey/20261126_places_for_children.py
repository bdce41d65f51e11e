"""What a child reads about a place on its last page."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "survey_places_for_children"
down_revision = "survey_lab_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agencies") as batch_op:
        batch_op.add_column(
            sa.Column("for_children", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
        )


def downgrade() -> None:
    with op.batch_alter_table("agencies") as batch_op:
        batch_op.drop_column("for_children")
