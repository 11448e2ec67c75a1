"""The exercises of chapter 01, a module each."""
