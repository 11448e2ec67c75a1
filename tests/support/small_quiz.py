"""Three small kinds of question, with everything that formats must survive, and their banks."""

import struct
import zlib

from unet_tutorial.classroom.quiz import Question, Wrong, kind
from unet_tutorial.classroom.quiz.bank import draw_bank

CODE = 'layer = nn.Conv2d(1, 1, {k})  # $5, `x`, \\n, a_b*c*d, <b> & "q"\n\n\nout = layer(x)'


def make_png(grey):
    """A PNG of one pixel, written by hand."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes([0, grey])))
    return b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b"")


@kind("02", "size", "Size after one layer")
def ask_size(draw):
    n, k = draw.randint(20, 90), draw.choice([3, 5, 7])
    return Question(
        f"What is {n} - {k} + 1?\n\n```python\n{CODE.format(k=k)}\n```\n\nUse $n_{{in}} < {n}$.",
        n - k + 1,
        (Wrong(n - k, "forgets the + 1"), Wrong(n, "leaves the size as it is")),
        f"It's ${n} - {k} + 1$.",
    )


@kind("02", "line", "Which line/statement fails?")
def ask_line(draw):
    c = draw.randint(3, 99)
    return Question(
        f"Which line fails with {c} <b>channels</b> & *one* more?",
        "line 2: `RuntimeError: expected 2*1*3 <channels>`",
        (
            Wrong("line 1", "takes channels for pixels"),
            Wrong('no line fails: "ok" -- it\'s 3*5*7', "thinks that channels needn't match"),
            Wrong(f"a size, $n_{{out}} < {c}$", "reads the error as a size."),
        ),
        "The second line needs two channels.",
    )


@kind("05", "bars", "Read a picture")
def ask_bars(draw):
    n = draw.randint(2, 200)
    return Question(
        'How many "bars" are there?',
        n,
        (Wrong(n - 1, "counts the gaps"),),
        f"There are {n}.",
        picture=make_png(n),
        alt='A row [of] "bars" & $more$',
        tolerance=0.4,
        numerical=True,
    )


def draw_small(secret="a secret for tests", count=3):
    return list(draw_bank([ask_line, ask_size, ask_bars], secret, count))


def write_own(path, words="Which number?"):
    """Write an instructor's file with the three kinds of this one."""
    names = "ask_line, ask_size, ask_bars"
    path.write_text(f'"""{words}"""\nfrom small_quiz import {names}\n', encoding="utf-8")
    return path
