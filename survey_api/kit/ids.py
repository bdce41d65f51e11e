"""Identifiers that carry nothing: random, so that no order of arrival can be read from them."""

import secrets


def new_id() -> str:
    """128 random bits as 32 hex characters."""
    return secrets.token_hex(16)


def new_token() -> str:
    """A bearer secret of 256 bits, URL-safe; store only its hash."""
    return secrets.token_urlsafe(32)
