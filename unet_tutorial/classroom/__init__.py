"""What the command `unet-tutorial` does for learners and instructors."""
