"""What `unet-tutorial doctor` tries in processes of their own, which may crash or hang.

Run as a module with the NAME of a check, it prints JSON, one object a line: {"begins": what}
before a step, {"fails": why} or {"said": what was found} after it.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile

KERNEL_SECONDS = 40
LEAST_DICE = 0.9


def tell(**values: object) -> None:
    """Print one line at once, so that it is there if the next step crashes."""
    print(json.dumps(values), flush=True)


def modules(names: list[str]) -> None:
    """Import modules, one after the other."""
    for name in names:
        tell(begins=name)
        try:
            importlib.import_module(name)
        except BaseException as error:
            tell(fails=f"{name}: {short(error)}")


def network() -> None:
    """Let the shipped network find the nuclei of the test strip, and look for a GPU."""
    import torch

    from unet_tutorial import dice, load_nuclei, load_trained_unet, predict
    from unet_tutorial.data import normalise, split_strips

    image, labels = load_nuclei()
    scaled = normalise(image, reference=split_strips(image).train)
    found = predict(load_trained_unet(), split_strips(scaled).test)[0] > 0.5
    score = float(dice(found, split_strips(labels > 0).test))
    if not score > LEAST_DICE:
        tell(fails=f"Dice {score:.3f} on the test strip, not above {LEAST_DICE}")
    tell(said={"dice": round(score, 3), "gpu": gpu(torch)})


def gpu(torch) -> str:
    """Return which GPU PyTorch can use."""
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name(0))
    return "Apple's" if torch.backends.mps.is_available() else "none"


def kernel() -> None:
    """Start the kernel that notebooks ask for, and let it import the package."""
    from jupyter_client.manager import start_new_kernel

    with tempfile.TemporaryDirectory() as elsewhere:
        manager, client = start_new_kernel(
            startup_timeout=KERNEL_SECONDS, kernel_name="python3", cwd=elsewhere
        )
        try:
            answer(client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def answer(client) -> None:
    """Ask a kernel for its Python, and tell what it answers."""
    printed = []
    reply = client.execute_interactive(
        "import sys, unet_tutorial; print(sys.version.split()[0], sys.prefix)",
        timeout=KERNEL_SECONDS,
        output_hook=lambda message: printed.append(message["content"].get("text", "")),
    )["content"]
    if reply["status"] != "ok":
        tell(fails=f"it answers, but {reply['ename']}: {reply['evalue']}")
        return
    python, _, prefix = "".join(printed).strip().partition(" ")
    tell(said={"python": python, "same": prefix == sys.prefix})


def short(error: BaseException) -> str:
    """Return the kind and the first line of an error."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


def main(arguments: list[str]) -> None:
    """Run one probe; any error becomes a line too."""
    try:
        {"modules": lambda: modules(arguments[1:]), "network": network, "kernel": kernel}[
            arguments[0]
        ]()
    except BaseException as error:
        tell(fails=short(error))


if __name__ == "__main__":
    main(sys.argv[1:])
