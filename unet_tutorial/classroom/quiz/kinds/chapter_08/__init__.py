"""Questions for chapter 08: the whole network, its sizes, and what reaches what."""
