// Asks the server for answers, leaving out the pictures that it refuses.
import { getJson, postForm } from '../shared/api.js';

const mostRefusals = 50;

let limits = null; // a promise of them: they stay the same

/** Marks what is larger than the server takes, before it is sent. */
export async function refuseTooLarge(pictures) {
  limits ??= getJson('limits').catch(() => { limits = null; return null; });
  const known = await limits;
  for (const picture of pictures) {
    if (known && !picture.refused && picture.file.size > known.imageBytes) {
      picture.refused = { title: 'The file is too large.', detail: `The server accepts at most ${known.imageBytes.toLocaleString('en')} bytes per picture; this one has ${picture.file.size.toLocaleString('en')}.` };
    }
  }
}

/**
 * Sends an episode to a path until no picture of it is refused.
 * @param {string} path
 * @param {any} episode
 * @param {object} extra more fields of the form
 * @param {{ queries?: boolean, signal?: AbortSignal }} [options]
 */
export async function sendEpisode(path, episode, extra, { queries = true, signal } = {}) {
  for (let refusals = 0; ; refusals++) {
    const { form, fields } = episode.form({ queries });
    for (const [name, value] of Object.entries(extra)) if (value !== '') form.append(name, value);
    try {
      return await postForm(path, form, { signal });
    } catch (problem) {
      const picture = fields.get(problem.field);
      if (!picture || refusals === mostRefusals) throw problem;
      picture.refused = { title: problem.title, detail: problem.detail };
      if (queries && episode.missing) throw problem;
    }
  }
}

/** Asks each of the adapters in turn. Returns their answers, each with the queries that it answers. */
export async function ask(episode, adapters, reject, signal) {
  await refuseTooLarge([...episode.classes.flatMap(one => one.pictures), ...episode.queries]);
  if (episode.missing) return [];
  const runs = [];
  for (const metaLora of adapters) {
    const answer = await sendEpisode('classify', episode, { metaLora, reject, embeddings: 'true' }, { signal });
    runs.push({ answer, queries: episode.open, support: episode.support });
  }
  return runs;
}
