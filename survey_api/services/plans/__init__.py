"""支援プラン: which worry, who helps, how, until when, and how it goes."""
