"""The explorer of convolutions."""
