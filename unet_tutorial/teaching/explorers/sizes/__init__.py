"""The explorer of output sizes: which pixels one window sees, and what a stamp covers."""
