"""Questions of chapter 09, what a network costs."""
