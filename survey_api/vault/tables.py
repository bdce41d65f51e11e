"""The vault registry: its own MetaData, its own database."""

from typing import ClassVar

from sqlalchemy import MetaData
from sqlmodel import Field, SQLModel

from survey_api.kit.db import new_metadata


class VaultTable(SQLModel):
    """Parent of every table in the vault database."""

    metadata: ClassVar[MetaData] = new_metadata()


class VaultKey(VaultTable, table=True):
    __tablename__ = "vault_keys"

    school_id: str = Field(primary_key=True)
    wrapped_key: bytes


class Person(VaultTable, table=True):
    __tablename__ = "persons"
    __table_args__ = ({"sqlite_with_rowid": False},)

    pseudonym: str = Field(primary_key=True)
    lookup: str = Field(unique=True)
    """Keyed hash of the roster's own identifier: finds the same pupil again, tells nothing."""
    school_id: str = Field(index=True)
    sealed: bytes


VAULT_METADATA = VaultTable.metadata
