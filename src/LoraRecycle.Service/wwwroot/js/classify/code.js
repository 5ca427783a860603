// The same request for a terminal and for programs: it runs as it is copied, in the folder of the files. What the server has is
// fetched from there.
import { storedKey } from '../shared/key.js';
import { urlOf } from '../shared/api.js';

export const languages = { curl: 'curl', python: 'Python', csharp: 'C#' };

/** The code for an episode, or for the stored task that it is, in one of the languages. */
export const codeOf = (language, episode, settings) => ({ curl, python, csharp })[language](partsOf(episode, settings));

/** Pictures that no file of that name has: those that were pasted. */
export const pastedIn = episode => [...episode.classes.flatMap(one => one.pictures), ...episode.open].some(picture => !picture.source && !picture.file.name);

/** Labels that curl cannot send: it takes what is before the first = of a part for the part's name. */
export const unnameableByCurl = episode => (episode.task ? [] : [...new Set(episode.support.map(({ label }) => label))].filter(label => label.includes('=')));

function partsOf(episode, { metaLora, reject }) {
  const support = new Map();
  for (const { label, pictures } of episode.support) support.set(label, [...(support.get(label) ?? []), ...pictures]);
  return { task: episode.task?.id, support: episode.task ? new Map() : support, queries: episode.open, metaLora: metaLora === 'default' ? null : metaLora, reject: reject || null, hasKey: storedKey() !== '' };
}

const root = () => urlOf('.').href.replace(/\/$/, '');

// curl

const quoted = text => `'${text.replaceAll("'", `'\\''`)}'`;

/** Where a picture lies: one of the server goes into a folder of its class. */
const fileOf = picture => (picture.source ? `lora-recycle/${picture.source.path.replace(/[^\w.%/-]/g, '_').replaceAll('%', '_')}` : picture.name);

function curl({ task, support, queries, metaLora, reject, hasKey }) {
  const key = hasKey ? ['  -H "X-Api-Key: $LORA_RECYCLE_KEY"'] : [];
  const at = picture => (/[;,"\\]/.test(fileOf(picture)) ? `"${fileOf(picture).replace(/["\\]/g, '\\$&')}"` : fileOf(picture));
  const fetched = [...[...support.values()].flat(), ...queries].filter(picture => picture.source);
  const lines = [
    `curl -sS ${quoted(task ? `${root()}/tasks/${task}/classify` : `${root()}/classify`)}`, ...key,
    ...[...support].flatMap(([label, pictures]) => pictures.map(picture => `  -F ${quoted(`support[${label}]=@${at(picture)}`)}`)),
    ...queries.map(picture => `  -F ${quoted(`query=@${at(picture)}`)}`),
    ...(task || !metaLora ? [] : [`  -F ${quoted(`metaLora=${metaLora}`)}`]),
    ...(task || !reject ? [] : [`  -F reject=${reject}`]),
  ].join(' \\\n');
  if (fetched.length === 0) return lines;
  return `${['curl -fsS --create-dirs', ...key, ...fetched.map(picture => `  -o ${quoted(fileOf(picture))} ${quoted(`${root()}/${picture.source.path}`)}`)].join(' \\\n')} &&\n${lines}`;
}

// The clients' languages both take JSON's strings.

const text = value => JSON.stringify(value);

function python({ task, support, queries, metaLora, reject }) {
  const file = picture => (picture.source?.sample ? `client.server.sample(${picture.source.sample.map(text).join(', ')})`
    : picture.source?.image ? `client.tasks.image(${text(picture.source.image[0])}, ${picture.source.image[1]})` : text(picture.name));
  const list = (pictures, indent) => `[\n${pictures.map(picture => `${indent}    ${file(picture)},`).join('\n')}\n${indent}]`;
  const ask = task ? `client.tasks.classify(${text(task)}, ${list(queries, '')})` : `client.classify(\n    {\n${[...support].map(([label, pictures]) => `        ${text(label)}: ${list(pictures, '        ')},`).join('\n')}\n    },\n    ${list(queries, '    ')},\n${metaLora ? `    meta_lora=${text(metaLora)},\n` : ''}${reject ? `    reject=${reject},\n` : ''})`;
  return `# pip install ./clients/python; the key, if there is one, is in LORA_RECYCLE_KEY\nfrom lora_recycle import Client\n\nclient = Client(${text(root())})\nanswer = ${ask}\nfor one in answer.predictions:\n    print(one.label, one.probability)\n`;
}

function csharp({ task, support, queries, metaLora, reject }) {
  const file = picture => (picture.source?.sample ? `await client.Server.GetSampleAsync(${picture.source.sample.map(text).join(', ')})`
    : picture.source?.image ? `await client.Tasks.GetImageAsync(${text(picture.source.image[0])}, ${picture.source.image[1]})` : text(picture.name));
  const list = (pictures, indent) => `[\n${pictures.map(picture => `${indent}    ${file(picture)},`).join('\n')}\n${indent}]`;
  const ask = task ? `client.Tasks.ClassifyAsync(${text(task)}, ${list(queries, '')})` : `client.ClassifyAsync(\n    new()\n    {\n${[...support].map(([label, pictures]) => `        [${text(label)}] = ${list(pictures, '        ')},`).join('\n')}\n    },\n    ${list(queries, '    ')}${metaLora ? `,\n    metaLora: ${text(metaLora)}` : ''}${reject ? `,\n    reject: ${reject}` : ''})`;
  return `// The project refers to src/LoraRecycle.Client; the key, if there is one, is in LORA_RECYCLE_KEY.\nusing var client = new LoraRecycle.Client.LoraRecycleClient(${text(root())});\nvar answer = await ${ask};\nforeach (var one in answer.Predictions)\n    Console.WriteLine($"{one.Label} {one.Probability:P0}");\n`;
}
