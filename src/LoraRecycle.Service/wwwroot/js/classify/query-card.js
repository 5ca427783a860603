// A picture to classify: what was answered, and what it really is.
import { el } from '../shared/dom.js';
import { removeButton, thumbnail } from '../shared/picture.js';
import { answerOf } from './answers.js';
import { correctionOf } from './correcting.js';
import { carries } from './dragging.js';
import { openPicture } from './picture-dialog.js';

/** @param episode @param picture @param {number} number its place in what was given, from 1 @param then what to do with a correction */
export function queryCard(episode, picture, number, then) {
  const name = `picture ${number}`;
  const card = el('li', { class: picture.refused ? 'query refused' : 'query', 'data-number': number },
    el('div', { class: 'side' }, thumbnail(picture, `${name}: ${picture.name}`, () => openPicture(episode, picture)), removeButton(name, () => episode.remove(picture), { id: `remove-${picture.id}` })),
    el('div', {},
      el('p', { class: 'query-name', title: picture.name }, picture.name),
      picture.refused
        ? el('p', { class: 'refusals', role: 'alert' }, el('strong', {}, picture.refused.title), ` ${picture.refused.detail}`)
        : picture.answers.length > 0
          ? [el('div', { class: 'answers' }, picture.answers.map(({ prediction, name: adapter, threshold }) => answerOf(prediction, adapter, picture.expected, threshold))), correctionOf(episode, picture, name, then)]
          : el('p', { class: 'hint' }, 'Not classified yet.')));
  carries(card, picture);
  return card;
}
