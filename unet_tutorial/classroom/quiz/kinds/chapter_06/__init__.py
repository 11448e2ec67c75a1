"""Questions for chapter 06: what a step up joins, in which order, and what it costs."""
