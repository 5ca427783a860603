// What is drawn again keeps the focus, and what is removed gives it to its neighbour: it never falls to the page.

const kindOf = id => id.replace(/-?\d[\d-]*$/, '');

const isHere = id => {
  const element = document.getElementById(id);
  return element !== null && !(/** @type {any} */ (element).disabled) && element.offsetParent !== null;
};

/**
 * Draws again inside a region. The focus stays with the element of the same id; where that is gone, it goes to the nearest one
 * of its kind, then to the nearest at all, then to the last resort.
 * @param {HTMLElement} region
 * @param {string} lastResort an id
 * @param {() => void} draw
 */
export function keepFocus(region, lastResort, draw) {
  const focused = document.activeElement;
  const id = focused && region.contains(focused) ? focused.id : '';
  const ids = id ? [...region.querySelectorAll('[id]')].filter(one => one.matches('button, input, select, a, [tabindex]')).map(one => one.id) : [];
  const scrolled = [...region.querySelectorAll('.thumbs')].map(one => one.scrollTop);
  draw();
  [...region.querySelectorAll('.thumbs')].forEach((one, i) => { one.scrollTop = scrolled[i] ?? 0; });
  if (!focused || !id || document.contains(focused)) return;
  const at = ids.indexOf(id);
  const near = [...ids.slice(at + 1), ...ids.slice(0, at).reverse()];
  const chosen = [id, ...near.filter(other => kindOf(other) === kindOf(id)), ...near, lastResort].find(isHere);
  if (chosen) document.getElementById(chosen).focus({ preventScroll: true });
}
