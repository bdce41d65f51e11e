"""気づきメモ: one way in for people who notice something; they learn only that it was received or acted on."""
