"""What the checks hold answers against: right ways written otherwise, and likely wrong ones."""
