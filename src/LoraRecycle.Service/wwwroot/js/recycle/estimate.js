// What a job is going to take, as far as that can be said: how much work it is, and what the last one took here. No time is made up
// from it, because pictures per class, classes and devices change it as well.
import { getJson } from '../shared/api.js';
import { count, duration } from '../shared/format.js';

/** The last job that ended well, described; null without one. */
export async function lastJob() {
  try {
    const { jobs } = await getJson('recycle?limit=50');
    const job = jobs.find(one => one.state === 'succeeded' && one.started);
    return job ? await getJson(`recycle/${job.id}`) : null;
  } catch {
    return null;
  }
}

const work = (loras, inversion, distillation) => `${count(loras, 'LoRA')} × ${count(inversion, 'inversion step')}, then ${count(distillation, 'distillation step')}`;

/** @param body what would be sent @param last the last job, described */
export function estimate({ loras, inversion, distillation }, last) {
  const own = `Work: ${work(loras.length, inversion.iterations, distillation.iterations)}.`;
  const before = last?.settings;
  if (!before?.inversion?.iterations || !before?.distillation?.iterations) return `${own} How long that takes depends on this machine, and no job has ended here yet to compare with.`;
  const seconds = (Date.parse(last.job.ended) - Date.parse(last.job.started)) / 1000;
  return `${own} The last job here took ${duration(seconds)} for ${work(last.loras.length, before.inversion.iterations, before.distillation.iterations)}.`;
}
