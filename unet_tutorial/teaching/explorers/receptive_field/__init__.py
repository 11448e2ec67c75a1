"""The explorer of the receptive field: which pixels one value depends on."""
