// The picture in full, and all that can be done with it without a mouse. Arrow keys go to the next picture, and change nothing.
import { closeDialog, el, openDialog } from '../shared/dom.js';
import { image } from '../shared/picture.js';

export function openPicture(episode, picture) {
  const { one, list } = episode.placeOf(picture);
  const at = list.indexOf(picture);
  const go = to => { if (list[to]) openPicture(episode, list[to]); };
  const leave = work => () => { closeDialog(''); work(); };
  const choice = el('select', { id: 'move-to' },
    [[null, 'pictures to classify'], ...episode.classes.map(other => [other, other.label || 'unnamed class'])].filter(([other]) => other !== one)
      .map(([other, text]) => el('option', { value: other?.id ?? '' }, text)));
  const move = () => episode.move(picture, episode.classes.find(other => String(other.id) === choice.value) ?? null);
  const content = el('div', {
    class: 'stack',
    onkeydown: event => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || event.altKey || event.target === choice) return;
      event.preventDefault();
      go(at + step);
    },
  },
    image(picture, picture.name, 'preview'),
    el('div', { class: 'pager' },
      el('button', { type: 'button', 'aria-disabled': String(at === 0), 'aria-keyshortcuts': 'ArrowLeft', onclick: () => go(at - 1) }, '‹ Previous'),
      el('span', { class: 'hint', 'aria-live': 'polite' }, `${one ? one.label || 'unnamed class' : 'to classify'}, ${at + 1} of ${list.length}`),
      el('button', { type: 'button', 'aria-disabled': String(at === list.length - 1), 'aria-keyshortcuts': 'ArrowRight', onclick: () => go(at + 1) }, 'Next ›')),
    picture.refused ? el('p', { class: 'message bad' }, `${picture.refused.title} ${picture.refused.detail}`) : null,
    el('div', { class: 'inline' },
      el('label', { for: 'move-to' }, 'Move to'), choice, el('button', { type: 'button', onclick: leave(move) }, 'Move'),
      el('button', { type: 'button', disabled: at === 0, onclick: leave(() => episode.move(picture, one, list[at - 1])) }, 'Earlier in its row'),
      el('button', { type: 'button', disabled: at === list.length - 1, onclick: leave(() => episode.move(picture, one, list[at + 2] ?? null)) }, 'Later in its row')),
    el('div', { class: 'actions end' },
      el('button', { type: 'button', class: 'danger', onclick: leave(() => episode.remove(picture)) }, 'Remove'),
      el('button', { type: 'button', class: 'primary', id: 'close-picture', onclick: () => closeDialog('') }, 'Close')));
  openDialog(picture.name, content, { focus: 'close-picture' });
}
