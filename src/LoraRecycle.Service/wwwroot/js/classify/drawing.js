// Draws the classes and the queries, and lets people change them: by dropping, pasting, dragging, and by keyboard.
import { byId, closeDialog, el, openDialog, say } from '../shared/dom.js';
import { acceptDrops } from '../shared/files.js';
import { count } from '../shared/format.js';
import { image, removeButton, thumbnail } from '../shared/picture.js';

let target = null; // the class that pasted pictures go to; null for the queries
let dragged = null;

export function drawEpisode(episode) {
  if (!episode.classes.includes(target)) target = null;
  const isFocused = document.activeElement?.id;
  byId('classes').replaceChildren(...episode.classes.map((one, index) => classCard(episode, one, index)));
  byId('query-zone').replaceChildren(queryZone(episode));
  byId('queries').replaceChildren(...episode.queries.map((picture, index) => queryCard(episode, picture, index)));
  if (isFocused) byId(isFocused)?.focus({ preventScroll: true });
}

/** Pasted pictures go where somebody last was; drops beside the classes make new ones. */
export function startPaste(episode) {
  document.addEventListener('paste', event => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || byId('classify-title').closest('section').hidden || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    episode.addFiles(target, files);
    say(byId('classify-status'), `${count(files.length, 'picture')} pasted into ${target ? target.label : 'the pictures to classify'}.`);
  });
  acceptDrops(byId('support'), groups => {
    for (const [folder, files] of groups) episode.addFiles(episode.addClass(folder || episode.freeName()), files);
  });
}

function aim(one, element) {
  target = one;
  document.querySelectorAll('.target').forEach(other => other.classList.remove('target'));
  element?.classList.add('target');
}

function classCard(episode, one, index) {
  const name = one.label || `class ${index + 1}`;
  const input = el('input', {
    id: `class-${one.id}`, value: one.label, maxLength: 200, autocomplete: 'off', 'aria-label': `Name of class ${index + 1}`,
    onchange: event => { one.label = event.target.value; episode.changed(); },
  });
  if (one.label.trim() === '') input.setAttribute('aria-invalid', 'true');
  const card = el('li', { class: target === one ? 'class target' : 'class' },
    el('div', { class: 'class-head' }, input, el('span', { class: 'hint' }, count(one.pictures.length, 'picture')),
      removeButton(`class ${name}`, () => episode.removeClass(one))),
    el('ul', { class: 'thumbs' },
      one.pictures.map((picture, i) => classThumb(episode, one, picture, i)),
      el('li', {}, chooser(`add-${one.id}`, 'Add pictures', `Add pictures to ${name}`, files => episode.addFiles(one, files), 'choose add'))),
    refusals(one.pictures));
  card.addEventListener('focusin', () => aim(one, card));
  card.addEventListener('pointerdown', () => aim(one, card));
  acceptDrops(card, groups => episode.addFiles(one, [...groups.values()].flat()));
  acceptDragged(card, episode, one, null);
  return card;
}

function classThumb(episode, one, picture, i) {
  const name = `${one.label}, example ${i + 1}`;
  const item = el('li', { class: picture.refused ? 'thumb refused' : 'thumb', draggable: true },
    thumbnail(picture, picture.refused ? `${name}, refused` : name, () => openPicture(episode, picture), { id: `picture-${picture.id}`, 'aria-keyshortcuts': 'Alt+ArrowLeft Alt+ArrowRight' }),
    removeButton(name, () => episode.remove(picture)));
  item.addEventListener('dragstart', event => { dragged = picture; event.dataTransfer.setData('text/plain', picture.name); item.classList.add('dragged'); });
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
  item.addEventListener('dragend', () => { dragged = null; item.classList.remove('dragged'); });
  acceptDragged(item, episode, one, picture);
  return item;
}

