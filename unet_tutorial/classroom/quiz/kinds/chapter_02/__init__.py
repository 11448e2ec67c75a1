"""Questions for chapter 02: values, sizes, weights and fields of convolutions."""
