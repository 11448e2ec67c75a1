"""Questions for chapter 07: the last layer, logits and probabilities, one class or several."""
