"""The second database: pseudonym to person, and nothing else."""
