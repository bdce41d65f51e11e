"""The numbers disclosure control stands on. Constants under review, never settings."""

from typing import Final

MIN_GROUP: Final = 10
"""Fewest children (on the roster, and answering) behind any published number."""

BASE: Final = 3
"""Every published count is a multiple of this, keyed and unbiased."""

SLACK: Final = BASE - 1
"""A published count is at most this far from the true one."""

CHANGE_OVER: Final = 2 * SLACK
"""A difference of this many children or fewer can be rounding alone."""

SHARE_STEP: Final = 10
"""Shares are shown in steps of this many percent."""

SMALL_GROUP: Final = 20
"""Below this many answers the lowest and highest shares shown are 20 % and 80 %."""

LEVEL_SCHOOLS: Final = 3
"""Fewest schools behind a number that may only be shown for levels and the city."""

KEY_BYTES: Final = 32
"""Length of each release key."""

EPSILON: Final = 1
"""Strength of the noise of grade tables and outcomes, per question and wave; smaller is stronger."""

GRADE_MIN: Final = 30
"""Fewest children of one grade in the whole city behind a number about that grade."""
