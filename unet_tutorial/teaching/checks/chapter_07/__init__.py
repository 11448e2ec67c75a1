"""The exercises of chapter 07, a module each."""
