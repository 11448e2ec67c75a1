"""The explorer of the threshold: mask, Dice and threshold together."""
