// The API key: asked for when the server wants one, kept in this tab's session alone.
import { byId } from './dom.js';

const name = 'lora-recycle-key';
let asking = null;

export const storedKey = () => sessionStorage.getItem(name) ?? '';

function show(reason) {
  const dialog = byId('key-dialog');
  byId('key-reason').textContent = reason;
  byId('key-input').value = '';
  byId('key-forget').hidden = !storedKey();
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => {
    const key = byId('key-input').value.trim();
    const used = dialog.returnValue === 'use' && key !== '';
    if (used) sessionStorage.setItem(name, key);
    label();
    resolve(used);
  }, { once: true }));
}

/** Asks once, however many requests were refused; resolves with whether to try again. */
export async function askForKey(problem, used) {
  if (storedKey() !== used && storedKey()) return true; // another request asked meanwhile
  asking ??= show(used ? `The server does not accept this key. ${problem.detail}` : 'The server requires an API key.').finally(() => { asking = null; });
  return await asking;
}

function label() {
  byId('key-button').textContent = storedKey() ? 'API key ✓' : 'API key';
}

/** The button in the header. Whoever changes the key sees the page anew. */
export function startKey() {
  label();
  byId('key-button').addEventListener('click', async () => {
    if (await show(storedKey() ? 'A key is set. A new one replaces it.' : 'Only needed if the server requires one.')) location.reload();
  });
  byId('key-cancel').addEventListener('click', () => byId('key-dialog').close(''));
  byId('key-forget').addEventListener('click', () => {
    sessionStorage.removeItem(name);
    byId('key-dialog').close('');
    location.reload();
  });
}
