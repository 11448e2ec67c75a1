"""Giving work back: feedback pages and grades in the form that a learning system takes."""
