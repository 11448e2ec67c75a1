"""The exercises of chapter 04, a module each."""
