"""The exercises of chapter 08, a module each."""
