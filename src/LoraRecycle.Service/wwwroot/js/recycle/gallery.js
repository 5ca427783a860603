// The synthetic pictures of a job as they appear, by LoRA and class, or their masks.
import { getBlob, getJson } from '../shared/api.js';
import { el } from '../shared/dom.js';

const part = 200;

export class Gallery {
  shown = new Set();
  rows = new Map();
  masks = false;
  from = 0;

  constructor(job, signal) {
    this.job = job;
    this.signal = signal;
    this.list = el('div', { class: 'gallery' }, el('p', { class: 'empty' }, 'Pictures appear as LoRAs are inverted.'));
    this.more = el('button', { type: 'button', hidden: true, onclick: () => { this.limit += part; this.refresh(); } }, 'Show more');
    this.limit = part;
    this.element = el('div', { class: 'panel' },
      el('div', { class: 'head' }, el('h2', {}, 'Synthetic pictures'),
        el('label', { class: 'check' }, el('input', { type: 'checkbox', onchange: event => this.toggle(event.target.checked) }), 'Masks')),
      this.list, this.more);
    // A picture is fetched when it comes near the window: a job may have thousands.
    this.watcher = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(entry => this.load(entry.target)), { rootMargin: '200px' });
    signal.addEventListener('abort', () => this.forget());
  }

  async refresh() {
    const { images, next } = await getJson(`recycle/${this.job}/images?limit=${Math.min(1000, this.limit)}`, { signal: this.signal }).catch(() => ({ images: [], next: null }));
    for (const one of images) if (!this.shown.has(one.number)) this.add(one);
    this.more.hidden = next === null || this.limit >= 1000;
  }

  add(one) {
    if (this.shown.size === 0) this.list.replaceChildren();
    this.shown.add(one.number);
    const key = `${one.lora}/${one.label}`;
    if (!this.rows.has(key)) {
      const pictures = el('div', { class: 'pictures' });
      this.rows.set(key, pictures);
      const row = el('div', { class: 'row' }, el('h3', {}, one.class, el('span', { class: 'hint' }, ` ${one.loraName ?? one.lora.slice(0, 8)}`)), pictures);
      row.dataset.number = one.number;
      this.list.insertBefore(row, [...this.list.children].find(other => Number(other.dataset.number) > one.number) ?? null);
    }
    const picture = el('img', { width: 64, height: 64 });
    Object.assign(picture.dataset, { image: one.image, mask: one.mask, name: `synthetic ${one.class}, picture ${one.number}` });
    this.name(picture);
    this.rows.get(key).append(picture);
    this.watcher.observe(picture);
  }

  async load(picture) {
    this.watcher.unobserve(picture);
    try {
      const url = URL.createObjectURL(await getBlob(this.masks ? picture.dataset.mask : picture.dataset.image, { signal: this.signal }));
      if (picture.src) URL.revokeObjectURL(picture.src);
      picture.src = url;
    } catch {
      // It went with its job, or the server is gone: the banner says so.
    }
  }

  toggle(masks) {
    this.masks = masks;
    for (const picture of this.list.querySelectorAll('img')) {
      this.name(picture);
      this.watcher.observe(picture);
    }
  }

  name(picture) {
    picture.alt = `${this.masks ? 'Mask of ' : ''}${picture.dataset.name}`;
  }

  forget() {
    this.watcher.disconnect();
    for (const picture of this.list.querySelectorAll('img')) if (picture.src) URL.revokeObjectURL(picture.src);
  }
}
