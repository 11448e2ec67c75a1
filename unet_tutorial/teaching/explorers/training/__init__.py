"""Explorer of a training: loss, Dice and prediction while it runs, a film strip afterwards."""
