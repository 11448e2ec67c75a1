"""The exercises of chapter 11, a module each."""
