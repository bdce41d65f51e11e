"""A number → its band, by declared cuts."""

from scoring.key import Cut


def band_of(value: int | None, cuts: tuple[Cut, ...]) -> Cut | None:
    """The first cut the value is below (hundredths); None when there is no value or no cut."""
    if value is None:
        return None
    return next((cut for cut in cuts if cut.below is None or value < cut.below), None)
