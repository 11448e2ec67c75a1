"""Scripts that a student could write into a notebook; each calls `steal()`."""

ATTACKS = [
    "<script>steal()</script>",
    "<img src=x onerror=steal()>",
    "<svg onload=steal()><a xlink:href='javascript:steal()'>x</a></svg>",
    "<a href='javascript:steal()'>x</a>",
    "<a href=' data:text/html,<script>steal()</script>'>x</a>",
    "<iframe src='data:text/html,<script>steal()</script>'></iframe>",
    "<form action='/grades'><input name=a></form>",
    "<p style='background:url(//evil/steal)'>x</p>",
    "<img src='//evil/steal.png'>",
    "<img src='data:image/svg+xml,<svg onload=steal()>'>",
    "<math><mtext><style><img src onerror=steal()></style></mtext></math>",
    "[x](javascript:steal())",
    "[x]: javascript:steal()\n\n[x]",
    "<javascript:steal()>",
    "`a`<b onclick=steal()>b</b>",
    "<div>\n\n```\n<img src onerror=steal()>\n```\n\n</div><script>steal()</script>",
    "$\\href{javascript:steal()}{x}$",
    "<pre>\n\n<script>steal()</script>\n\n[x](javascript:steal())\n</pre>",
]
KINDS = (
    "text/html",
    "text/markdown",
    "text/latex",
    "text/plain",
    "image/svg+xml",
    "image/png",
    "application/javascript",
)
