// Under an answer: what the picture really is. One click, and the others are answered again.
import { closeDialog, el, openDialog } from '../shared/dom.js';
import { saidOf } from './order.js';

const offered = 4;

/**
 * The buttons under a picture's answer, or nothing where it is known to be right.
 * @param episode
 * @param picture
 * @param {string} name what the picture is called
 * @param {{ correct: (picture: any, label: string) => void, confirm: (picture: any) => void }} then
 */
export function correctionOf(episode, picture, name, { correct, confirm }) {
  const said = saidOf(picture);
  if (!said || (picture.expected !== null && picture.expected === said.label)) return null;
  // The most probable ones first; what it is known to be before all.
  const others = said.scores.map(score => score.label).filter(label => label !== said.label);
  if (others.includes(picture.expected)) others.unshift(...others.splice(others.indexOf(picture.expected), 1));
  const button = (text, id, click, properties = {}) => el('button', { type: 'button', id: `${id}-${picture.id}`, onclick: click, ...properties }, text);
  return el('div', { class: 'correct', role: 'group', 'aria-label': `What ${name} really is` },
    said.label !== null && picture.expected === null ? button('✓ right', 'right', () => confirm(picture), { 'aria-label': `${name} is ${said.label}: right` }) : null,
    el('span', { class: 'hint' }, said.label === null ? 'It is' : 'Wrong? It is'),
    others.slice(0, offered).map((label, i) => button(label, `is${'abcd'[i]}`, () => correct(picture, label), { 'aria-label': `${name} is ${label}`, title: label })),
    button('another…', 'other', () => another(others, name, label => correct(picture, label)), { 'aria-label': `${name} is another class…` }));
}

/** All the classes, and a name for a new one. */
function another(labels, name, take) {
  const field = el('input', { id: 'other-class', maxLength: 200, autocomplete: 'off', required: true });
  let chosen = '';
  const choose = label => { chosen = label.trim(); if (chosen) closeDialog(''); };
  openDialog(`What is ${name}?`, [
    el('ul', { class: 'labels' }, labels.map(label => el('li', {}, el('button', { type: 'button', onclick: () => choose(label) }, label)))),
    el('form', { class: 'inline', onsubmit: event => { event.preventDefault(); choose(field.value); } },
      el('label', { for: 'other-class' }, 'A new class'), field, el('button', { class: 'primary' }, 'It is this')),
    el('div', { class: 'actions end' }, el('button', { type: 'button', onclick: () => closeDialog('') }, 'Cancel')),
  ]).then(() => { if (chosen) take(chosen); });
}
