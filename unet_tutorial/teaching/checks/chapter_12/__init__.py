"""The exercises of chapter 12, a module each."""
