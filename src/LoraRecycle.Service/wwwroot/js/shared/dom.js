// Elements without markup in strings: what a server or a file name says is never taken for HTML.

/**
 * Makes an element; properties that are functions named on… listen, those with a dash are attributes.
 * @returns {any} whatever element the tag makes
 */
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/**
 * The same for SVG, where everything is an attribute.
 * @returns {any}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter(isThere));
  return element;
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (name.includes('-') || name === 'role' || name === 'for') element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat(Infinity).filter(isThere));
  return element;
}

const isThere = child => child !== null && child !== undefined && child !== false;

/** @type {(id: string) => any} whatever element the page has by that name */
export const byId = id => document.getElementById(id);

/** Says something in a status region: a text, or nothing. */
export function say(region, text, kind = '') {
  region.replaceChildren(...(text ? [el('p', { class: `message ${kind}` }, text)] : []));
}

/** Says what a problem says: its title, what was expected, and where. */
export function sayProblem(region, problem) {
  region.replaceChildren(el('div', { class: 'message bad' },
    el('strong', {}, problem.title ?? 'Something went wrong.'),
    problem.detail ?? problem.message ?? '',
    problem.requestId ? el('small', {}, `Request ${problem.requestId}`) : null));
}

/**
 * Shows the shared dialog; resolves with the value that it was closed with. The focus begins at the element with the id `focus`, and
 * goes back to where it came from, also where that was drawn again meanwhile.
 * @param {string} title
 * @param {any} content
 * @param {{ wide?: boolean, focus?: string }} [options]
 */
export function openDialog(title, content, { wide = false, focus = '' } = {}) {
  const dialog = byId('dialog');
  const from = document.activeElement?.id;
  dialog.className = wide ? 'wide' : '';
  dialog.returnValue = '';
  dialog.replaceChildren(el('div', { class: 'stack' }, el('h2', { id: 'dialog-title' }, title), content));
  const isNew = !dialog.open;
  if (isNew) dialog.showModal();
  if (focus) byId(focus).focus();
  return new Promise(resolve => dialog.addEventListener('close', () => {
    if (isNew && from && (document.activeElement === document.body || document.activeElement === null)) byId(from)?.focus({ preventScroll: true });
    resolve(dialog.returnValue);
  }, { once: true }));
}

export const closeDialog = value => byId('dialog').close(value);

/** Asks yes or no. */
export async function confirmed(title, text, yes, no = 'Cancel') {
  return await openDialog(title, [
    el('p', {}, text),
    el('div', { class: 'actions end' },
      el('button', { type: 'button', onclick: () => closeDialog('') }, no),
      el('button', { type: 'button', class: 'danger', onclick: () => closeDialog('yes') }, yes)),
  ]) === 'yes';
}
