"""Questions of chapter 05, the transposed convolution."""
