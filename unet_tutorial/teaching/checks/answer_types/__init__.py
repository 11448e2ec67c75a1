"""Types of answers that exercises of several chapters ask for."""
