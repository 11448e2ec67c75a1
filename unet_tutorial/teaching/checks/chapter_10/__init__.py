"""The exercises of chapter 10, a module each."""
