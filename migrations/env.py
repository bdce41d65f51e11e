"""Run the migrations of one of the two databases, chosen by the ini section; fails fast on a lock."""

from alembic import context
from sqlalchemy import text

from survey_api.kit.db import make_engine
from survey_api.tables.metadata import METADATA
from survey_api.vault.tables import VAULT_METADATA

config = context.config
section = config.config_ini_section
metadata = {"survey": METADATA, "vault": VAULT_METADATA}[section]


def run() -> None:
    engine = make_engine(config.get_section_option(section, "url"), read_only=False)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET lock_timeout = '5s'"))
                connection.commit()
            else:
                # A changed table is made anew and the old one dropped: rows that point at it must not object.
                connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            context.configure(
                connection=connection,
                target_metadata=metadata,
                render_as_batch=connection.dialect.name == "sqlite",
                compare_type=True,
            )
            with context.begin_transaction():
                context.run_migrations()
                if (
                    connection.dialect.name == "sqlite"
                    and connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                ):
                    raise RuntimeError("a migration left a row that points at nothing; nothing was changed")
    finally:
        engine.dispose()


run()
