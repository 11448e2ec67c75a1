"""`unet-tutorial words`: a local page on which answers in words are graded by question."""
