import { chart, CHART_WIDTH } from '../chart.js';
import { escapeMarkup } from '../markup.js';
import { PAGE_STYLE } from '../pageStyle.js';
import type { DataFacts, GroupFacts, HistogramFacts, ImageFacts, SetFacts } from './dataFacts.js';
import { DATA_SCRIPT } from './dataScript.js';
import { DATA_STYLE } from './dataStyle.js';

const POLICY = "default-src 'none';img-src data:;style-src 'unsafe-inline';script-src 'unsafe-inline'";

/** Returns an HTML document that needs no other file and no network. */
export function dataPage({ title, groups }: DataFacts): string {
  const name = escapeMarkup(title);
  const data = groups.map((group) => ({
    title: group.title,
    names: group.sets.map((set) => set.name),
    records: group.sets.map(({ records }) => records),
    features: group.features,
  }));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>Data: ${name}</title><style>${PAGE_STYLE}${DATA_STYLE}</style></head><body><main>
<h1>${name}</h1><p class="soft">Written at ${new Date().toISOString()}</p>
<noscript><p class="verdict">The tables of features need scripts.</p></noscript>
${groups.map(groupMarkup).join('\n')}</main>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>${DATA_SCRIPT}</script></body></html>
`;
}

function groupMarkup(group: GroupFacts, index: number): string {
  const { title, sets, sizes, classes, images, features } = group;
  const differs = sets.length > 1 ? '<p class="soft">The features that differ the most come first.</p>' : '';
  return (
    `<section id="group${index}"><h2>${escapeMarkup(title)}</h2>${sets.map((set) => setMarkup(set, sets.length)).join('')}` +
    (features.length > 0 ? `<div class="features"><h3>Features</h3>${differs}</div>` : '') +
    (classes ? classMarkup(classes.feature, classes.classes, sets) : '') +
    (images.length > 0 ? `<h3>Images</h3><ul class="images">${images.map(imageMarkup).join('')}</ul>` : '') +
    (sizes ? sizesMarkup(sizes, sets) : '') +
    `${sets.map((set, at) => proposalMarkup(set, `code${index}_${at}`, sets.length)).join('')}</section>`
  );
}

function setMarkup({ name, extent, remarks }: SetFacts, count: number): string {
  const label = count > 1 ? `<b>${escapeMarkup(name)}</b>: ` : '';
  const items = remarks.map((remark) => `<li>${escapeMarkup(remark)}</li>`).join('');
  return `<p>${label}${escapeMarkup(extent)}</p>${items && `<ul class="remarks soft">${items}</ul>`}`;
}

function classMarkup(
  feature: string,
  classes: readonly (readonly [string, ...number[]])[],
  sets: readonly SetFacts[],
): string {
  const totals = sets.map((_, set) => classes.reduce((sum, each) => sum + Number(each[set + 1]), 0));
  const most = Math.max(...classes.flatMap(([, ...counts]) => counts.map((count, set) => count / (totals[set] ?? 1))));
  const heads = sets.length > 1 ? sets.map(({ name }) => `<th scope="col">${escapeMarkup(name)}</th>`) : [];
  const lines = classes.map(([value, ...counts]) => {
    const cells = counts.map((count, set) => {
      const share = count / (totals[set] || 1);
      const bar = `<span class="bar"><span class="fill${set}" style="width:${((100 * share) / most).toFixed(1)}%"></span></span>`;
      return `<td>${count.toLocaleString('en')} (${(100 * share).toFixed(1)} %)${bar}</td>`;
    });
    return `<tr><th scope="row" class="value">${escapeMarkup(value)}</th>${cells.join('')}</tr>`;
  });
  const label = escapeMarkup(feature);
  return (
    `<h3>Class balance of ${label}</h3><div class="classes" tabindex="0" role="region" aria-label="Classes of ${label}"><table>` +
    `${heads.length > 0 ? `<thead><tr><td></td>${heads.join('')}</tr></thead>` : ''}<tbody>${lines.join('')}</tbody></table></div>`
  );
}

function imageMarkup({ feature, url, text }: ImageFacts): string {
  const caption = escapeMarkup(`${feature}: ${text}`);
  return `<li>${url === undefined ? '' : `<img src="${escapeMarkup(url)}" alt="">`}<span class="soft">${caption}</span></li>`;
}

function sizesMarkup({ l, from, to, c }: HistogramFacts, sets: readonly SetFacts[]): string {
  const range = `from ${from.toLocaleString('en')} to ${to.toLocaleString('en')}`;
  const charts = c.map((values, set) => {
    const ends = values.map((_, at) => ((at + 1) * CHART_WIDTH) / values.length);
    const label = `${sets.length > 1 ? `${sets[set]?.name ?? ''}: ` : ''}${l}, ${range}`;
    const drawn = chart({ label, ends, top: 100, series: [{ color: set === 0 ? 'work' : 'input', values }] });
    return `<div class="chart sizes">${drawn}</div>`;
  });
  const ends = [from, to].map((end) => `<span>${end.toLocaleString('en')}</span>`).join('');
  return `<h3>Record sizes in bytes</h3>${charts.join('')}<div class="axis soft">${ends}</div>`;
}

function proposalMarkup({ name, proposal }: SetFacts, id: string, count: number): string {
  if (proposal === '') return '';
  const label = count > 1 ? ` ${escapeMarkup(name)}` : '';
  return (
    `<h3>How to parse${label || ' it'}</h3><button type="button" class="copy" data-of="${id}" hidden>Copy</button>` +
    `<pre id="${id}" tabindex="0" role="region" aria-label="How to parse${label}">${escapeMarkup(proposal)}</pre>`
  );
}
