// Shows the same request as code, to be copied.
import { byId, closeDialog, el, openDialog } from '../shared/dom.js';
import { codeOf, languages, pastedIn, unnameableByCurl } from './code.js';

export function showCode(episode, settings) {
  const said = el('p', { role: 'status', class: 'hint' });
  const unnameable = unnameableByCurl(episode);
  const warning = el('p', { class: 'message warn', hidden: true }, unnameable.length === 0 ? null
    : `curl cannot send a class with “=” in its name (${unnameable.map(label => `“${label}”`).join(', ')}); Python and C# can.`);
  const area = el('textarea', { id: 'code-text', readOnly: true, spellcheck: false });
  const choices = el('div', { class: 'actions', role: 'group', 'aria-label': 'Language' }, Object.entries(languages).map(([language, name]) =>
    el('button', { type: 'button', id: `code-${language}`, onclick: () => show(language) }, name)));
  const show = language => {
    area.value = codeOf(language, episode, settings);
    for (const button of choices.children) button.setAttribute('aria-pressed', String(button.id === `code-${language}`));
    said.textContent = '';
    warning.hidden = language !== 'curl' || unnameable.length === 0;
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(area.value);
    } catch {
      area.select();
      document.execCommand('copy'); // where the page came over plain HTTP from another machine
    }
    said.textContent = 'Copied.';
  };
  show('curl');
  return openDialog('The same request as code', [
    el('p', { class: 'hint' }, 'It runs in the folder of your files. What the server has, such as samples, is fetched from there.',
      pastedIn(episode) ? ' Save the pictures that you pasted under their names first.' : null),
    choices, warning,
    el('label', { for: 'code-text', class: 'hint' }, 'Code'), area, said,
    el('div', { class: 'actions end' },
      el('button', { type: 'button', id: 'close-code', onclick: () => closeDialog('') }, 'Close'),
      el('button', { type: 'button', class: 'primary', onclick: copy }, 'Copy')),
  ], { wide: true, focus: 'code-curl' });
}
