// Which meta-LoRA answers, and which one did before: whoever tries one finds the way back.
import { getJson, send } from '../shared/api.js';

const name = 'lora-recycle-previous';

export const titleOf = id => (id === 'none' ? 'the bare model' : `“${id}”`);

/** The one that was active before this browser activated another one; null where it did not. */
export const previous = () => localStorage.getItem(name);

/** Makes a meta-LoRA active, or the bare model; resolves with the id of the active one. */
export async function activate(id) {
  const before = (await getJson('meta-loras/active')).id;
  const active = (await (await send('PUT', 'meta-loras/active', { json: { id } })).json()).id;
  if (before !== active) localStorage.setItem(name, before);
  return active;
}
