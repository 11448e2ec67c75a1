// How much room a picture has on a phone, in pixels.

/** With the controls and the sentence, a picture of this height fits the screen: about 700 pixels. */
export const PHONE = { width: 358, height: 504 };

export const SMALLEST = 24; // the side of a cell; what a finger can hit
