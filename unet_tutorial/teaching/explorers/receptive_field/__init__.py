"""Explorer of the receptive field: which pixels one value depends on."""
