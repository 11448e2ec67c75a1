"""Explorer of the skip connections: what a network predicts without some of them."""
