"""Explorer of the threshold: how mask, Dice and number of objects depend on it."""
