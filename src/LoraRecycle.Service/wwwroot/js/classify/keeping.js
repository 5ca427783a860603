// Keeps the episode in this browser, so that a page that is reloaded has its pictures still.
import { Picture } from '../shared/picture.js';

const [database, store, key] = ['lora-recycle', 'kept', 'episode'];
const mostBytes = 64 * 2 ** 20;

/**
 * Brings back what was kept, then keeps what changes. Calls back with false when there is more than is kept, and with true
 * when there is not any more.
 */
export async function keepEpisode(episode, told) {
  let kept;
  try {
    kept = await open();
    restore(episode, await request(kept, 'readonly', one => one.get(key)));
  } catch {
    return; // a private window, say: nothing is kept, and nothing else is lost
  }
  let isTold = true;
  let [isWriting, isStale] = [false, false];
  // At once, because a page that goes away has no time left to write pictures; and one after the other, so that what was
  // written last is what there is.
  const write = async () => {
    isStale = true;
    if (isWriting) return;
    isWriting = true;
    while (isStale) {
      isStale = false;
      const content = contentOf(episode);
      const fits = content !== null;
      if (fits !== isTold) told(isTold = fits);
      await request(kept, 'readwrite', one => (fits && content.size > 0 ? one.put(content, key) : one.delete(key))).catch(() => {}); // the disk is full
    }
    isWriting = false;
  };
  episode.addEventListener('change', write);
  if (episode.classes.length + episode.queries.length > 0) write(); // what came meanwhile
}

/** The files themselves: a browser keeps them as they are. Null when they are more than is kept. */
function contentOf(episode) {
  const pictures = [...episode.classes.flatMap(one => one.pictures), ...episode.queries];
  if (pictures.reduce((sum, picture) => sum + picture.file.size, 0) > mostBytes) return null;
  const plain = ({ file, name, expected }) => ({ file, name, expected });
  return {
    size: episode.classes.length + episode.queries.length, task: episode.task,
    classes: episode.classes.map(({ label, pictures: own }) => ({ label, pictures: own.map(plain) })), queries: episode.queries.map(plain),
  };
}

function restore(episode, content) {
  // Whoever was faster than the disk goes on with what they have.
  if (!content || episode.classes.length + episode.queries.length > 0) return;
  const picture = ({ file, name, expected }) => Object.assign(new Picture(file, expected), { name });
  for (const { label, pictures } of content.classes) episode.addClass(label, pictures.map(picture));
  episode.queries.push(...content.queries.map(picture));
  episode.changed();
  episode.task = content.task;
}

const open = () => new Promise((resolve, reject) => {
  const opening = indexedDB.open(database, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(store);
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
  opening.onblocked = () => reject(new Error('blocked'));
});

const request = (kept, mode, ask) => new Promise((resolve, reject) => {
  const transaction = kept.transaction(store, mode);
  const asked = ask(transaction.objectStore(store));
  transaction.oncomplete = () => resolve(asked.result);
  transaction.onabort = transaction.onerror = () => reject(transaction.error);
});
