"""The exercises of chapter 09, a module each."""
