"""Draw every picture in figures/ from code: `make figures`."""
