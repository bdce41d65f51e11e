"""The outbox gives back no order of arrival: SQLite's hidden row number goes."""

from alembic import op

revision = "survey_outbox_without_order"
down_revision = "survey_conferences"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rebuilt(with_rowid=False)


def downgrade() -> None:
    _rebuilt(with_rowid=True)


def _rebuilt(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        kwargs = {"sqlite_with_rowid": with_rowid}
        with op.batch_alter_table("notifications", recreate="always", table_kwargs=kwargs):
            pass
