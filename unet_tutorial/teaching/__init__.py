"""What the chapters use besides the network: checks of exercises, drawings, explorers."""
