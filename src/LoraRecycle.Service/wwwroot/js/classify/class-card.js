// A class: its name and its examples.
import { byId, el, say } from '../shared/dom.js';
import { acceptDrops } from '../shared/files.js';
import { count } from '../shared/format.js';
import { removeButton, thumbnail } from '../shared/picture.js';
import { aim, isAimedAt } from './aim.js';
import { acceptDragged, carries } from './dragging.js';
import { openPicture } from './picture-dialog.js';

export function classCard(episode, one, index) {
  const name = one.label.trim() || `class ${index + 1}`;
  const wrong = problemOf(episode, one);
  const input = el('input', {
    id: `class-${one.id}`, value: one.label, maxLength: 200, autocomplete: 'off', 'aria-label': `Name of class ${index + 1}`, placeholder: `Name of class ${index + 1}`,
    // After the focus has moved on: it would be lost with what is drawn again.
    onchange: event => { const { value } = event.target; setTimeout(() => episode.rename(one, value)); },
    ...(wrong ? { 'aria-invalid': 'true', 'aria-describedby': `wrong-${one.id}` } : {}),
  });
  const card = el('li', { class: isAimedAt(one) ? 'class target' : 'class' },
    el('div', { class: 'class-head' }, input, one.pictures.length > 0 ? el('span', { class: 'hint' }, count(one.pictures.length, 'picture')) : null,
      removeButton(`class ${name}`, () => episode.removeClass(one), { id: `remove-class-${one.id}` })),
    wrong ? el('p', { class: 'refusals', id: `wrong-${one.id}`, role: 'alert' }, wrong) : null,
    el('ul', { class: 'thumbs' },
      one.pictures.map((picture, i) => classThumb(episode, one, picture, i)),
      el('li', {}, chooser(`add-${one.id}`, 'Add pictures', `Add pictures to ${name}`, files => episode.addFiles(one, files), 'choose add'))),
    refusals(one.pictures));
  card.addEventListener('focusin', () => aim(one, card));
  card.addEventListener('pointerdown', () => aim(one, card));
  acceptDrops(card, groups => {
    const [folder] = groups.keys();
    if (one.label.trim() === '' && folder) one.label = folder;
    episode.addFiles(one, [...groups.values()].flat());
  });
  acceptDragged(card, episode, one, null);
  return card;
}

/** What is wrong with a class's name, once there is something in it. */
function problemOf(episode, one) {
  const label = one.label.trim();
  if (label === '') return one.pictures.length > 0 ? 'This class needs a name.' : null;
  const first = episode.classes.find(other => other.label.trim() === label);
  return first === one ? null : `There is another class “${label}”: the server takes both as one.`;
}

function classThumb(episode, one, picture, i) {
  const name = `${one.label}, example ${i + 1}`;
  const item = el('li', { class: picture.refused ? 'thumb refused' : 'thumb' },
    thumbnail(picture, picture.refused ? `${name}, refused` : name, () => openPicture(episode, picture), { 'aria-keyshortcuts': 'Alt+ArrowLeft Alt+ArrowRight' }),
    removeButton(name, () => episode.remove(picture), { id: `remove-${picture.id}` }));
  carries(item, picture);
  item.addEventListener('keydown', event => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !event.altKey) return;
    event.preventDefault(); // or the browser would leave the page
    const to = i + step;
    if (to < 0 || to >= one.pictures.length) return;
    episode.move(picture, one, step < 0 ? one.pictures[to] : one.pictures[to + 1] ?? null);
    byId(`picture-${picture.id}`)?.focus();
    say(byId('classify-status'), `Now ${one.label}, example ${to + 1} of ${one.pictures.length}.`);
  });
  acceptDragged(item, episode, one, picture);
  return item;
}

export const chooser = (id, text, label, take, className = 'choose') => el('label', { class: className }, text, el('input', {
  id, type: 'file', multiple: true, accept: 'image/*', 'aria-label': label, onchange: event => take([...event.target.files]),
}));

const refusals = pictures => {
  const refused = pictures.filter(picture => picture.refused);
  return refused.length > 0
    ? el('div', { role: 'alert' }, el('ul', { class: 'refusals' }, refused.map(picture => el('li', {}, el('strong', {}, picture.name), `: ${picture.refused.title} ${picture.refused.detail}`))))
    : null;
};
