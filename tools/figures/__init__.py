"""Every picture in figures/, drawn from code: `make figures`."""
