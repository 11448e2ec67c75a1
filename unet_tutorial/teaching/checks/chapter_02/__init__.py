"""The exercises of chapter 02, a module each."""
