"""The explorer of max pooling."""
