// The same request for a terminal.
import { storedKey } from '../shared/key.js';
import { urlOf } from '../shared/api.js';
import { byId, closeDialog, el, openDialog } from '../shared/dom.js';

const quoted = text => `'${text.replaceAll("'", `'\\''`)}'`;

/** A curl command for an episode, or for the stored task that it is. */
export function curlOf(episode, { metaLora, reject }) {
  const key = storedKey() ? [`  -H "X-Api-Key: $LORA_RECYCLE_KEY"`] : [];
  const file = picture => (/[;,"\\]/.test(picture.name) ? `"${picture.name.replace(/["\\]/g, '\\$&')}"` : picture.name);
  const queries = episode.open.map(picture => `  -F ${quoted(`query=@${file(picture)}`)}`);
  if (episode.task) return [`curl ${urlOf(`tasks/${episode.task.id}/classify`)}`, ...key, ...queries].join(' \\\n');
  return [
    `curl ${urlOf('classify')}`, ...key,
    ...episode.support.flatMap(one => one.pictures.map(picture => `  -F ${quoted(`support[${one.label}]=@${file(picture)}`)}`)),
    ...queries,
    ...(metaLora === 'default' ? [] : [`  -F ${quoted(`metaLora=${metaLora}`)}`]),
    ...(reject ? [`  -F reject=${reject}`] : []),
  ].join(' \\\n');
}

export function showCurl(command) {
  const said = el('p', { role: 'status', class: 'hint' });
  const copy = async () => {
    const text = byId('curl-text');
    try {
      await navigator.clipboard.writeText(command);
    } catch {
      text.select();
      document.execCommand('copy'); // where the page came over plain HTTP from another machine
    }
    said.textContent = 'Copied.';
  };
  return openDialog('As curl', [
    el('p', { class: 'hint' }, 'Run this command in the folder of the files. Without -F metaLora, the active meta-LoRA answers.'),
    el('label', { for: 'curl-text', class: 'hint' }, 'Command'),
    el('textarea', { id: 'curl-text', readOnly: true, value: command, spellcheck: false }),
    said,
    el('div', { class: 'actions end' },
      el('button', { type: 'button', onclick: () => closeDialog('') }, 'Close'),
      el('button', { type: 'button', class: 'primary', onclick: copy }, 'Copy')),
  ], { wide: true });
}
