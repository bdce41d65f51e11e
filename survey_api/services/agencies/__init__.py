"""Who helps: the directory of agencies, places and services of the city."""