/** Takes a picture that is dragged from elsewhere on the page. */
function acceptDragged(element, episode, one, before) {
  element.addEventListener('dragover', event => { if (dragged) event.preventDefault(); });
  element.addEventListener('drop', event => {
    if (!dragged) return;
    event.preventDefault();
    event.stopPropagation();
    const picture = dragged;
    dragged = null;
    if (picture !== before) episode.move(picture, one, before);
  });
}

const chooser = (id, text, label, take, className = 'choose') => el('label', { class: className }, text, el('input', {
  id, type: 'file', multiple: true, accept: 'image/*', 'aria-label': label, onchange: event => take([...event.target.files]),
}));

const refusals = pictures => {
  const refused = pictures.filter(picture => picture.refused);
  return refused.length > 0
    ? el('div', { role: 'alert' }, el('ul', { class: 'refusals' }, refused.map(picture => el('li', {}, el('strong', {}, picture.name), `: ${picture.refused.title} ${picture.refused.detail}`))))
    : null;
};

function queryZone(episode) {
  const zone = el('div', { class: target === null ? 'drop target' : 'drop' },
    chooser('add-queries', 'Choose pictures', 'Choose pictures to classify', files => episode.addFiles(null, files)),
    el('span', {}, 'or drop or paste them here.'),
    episode.queries.length > 0 ? el('span', { class: 'hint' }, count(episode.queries.length, 'picture')) : null);
  zone.addEventListener('focusin', () => aim(null, zone));
  zone.addEventListener('pointerdown', () => aim(null, zone));
  acceptDrops(zone, groups => episode.addFiles(null, [...groups.values()].flat()));
  acceptDragged(zone, episode, null, null);
  return zone;
}

function queryCard(episode, picture, index) {
  const name = `picture ${index + 1}`;
  return el('li', { class: picture.refused ? 'query refused' : 'query' },
    el('div', { class: 'side' }, thumbnail(picture, `${name}: ${picture.name}`, () => openPicture(episode, picture)), removeButton(name, () => episode.remove(picture))),
    el('div', {},
      el('p', { class: 'query-name', title: picture.name }, picture.name),
      picture.refused
        ? el('p', { class: 'refusals', role: 'alert' }, el('strong', {}, picture.refused.title), ` ${picture.refused.detail}`)
        : picture.answers.length > 0
          ? el('div', { class: 'answers' }, picture.answers.map(make => make()))
          : el('p', { class: 'hint' }, 'Not classified yet.')));
}

/** The picture in full, and all that can be done with it without a mouse. */
function openPicture(episode, picture) {
  const { one, list } = episode.placeOf(picture);
  const at = list.indexOf(picture);
  const moveTo = (target, before) => { closeDialog(''); episode.move(picture, target, before); };
  openDialog(picture.name, [
    image(picture, picture.name, 'preview'),
    picture.refused ? el('p', { class: 'message bad' }, `${picture.refused.title} ${picture.refused.detail}`) : null,
    el('div', { class: 'inline' },
      el('label', { for: 'move-to' }, 'Move to'),
      el('select', { id: 'move-to', onchange: event => moveTo(episode.classes.find(other => String(other.id) === event.target.value) ?? null, null) },
        [[null, 'pictures to classify'], ...episode.classes.map(other => [other, other.label || 'unnamed class'])]
          .map(([other, text]) => el('option', { value: other?.id ?? '', selected: other === one }, text)))),
    el('div', { class: 'actions end' },
      el('button', { type: 'button', disabled: at === 0, onclick: () => moveTo(one, list[at - 1]) }, '← Earlier'),
      el('button', { type: 'button', disabled: at === list.length - 1, onclick: () => moveTo(one, list[at + 2] ?? null) }, 'Later →'),
      el('button', { type: 'button', class: 'danger', onclick: () => { closeDialog(''); episode.remove(picture); } }, 'Remove'),
      el('button', { type: 'button', class: 'primary', onclick: () => closeDialog('') }, 'Close')),
  ]);
}
