"""Drawing primitives that are fast enough to redraw a picture while a slider moves."""
