"""Pictures that are redrawn quickly enough to follow a control."""
