// The size arithmetic of single layers, one side at a time. The same as `unet_tutorial.shapes`,
// down to the words of its refusals; a test compares them.

/** The side of a convolution's output: the number of places where the kernel fits. */
export function convSide(size, kernel, stride = 1, padding = 0, dilation = 1) {
  checkLayer(size, kernel, stride, padding, dilation);
  const reach = dilation * (kernel - 1) + 1;
  if (reach > size + 2 * padding) {
    throw new RangeError(
      `kernel_size=${kernel} with dilation=${dilation} spans ${reach} pixels, but ` +
        `size=${size} with padding=${padding} has only ${size + 2 * padding}: there is no ` +
        "output. Use a smaller kernel or more padding.",
    );
  }
  return Math.floor((size + 2 * padding - reach) / stride) + 1;
}

/** The side of a max pooling's output; a remainder at the edge is dropped. */
export function poolSide(size, kernel, stride = kernel, padding = 0, dilation = 1) {
  checkLayer(size, kernel, stride, padding, dilation);
  if (padding > Math.floor(kernel / 2)) {
    throw new RangeError(
      `padding=${padding} is more than half of kernel_size=${kernel}: a window could ` +
        "contain only padding and have no maximum. Use a smaller padding.",
    );
  }
  return convSide(size, kernel, stride, padding, dilation);
}

/** The side of a transposed convolution's output: the area that the stamps cover. */
export function transposedSide(size, kernel, stride = 1, padding = 0, added = 0, dilation = 1) {
  checkLayer(size, kernel, stride, padding, dilation);
  checkWhole("output_padding", added, 0);
  if (added >= Math.max(stride, dilation)) {
    throw new RangeError(
      `output_padding=${added} must be smaller than stride=${stride} or than ` +
        `dilation=${dilation}: it only chooses among the sizes that the stride rounds to one.`,
    );
  }
  const covered = (size - 1) * stride + dilation * (kernel - 1) + 1 + added;
  if (covered <= 2 * padding) {
    throw new RangeError(
      `padding=${padding} crops ${2 * padding} pixels, but the stamps cover only ${covered}: ` +
        "there is no output. Use less padding.",
    );
  }
  return covered - 2 * padding;
}

/** Why a side can't be computed, or "": `refusal(convSide, 5, 7)`. */
export function refusal(side, ...settings) {
  try {
    side(...settings);
    return "";
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function checkLayer(size, kernel, stride, padding, dilation) {
  checkWhole("size", size, 1);
  checkWhole("kernel_size", kernel, 1);
  checkWhole("stride", stride, 1);
  checkWhole("padding", padding, 0);
  checkWhole("dilation", dilation, 1);
}

function checkWhole(name, value, least) {
  if (!Number.isInteger(value)) {
    throw new RangeError(`${name} must be a whole number, not ${asPython(value)}.`);
  }
  if (value < least) throw new RangeError(`${name} must be at least ${least}, not ${value}.`);
}

function asPython(value) {
  return { true: "True", false: "False", null: "None" }[value] ?? String(value);
}
