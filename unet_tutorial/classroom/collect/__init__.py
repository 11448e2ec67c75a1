"""Submissions as a learning platform hands them over, under the right names."""
