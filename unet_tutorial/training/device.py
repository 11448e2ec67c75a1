"""Which device to train on, and which of several processes prints and writes."""

import torch
import torch.distributed as distributed


def choose_device(device: str | torch.device | None = None) -> torch.device:
    """Choose the device to train on: the one asked for, otherwise a CUDA GPU, otherwise the CPU.

    Apple's GPU ("mps") is used only when asked for: some machines, the usual macOS runners of
    continuous integration among them, report one on which nothing can be allocated.

    Args:
        device: such as "cpu", "cuda", "cuda:1", "mps", a torch.device, or None.

    Returns:
        A torch.device that torch sees on this machine; ValueError if there is none.

    >>> choose_device("cpu")
    device(type='cpu')

    Built in chapter 10.
    """
    if device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"device {device!r} is none that torch knows. Try 'cpu'.") from error
    try:
        count = torch.get_device_module(chosen).device_count()
    except (RuntimeError, AttributeError):  # this build of torch can't use that kind
        count = 0
    if (chosen.index or 0) >= count:
        raise ValueError(
            f"device {str(chosen)!r} was asked for, but torch sees {count} {chosen.type} devices "
            "here. Leave device out to take the best there is."
        )
    return chosen


def describe_device(device: torch.device) -> str:
    """Return a device's name, such as "cpu" or "cuda:0 (NVIDIA H200)"."""
    name = f" ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else ""
    return f"{device}{name}"


def get_rank() -> int | None:
    """Return this process's rank in torch.distributed; None if it's the only process."""
    several = distributed.is_available() and distributed.is_initialized()
    return distributed.get_rank() if several else None
