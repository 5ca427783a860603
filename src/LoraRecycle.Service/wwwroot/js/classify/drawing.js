// Draws the classes and the queries, and takes what is dropped beside them or pasted.
import { byId, el, say } from '../shared/dom.js';
import { acceptDrops } from '../shared/files.js';
import { keepFocus } from '../shared/focus.js';
import { count } from '../shared/format.js';
import { aim, aimedAt, isAimedAt } from './aim.js';
import { chooser, classCard } from './class-card.js';
import { acceptDragged } from './dragging.js';
import { arranged } from './order.js';
import { queryCard } from './query-card.js';

export function drawEpisode(episode, view, then) {
  if (!episode.classes.includes(aimedAt())) aim(null);
  keepFocus(byId('support'), 'new-class', () => byId('classes').replaceChildren(...episode.classes.map((one, index) => classCard(episode, one, index))));
  keepFocus(byId('query-zone'), 'add-queries', () => byId('query-zone').replaceChildren(queryZone(episode)));
  drawQueries(episode, view, then);
}

/** The queries alone: their answers came, or they are shown in another order. */
export function drawQueries(episode, view, then) {
  const shown = arranged(episode.queries, view);
  keepFocus(byId('queries'), 'add-queries', () => byId('queries').replaceChildren(...shown.map(({ picture, number }) => queryCard(episode, picture, number, then))));
  byId('shown-count').textContent = shown.length < episode.queries.length ? `${shown.length} of ${count(episode.queries.length, 'picture')} shown` : '';
}

/** Pasted pictures go where somebody last was; drops beside the classes make new ones. */
export function startPaste(episode) {
  document.addEventListener('paste', event => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || byId('classify-title').closest('section').hidden || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    const target = aimedAt();
    episode.addFiles(target, files);
    say(byId('classify-status'), `${count(files.length, 'picture')} pasted into ${target ? target.label || 'the class without a name' : 'the pictures to classify'}.`);
  });
  acceptDrops(byId('support'), groups => {
    for (const [folder, files] of groups) episode.addFiles(episode.addClass(folder || episode.freeName()), files);
  });
}

function queryZone(episode) {
  const zone = el('div', { class: isAimedAt(null) ? 'drop target' : 'drop' },
    chooser('add-queries', 'Choose pictures', 'Choose pictures to classify', files => episode.addFiles(null, files)),
    el('span', {}, 'or drop or paste them here.'),
    episode.queries.length > 0 ? el('span', { class: 'hint' }, count(episode.queries.length, 'picture')) : null);
  zone.addEventListener('focusin', () => aim(null, zone));
  zone.addEventListener('pointerdown', () => aim(null, zone));
  acceptDrops(zone, groups => episode.addFiles(null, [...groups.values()].flat()));
  acceptDragged(zone, episode, null, null);
  return zone;
}
