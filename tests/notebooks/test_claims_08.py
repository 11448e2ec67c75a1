"""What chapter 08 says in its folds, tried at more sizes than it shows."""

from unet_tutorial.teaching.explorers.the_u.size_trace import DroppedPixels, trace_unet_sizes


def test_the_second_and_the_third_pooling_drop_pixels_of_70_by_70():
    trace = trace_unet_sizes(70, 70)
    assert trace.dropped == [DroppedPixels(1, 1, 1), DroppedPixels(2, 1, 1)]
    assert (trace.failed_part, trace.upsampled) == ("up2", (16, 16))


def test_one_more_than_a_multiple_of_16_fails_at_up4_alone():
    for height in range(17, 300):
        assert (trace_unet_sizes(height, 96).failed_part == "up4") == (height % 16 == 1)
