"""The exercises of chapter 05, a module each."""
