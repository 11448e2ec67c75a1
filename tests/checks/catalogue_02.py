"""Right and wrong answers to the exercises of chapter 02."""

import numpy as np
from answers import Answers, Args

ANSWERS = {
    "2.1": Answers(
        right=[Args([128, 64, 3, 3], np.int64(73_728)), Args((128, 64, 3, 3), 576 * 128)],
        wrong=[
            (Args((64, 128, 3, 3), 73_728), "another order"),
            (Args((3, 3), 9), "one kernel"),
            (Args((128, 3, 3), 1152), "other 63 input channels"),
            (Args((128, 64, 3, 3), 9), "Nine weights"),
            (Args((128, 64, 3, 3), 1152), "one for each input channel"),
            (Args((128, 64, 3, 3), 73_856), "biases"),
            (Args((128, 64, 9), 73_728), "(out, in, kH, kW)"),
        ],
        equivalent={},
    ),
}
