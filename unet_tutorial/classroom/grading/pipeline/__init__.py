"""What happens to one submission, in the order in which it happens."""
