"""Explorer of output sizes: which pixels one window sees, and which ones a stamp covers."""
