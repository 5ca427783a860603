// Where pasted pictures go: to the class that somebody was last at, or to the pictures to classify.

let target = null; // a class; null for the pictures to classify

export const isAimedAt = one => target === one;

export const aimedAt = () => target;

export function aim(one, element = null) {
  target = one;
  if (!element) return;
  document.querySelectorAll('.target').forEach(other => other.classList.remove('target'));
  element.classList.add('target');
}
