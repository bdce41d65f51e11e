"""One child's go: drafts, answers, closing."""
