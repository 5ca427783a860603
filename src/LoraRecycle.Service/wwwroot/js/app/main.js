// Which section is shown, and whether the server is there.
import { byId, el } from '../shared/dom.js';
import { onConnection, urlOf } from '../shared/api.js';
import { showDropTargets } from '../shared/files.js';
import { startKey } from '../shared/key.js';
import { untilReady } from './readiness.js';
import * as classify from '../classify/classify.js';
import * as market from '../market/market.js';
import * as recycle from '../recycle/recycle.js';
import * as status from '../status/status.js';

/** @type {Record<string, any>} modules: each may start, show and hide its section */
const views = { classify, market, recycle, status, help: { show: () => {} } };
let current = null;

function route() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, '').split('/');
  if (name === 'main') return; // the skip link
  const chosen = Object.hasOwn(views, name) ? name : 'classify';
  const moved = current !== null && current !== chosen;
  if (current !== chosen) views[current]?.hide?.();
  current = chosen;
  for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-view]'))) section.hidden = section.dataset.view !== chosen;
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('.top nav a'))) {
    if (link.hash === `#/${chosen}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${chosen[0].toUpperCase()}${chosen.slice(1)} – LoRA Recycle`;
  views[chosen].show(rest);
  if (moved) {
    scrollTo(0, 0);
    byId('main').focus({ preventScroll: true });
  }
}

let looking = 0;

function connection(isThere) {
  const banner = byId('connection');
  if (isThere) {
    clearTimeout(looking);
    looking = 0;
    banner.hidden = true;
    return;
  }
  if (looking) return;
  banner.replaceChildren(el('strong', {}, 'The server does not answer. '), 'This page keeps trying.');
  banner.hidden = false;
  const look = async () => {
    try {
      await fetch(urlOf('healthz/live'));
      connection(true);
      route();
    } catch {
      looking = setTimeout(look, 2000);
    }
  };
  looking = setTimeout(look, 2000);
}

onConnection(connection);
startKey();
showDropTargets();
for (const view of Object.values(views)) view.start?.();
addEventListener('hashchange', route);
route();
untilReady();
