// A picture that somebody gave, and how it looks in a list.
import { el } from './dom.js';

let next = 1;

export class Picture {
  #url = null;

  /** @param file a File. @param expected the class that it is known to be of: for samples, and where somebody said so. */
  constructor(file, expected = null) {
    this.id = next++;
    this.file = file;
    this.name = file.name || 'pasted picture';
    this.expected = expected;
    this.stored = null; // the number that a stored task has for it
    /** @type {{ path: string, sample?: [string, string], image?: [string, number] } | null} where the server has it, if it came from there */
    this.source = null;
    this.refused = null;
    /** @type {{ prediction: any, name: string, threshold: number | null }[]} what each adapter said of it */
    this.answers = [];
  }

  /** Made again where it was forgotten: a picture that was removed may come back. */
  get address() {
    return (this.#url ??= URL.createObjectURL(this.file));
  }

  forget() {
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }
}

/** The picture itself; where the browser cannot show it, what kind of file it is. */
export function image(picture, alt, className = 'picture') {
  const shown = el('img', { class: className, src: picture.address, alt, loading: 'lazy', decoding: 'async', draggable: false });
  shown.addEventListener('error', () => shown.replaceWith(el('span', { class: 'no-picture', role: 'img', 'aria-label': alt },
    picture.name.includes('.') ? `.${picture.name.split('.').pop().slice(0, 6)}` : 'not a picture')), { once: true });
  return shown;
}

/** A picture as a button that opens it. */
export const thumbnail = (picture, alt, open, properties = {}) =>
  el('button', { type: 'button', class: 'show', id: `picture-${picture.id}`, onclick: open, title: picture.name, ...properties }, image(picture, alt));

export const removeButton = (what, remove, properties = {}) =>
  el('button', { type: 'button', class: 'remove', 'aria-label': `Remove ${what}`, title: 'Remove', onclick: remove, ...properties }, '×');
