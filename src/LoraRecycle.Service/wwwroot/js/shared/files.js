// Files that are dropped or pasted, with the folders that they come from.

/** What was dropped: pictures by the folder that holds them ('' for none). Must be called while the event is handled. */
export async function dropped(transfer) {
  const entries = [...transfer.items].filter(item => item.kind === 'file').map(item => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const groups = new Map();
  for (const entry of entries) if (entry) await collect(entry, '', groups);
  return groups;
}

async function collect(entry, folder, groups) {
  if (entry instanceof File) return put(groups, folder, entry);
  if (entry.isFile) return put(groups, folder, await new Promise((resolve, reject) => entry.file(resolve, reject)));
  for (const child of await children(entry.createReader())) {
    if (!child.name.startsWith('.')) await collect(child, entry.name, groups);
  }
}

/** A reader gives its entries in parts, the last of which is empty. */
async function children(reader) {
  const all = [];
  for (;;) {
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return all;
    all.push(...part);
  }
}

function put(groups, folder, file) {
  if (!groups.has(folder)) groups.set(folder, []);
  groups.get(folder).push(file);
}

/** Makes an element take dropped files. Calls back with files by folder. */
export function acceptDrops(element, take) {
  let depth = 0;
  const isFiles = event => event.dataTransfer?.types.includes('Files');
  element.addEventListener('dragenter', event => { if (isFiles(event)) { depth++; element.classList.add('over'); } });
  element.addEventListener('dragleave', event => { if (isFiles(event) && --depth <= 0) element.classList.remove('over'); });
  element.addEventListener('dragover', event => { if (isFiles(event)) event.preventDefault(); });
  element.addEventListener('drop', async event => {
    if (!isFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    element.classList.remove('over');
    document.querySelectorAll('.over').forEach(other => other.classList.remove('over'));
    take(await dropped(event.dataTransfer));
  });
}

/** Shows where files can be dropped as soon as they are over the page, and keeps a drop elsewhere from leaving it. */
export function showDropTargets() {
  const isFiles = event => event.dataTransfer?.types.includes('Files');
  const show = isShown => document.body.classList.toggle('dragging', isShown);
  addEventListener('dragover', event => { if (isFiles(event)) { event.preventDefault(); show(true); } });
  addEventListener('dragleave', event => { if (isFiles(event) && !event.relatedTarget) show(false); });
  addEventListener('drop', event => { if (isFiles(event)) event.preventDefault(); show(false); }, { capture: true });
}
