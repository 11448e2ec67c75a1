"""The explorer of the whole U-Net: sizes that pass or fail, and what each part costs."""
