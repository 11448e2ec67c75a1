"""The exercises of chapter 03, a module each."""
