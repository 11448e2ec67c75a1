"""Which device to train on."""

import torch


def choose_device(device: str | torch.device | None = None) -> torch.device:
    """Choose the device to train on: the one asked for, otherwise a CUDA GPU, otherwise the CPU.

    Apple's GPU ("mps") is used only when asked for: some machines, the usual macOS runners of
    continuous integration among them, report one on which nothing can be allocated.

    Args:
        device: such as "cpu", "cuda", "cuda:1", "mps", a torch.device, or None.

    Returns:
        A torch.device; for "cuda" and "mps" one that this machine has.

    Raises:
        ValueError: there is no such CUDA or Apple GPU here, or no device of that name at all.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')

    Built in chapter 10.
    """
    if device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError as error:
        raise ValueError(f"device {device!r} is none that torch knows. Try 'cpu'.") from error
    counts = {"cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if (chosen.index or 0) >= counts.get(chosen.type, 1):
        raise ValueError(
            f"device {str(chosen)!r} was asked for, but torch sees {counts[chosen.type]} "
            f"{chosen.type} devices here. Leave device out to take the best there is."
        )
    return chosen


def describe_device(device: torch.device) -> str:
    """Return a device's name, such as "cpu" or "cuda:0 (NVIDIA H200)"."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return str(device)
