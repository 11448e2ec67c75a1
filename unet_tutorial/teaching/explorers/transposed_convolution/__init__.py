"""What a transposed convolution makes: stamps that add up."""
