// Keeps the episode in this browser, so that a page that is reloaded has its pictures still.
import { Picture } from '../shared/picture.js';

const [database, store, key] = ['lora-recycle', 'kept', 'episode'];
const mostBytes = 64 * 2 ** 20;

const mostScores = 200_000;

/**
 * Brings back what was kept, with its answers, then keeps what changes. Calls back with false when there is more than is kept, and
 * with true when there is not any more.
 * @param episode
 * @param answering
 * @param {{ get: () => object, set: (settings: any) => void }} settings
 * @param {(isKept: boolean) => void} told
 */
export async function keepEpisode(episode, answering, settings, told) {
  let kept;
  try {
    kept = await open();
    restore(episode, answering, settings, await request(kept, 'readonly', one => one.get(key)));
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
      const content = contentOf(episode, answering, settings);
      const wrote = content !== null && await request(kept, 'readwrite', one => (content.size > 0 ? one.put(content, key) : one.delete(key))).then(() => true, () => false); // the disk may be full
      // What is not all of it is worse than nothing: it would come back as if it were.
      if (!wrote) await request(kept, 'readwrite', one => one.delete(key)).catch(() => {});
      if (wrote !== isTold) told(isTold = wrote);
    }
    isWriting = false;
  };
  episode.addEventListener('change', write);
  answering.addEventListener('answered', write);
  if (!episode.isEmpty) write(); // what came meanwhile
}

/** The files themselves: a browser keeps them as they are. Null when they are more than is kept. */
function contentOf(episode, answering, settings) {
  const pictures = [...episode.classes.flatMap(one => one.pictures), ...episode.queries];
  if (pictures.reduce((sum, picture) => sum + picture.file.size, 0) > mostBytes) return null;
  const plain = ({ file, name, expected, stored, source }) => ({ file, name, expected, stored, source });
  return {
    size: episode.isEmpty ? 0 : 1, task: episode.task, corrections: episode.corrections, settings: settings.get(), isLive: answering.isLive,
    classes: episode.classes.map(({ label, pictures: own }) => ({ label, pictures: own.map(plain) })), queries: episode.queries.map(plain),
    runs: plainRuns(answering, pictures),
  };
}

/** The answers, with the places of their pictures. None where they are not of what there is, or too many: they are asked for again. */
function plainRuns(answering, pictures) {
  if (!answering.isCurrent || answering.runs.reduce((sum, { queries, support }) => sum + queries.length * support.length, 0) > mostScores) return [];
  const at = new Map(pictures.map((picture, i) => [picture, i]));
  const places = all => all.map(picture => at.get(picture));
  return answering.runs.map(({ answer, queries, support }) => ({ answer, queries: places(queries), support: support.map(one => ({ label: one.label, pictures: places(one.pictures) })) }));
}

function restore(episode, answering, settings, content) {
  // Whoever was faster than the disk goes on with what they have.
  if (!content || !episode.isEmpty) return;
  const picture = ({ file, name, expected, stored = null, source = null }) => Object.assign(new Picture(file, expected), { name, stored, source });
  const classes = content.classes.map(({ label, pictures }) => ({ label, pictures: pictures.map(picture) }));
  const queries = content.queries.map(picture);
  if (content.settings) settings.set(content.settings);
  episode.restore({ classes, queries, task: content.task ?? null, corrections: content.corrections ?? [] });
  const all = [...classes.flatMap(one => one.pictures), ...queries];
  const pictures = places => places.map(at => all[at]);
  if (content.runs?.length > 0)
    answering.take(content.runs.map(run => ({ answer: run.answer, queries: pictures(run.queries), support: run.support.map(one => ({ label: one.label, pictures: pictures(one.pictures) })) })));
  else if (content.isLive && !episode.missing) answering.classify();
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
