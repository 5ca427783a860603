// What one LoRA does to the model's weights.
import { getBlob, getJson } from '../shared/api.js';
import { closeDialog, el, openDialog, sayProblem } from '../shared/dom.js';

export async function showSpectrum(id, name) {
  const body = el('div', { class: 'stack', 'aria-live': 'polite' }, el('p', {}, 'Computing… The first time takes a few seconds.'));
  const closed = openDialog(name, [body, el('div', { class: 'actions end' }, el('button', { type: 'button', class: 'primary', onclick: () => closeDialog('') }, 'Close'))], { wide: true });
  let url = null;
  try {
    const { lora, spectrum } = await getJson(`loras/${id}`);
    if (spectrum === null) {
      body.replaceChildren(el('p', {}, `This LoRA was made for ${lora.model}, not for the current model, so there are no weights to compare it with.`));
      return await closed;
    }
    if (spectrum.layers.length === 0) {
      body.replaceChildren(el('p', {}, 'This LoRA changes no weights: it runs beside the model and acts differently on every token, so it has no spectrum.', lora.classCount === null ? '' : ' It can still be recycled.'));
      return await closed;
    }
    url = URL.createObjectURL(await getBlob(`loras/${id}/spectrum.svg`));
    body.replaceChildren(
      el('p', { class: 'hint' }, 'Singular values of the LoRA’s change to each weight, next to those of the weight itself, on a logarithmic scale.'),
      el('div', { class: 'spectrum-scroll', tabIndex: 0, role: 'region', 'aria-label': 'Drawing' }, el('img', { class: 'spectrum', src: url, alt: `Spectrum of ${name}; the table has the numbers` })),
      el('details', {}, el('summary', {}, 'Figures'), figures(spectrum.layers)));
  } catch (problem) {
    sayProblem(body, problem);
  }
  await closed;
  if (url) URL.revokeObjectURL(url);
}

const figures = layers => el('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Figures' }, el('table', {},
  el('thead', {}, el('tr', {}, ['Layer', 'Norm', 'Relative', 'Effective rank', 'Intruders'].map((text, i) => el('th', { scope: 'col', class: i > 0 ? 'number' : '' }, text)))),
  el('tbody', {}, layers.map(layer => el('tr', {}, el('th', { scope: 'row' }, layer.layer),
    [layer.norm.toFixed(2), layer.relativeNorm.toFixed(3), layer.effectiveRank.toFixed(1), layer.intruderDimensions.length].map(value => el('td', { class: 'number' }, value)))))));
