// A line that says what was done, with a button that undoes it. It stays until it is dismissed or something else is done:
// nobody has to be fast.
import { byId, el } from './dom.js';

/**
 * Offers to undo.
 * @param {string} text what was done
 * @param {() => void} undo
 * @param {string} after the id of the element that gets the focus when the offer is gone
 */
export function offerUndo(text, undo, after) {
  const leave = work => () => {
    const hadFocus = byId('undo').contains(document.activeElement);
    withdrawUndo();
    work?.();
    if (hadFocus && document.activeElement === document.body) byId(after)?.focus({ preventScroll: true });
  };
  byId('undo-text').textContent = text;
  byId('undo-actions').replaceChildren(
    el('button', { type: 'button', id: 'undo-button', onclick: leave(undo) }, 'Undo'),
    el('button', { type: 'button', class: 'quiet', 'aria-label': 'Dismiss', onclick: leave(null) }, '×'));
  byId('undo').hidden = false;
  byId('undo-said').textContent = `${text} Undo with Control Z, or with the button Undo at the end of the page.`;
}

export function withdrawUndo() {
  const bar = byId('undo');
  if (bar.hidden) return;
  byId('undo-text').textContent = '';
  byId('undo-actions').replaceChildren();
  bar.hidden = true;
  byId('undo-said').textContent = '';
}
