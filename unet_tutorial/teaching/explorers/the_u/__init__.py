"""Explorer of the whole U-Net: its maps with and without skips, its sizes, and its costs."""
