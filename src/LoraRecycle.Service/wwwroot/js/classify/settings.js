// How it is asked: the adapter, rejection, and whether the bare model answers as well.
import { byId } from '../shared/dom.js';
import { getJson } from '../shared/api.js';

export const settings = () => ({ metaLora: byId('meta-lora').value, reject: byId('reject').value, compare: byId('compare').checked });

/** Sets what is given; a meta-LoRA that the list does not have yet is added to it. */
export function setSettings({ metaLora = 'default', reject = '', compare = byId('compare').checked }) {
  choose(byId('meta-lora'), metaLora);
  choose(byId('reject'), reject === null ? '' : String(reject));
  byId('compare').checked = compare;
}

function choose(select, value) {
  if (![...select.options].some(option => option.value === value)) select.add(new Option(value, value));
  select.value = value;
}

/** The meta-LoRAs that there are. Who may not list them can still ask for the active one, and for none. */
export async function offerAdapters() {
  const select = byId('meta-lora');
  try {
    const { active, metaLoras } = await getJson('meta-loras');
    const chosen = select.value;
    select.options[0].textContent = active === 'none' ? 'active: the bare model' : `active meta-LoRA: ${active}`;
    while (select.options.length > 2) select.remove(2);
    for (const one of metaLoras) if (one.status === 'ready') select.add(new Option(one.id, one.id));
    choose(select, chosen);
  } catch {
    // The two that every server has are there.
  }
}
