"""Questions for chapter 04: pooling, sizes and fields after it, and the block Down."""
