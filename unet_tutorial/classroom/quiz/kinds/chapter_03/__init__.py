"""Questions for chapter 03: stacked convolutions, ReLU, BatchNorm, and what a block costs."""
