"""Explorer of the whole U-Net: the sizes of each stage, sizes that fail, and costs."""
