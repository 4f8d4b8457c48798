import { escapeMarkup } from '../markup.js';
import { PAGE_STYLE } from '../pageStyle.js';
import type { DataPageFacts, GroupFacts, ImageFacts, SetFacts } from './dataFacts.js';
import { DATA_SCRIPT } from './dataScript.js';
import { DATA_STYLE } from './dataStyle.js';

const POLICY = "default-src 'none';img-src data:;style-src 'unsafe-inline';script-src 'unsafe-inline'";

/** Returns an HTML document that needs no other file and no network. */
export function dataPage({ title, groups }: DataPageFacts): string {
  const name = escapeMarkup(title);
  const data = groups.map((group) => ({
    title: group.title,
    names: group.sets.map((set) => set.name),
    records: group.sets.map(({ records }) => records),
    features: group.features,
    classes: group.classes,
    sizes: group.sizes,
  }));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>Data: ${name}</title><style>${PAGE_STYLE}${DATA_STYLE}</style></head><body><main>
<h1>${name}</h1><p class="soft">Written at ${new Date().toISOString()}</p>
<noscript><p class="verdict">The tables and histograms need scripts.</p></noscript>
${groups.map(groupMarkup).join('\n') || '<p>No data.</p>'}</main>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>${DATA_SCRIPT}</script></body></html>
`;
}

function groupMarkup({ title, sets, images, features }: GroupFacts, index: number): string {
  const order = sets.length > 1 ? '<p class="soft">The features that differ the most come first.</p>' : '';
  return (
    `<section id="group${index}"><h2>${escapeMarkup(title)}</h2>${sets.map(setMarkup).join('')}` +
    `<div class="features">${features.length > 0 ? `<h3>Features</h3>${order}` : '<p>No features.</p>'}</div><div class="cards"></div>` +
    (images.length > 0 ? `<h3>Images</h3><ul class="images">${images.map(imageMarkup).join('')}</ul>` : '') +
    `${sets.map((set, at) => proposalMarkup(set, `code${index}_${at}`)).join('')}</section>`
  );
}

function setMarkup({ name, extent, remarks }: SetFacts): string {
  const items = remarks.map((remark) => `<li>${escapeMarkup(remark)}</li>`).join('');
  return `<p><b>${escapeMarkup(name)}</b>: ${escapeMarkup(extent)}</p><ul class="remarks soft">${items}</ul>`;
}

function imageMarkup({ feature, url, text }: ImageFacts): string {
  const picture = url === undefined ? '' : `<img src="${escapeMarkup(url)}" alt="">`;
  return `<li>${picture}<span class="soft">${escapeMarkup(`${feature}: ${text}`)}</span></li>`;
}

function proposalMarkup({ name, proposal }: SetFacts, id: string): string {
  if (!proposal) return '';
  const title = escapeMarkup(`${proposal.title} ${name}`);
  return (
    `<h3>${title}</h3><button type="button" class="copy" data-of="${id}" hidden>Copy</button>` +
    `<pre id="${id}" tabindex="0" role="region" aria-label="${title}">${escapeMarkup(proposal.text)}</pre>`
  );
}
