// Adds a LoRA: files are chosen or dropped, and their way to the server is shown.
import { keyHeaders, Problem, remember, serverGone, urlOf } from '../shared/api.js';
import { byId, el, say, sayProblem } from '../shared/dom.js';
import { acceptDrops } from '../shared/files.js';
import { bytes } from '../shared/format.js';
import { askForKey, storedKey } from '../shared/key.js';
import { removeButton } from '../shared/picture.js';

let files = [];

export function startUpload(uploaded) {
  const choose = more => {
    files = [...files.filter(file => !more.some(other => other.name === file.name)), ...more];
    draw();
  };
  byId('upload-files').addEventListener('change', ({ target }) => {
    choose([...target.files]);
    target.value = '';
  });
  acceptDrops(byId('upload-zone'), groups => choose([...groups.values()].flat()));
  byId('upload').addEventListener('submit', async event => {
    event.preventDefault();
    if (files.length === 0) return say(byId('upload-status'), 'Choose the files of a LoRA first.', 'warn');
    await upload(event.submitter, uploaded);
  });
}

function draw() {
  byId('upload-list').replaceChildren(...files.map(file => el('li', { class: 'inline' },
    el('code', {}, file.name), el('span', { class: 'hint' }, bytes(file.size)),
    removeButton(file.name, () => { files = files.filter(other => other !== file); draw(); }))));
}

async function upload(button, uploaded) {
  const progress = byId('upload-progress');
  button.disabled = true;
  progress.hidden = false;
  say(byId('upload-status'), 'Uploading…');
  try {
    const { status, lora } = await post(share => {
      progress.value = share;
      if (share === 1) say(byId('upload-status'), 'Uploaded; the server is checking the files…');
    });
    files = [];
    byId('upload-name').value = '';
    draw();
    await uploaded();
    const name = lora.name ?? lora.id.slice(0, 12);
    say(byId('upload-status'), status === 201 ? `“${name}” was added.` : `The server already has this LoRA, as “${name}”.`, 'good');
  } catch (problem) {
    sayProblem(byId('upload-status'), problem);
  } finally {
    button.disabled = false;
    progress.hidden = true;
  }
}

/** Only XMLHttpRequest tells how much of a body is on its way. */
async function post(tell) {
  const form = new FormData();
  // Fields come first: the server reads the form as it arrives.
  const name = byId('upload-name').value.trim();
  if (name) form.append('name', name);
  for (const file of files) form.append(file.name.toLowerCase().endsWith('.zip') ? 'lora.zip' : 'file', file, file.name);
  const key = storedKey();
  const request = await new Promise(resolve => {
    const sent = new XMLHttpRequest();
    sent.open('POST', urlOf('loras'));
    for (const [header, value] of Object.entries(keyHeaders())) sent.setRequestHeader(header, value);
    sent.upload.addEventListener('progress', event => { if (event.lengthComputable) tell(event.loaded / event.total); });
    sent.addEventListener('loadend', () => resolve(sent));
    sent.send(form);
  });
  if (request.status === 0) throw remember(serverGone(), 'POST', 'loras');
  const body = parsed(request.responseText);
  if (request.status < 300) return { status: request.status, lora: body };
  const problem = new Problem(request.status, body);
  if (request.status === 401 && await askForKey(problem, key)) return post(tell);
  throw remember(problem, 'POST', 'loras');
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
