"""Checks of `unet-tutorial doctor` that may crash or hang, each run in a separate process.

Run as a module with the name of a check, it prints one JSON object per line: {"step": name} before
a step, {"problem": message} or {"found": result} after it.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile

_KERNEL_TIMEOUT = 40
_MIN_DICE = 0.9


def _print_json(**values: object) -> None:
    """Print and flush one line, so that it gets out even if the next step crashes."""
    print(json.dumps(values), flush=True)


def _import_modules(names: list[str]) -> None:
    for name in names:
        _print_json(step=name)
        try:
            importlib.import_module(name)
        except BaseException as error:
            _print_json(problem=f"{name}: {_format_error(error)}")


def _score_network() -> None:
    """Segment the test strip with the trained network, compute the Dice, and look for a GPU."""
    import torch

    from unet_tutorial import dice, load_nuclei, load_trained_unet, predict
    from unet_tutorial.data import normalise, split_strips

    image, labels = load_nuclei()
    scaled = normalise(image, reference=split_strips(image).train)
    found = predict(load_trained_unet(), split_strips(scaled).test)[0] > 0.5
    score = float(dice(found, split_strips(labels > 0).test))
    if not score > _MIN_DICE:  # also true of NaN
        _print_json(problem=f"Dice {score:.3f} on the test strip; it should exceed {_MIN_DICE}")
    _print_json(found={"dice": round(score, 3), "gpu": _find_gpu(torch)})


def _find_gpu(torch) -> str:
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name(0))
    return "Apple's" if torch.backends.mps.is_available() else "none"


def _start_kernel() -> None:
    """Start the kernel that notebooks ask for, and have it import the package."""
    from jupyter_client.manager import start_new_kernel

    with tempfile.TemporaryDirectory() as elsewhere:  # so that the package has to be installed
        manager, client = start_new_kernel(
            startup_timeout=_KERNEL_TIMEOUT, kernel_name="python3", cwd=elsewhere
        )
        try:
            _ask_kernel(client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def _ask_kernel(client) -> None:
    """Ask a kernel to import the package, and for its Python; print the answer."""
    printed = []
    reply = client.execute_interactive(
        "import sys, unet_tutorial; print(sys.version.split()[0], sys.prefix)",
        timeout=_KERNEL_TIMEOUT,
        output_hook=lambda message: printed.append(message["content"].get("text", "")),
    )["content"]
    if reply["status"] != "ok":
        _print_json(problem=f"it answers, but with {reply['ename']}: {reply['evalue']}")
        return
    python, _, prefix = "".join(printed).strip().partition(" ")
    _print_json(found={"python": python, "same": prefix == sys.prefix})


def _format_error(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


def main(arguments: list[str]) -> None:
    """Run the check named by the first argument; any exception is printed as a problem."""
    checks = {
        "modules": lambda: _import_modules(arguments[1:]),
        "network": _score_network,
        "kernel": _start_kernel,
    }
    try:
        checks[arguments[0]]()
    except BaseException as error:
        _print_json(problem=_format_error(error))


if __name__ == "__main__":
    main(sys.argv[1:])
