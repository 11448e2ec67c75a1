"""Checks of the chapters' exercises: each says what is right, or what is not and why.

`checks.<name>(answer)` checks an answer; `hint("5.2")`, `solution("5.2")` and `progress()` help.
"""

from unet_tutorial.checks.chapter_01 import *
from unet_tutorial.checks.chapter_02 import *
from unet_tutorial.checks.chapter_03 import *
from unet_tutorial.checks.chapter_04 import *
from unet_tutorial.checks.chapter_05 import *
from unet_tutorial.checks.chapter_06 import *
from unet_tutorial.checks.chapter_07 import *
from unet_tutorial.checks.chapter_08 import *
from unet_tutorial.checks.chapter_09 import *
from unet_tutorial.checks.chapter_10 import *
from unet_tutorial.checks.chapter_11 import *
from unet_tutorial.checks.chapter_12 import *
from unet_tutorial.checks.desk import hint, progress, solution
from unet_tutorial.checks.exercise import EXERCISES, CheckFailed, NotTriedYet
