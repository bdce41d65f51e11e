"""A question bank as a checked, frozen value: what is asked, in which words, and how it is scored."""
