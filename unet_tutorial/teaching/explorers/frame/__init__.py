"""What every explorer in the browser shares: drawing, pointer and keys, and the widget."""
