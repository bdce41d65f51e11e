"""支援会議 and 重層的支援会議: who was there, what they know, what the child says, what was decided."""
