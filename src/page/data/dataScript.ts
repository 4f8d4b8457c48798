/** Draws the tables of features: sorted, filtered, and 100 rows at a time, because a page can have 10,000 features. */
export const DATA_SCRIPT = `
const STEP = 100;
const SVG = 'http://www.w3.org/2000/svg';
const OF = { missing: 'missing', counts: 'number of values', presence: 'only in one' };

const fill = (node, attributes, parts) => {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...parts.flat().filter((part) => part !== undefined));
  return node;
};
const make = (tag, attributes, ...parts) => fill(document.createElement(tag), attributes, parts);
const format = (value, digits = 6) => {
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(digits - 1).replace(/[.]?0+e/, 'e');
  return value?.toLocaleString('en', { maximumSignificantDigits: Number.isInteger(value) ? 15 : digits });
};
const percent = (share) => format(100 * share, 3) + ' %';
const card = (title, ...parts) => make('div', { class: 'card' }, make('h4', {}, title), parts);

const draw = (shape, label) => {
  const bars = Math.max(...shape.c.map((counts) => counts.length));
  const paths = shape.c.map((counts, set) =>
    fill(
      document.createElementNS(SVG, 'path'),
      {
        class: 'set' + set,
        d: 'M0 100' + counts.map((count, at) => 'V' + (100 - count) + 'H' + (at + 1)).join('') + 'V100',
      },
      [],
    ),
  );
  const attributes = { viewBox: '0 0 ' + bars + ' 100', preserveAspectRatio: 'none', role: 'img', 'aria-label': label };
  return fill(document.createElementNS(SVG, 'svg'), attributes, paths);
};

const describe = ({ l, from, to }, name) =>
  name + ', ' + l + (from === undefined ? '' : ' from ' + format(from) + ' to ' + format(to));

const histogram = (shape, name) =>
  card(
    'Histogram of ' + shape.l,
    make('div', { class: 'chart' }, draw(shape, describe(shape, name))),
    make('div', { class: 'axis soft' }, make('span', {}, format(shape.from)), make('span', {}, format(shape.to))),
    shape.out && make('p', { class: 'soft' }, percent(shape.out / 100) + ' of the values are outside of this range'),
  );

const table = (names, lines) => {
  const heads = names[1] ? [make('thead', {}, make('tr', {}, make('td', {}), names.map((name) => make('th', { scope: 'col' }, name))))] : [];
  const rows = lines.map(([name, cells]) => make('tr', {}, make('th', { scope: 'row', class: 'value' }, name), cells.map((cell) => make('td', {}, cell))));
  return make('table', {}, heads, make('tbody', {}, rows));
};

const valueTable = (values, names, totals) => {
  const most = Math.max(...values.flatMap(([, ...counts]) => counts.map((count, set) => count / (totals[set] || 1))));
  return table(
    names,
    values.map(([value, ...counts]) => [
      value || '(empty)',
      counts.map((count, set) => {
        const share = count / (totals[set] || 1);
        const bar = make('span', { class: 'fill' + set, style: 'width:' + (100 * share) / most + '%' });
        return [format(count) + ' ', make('span', { class: 'share' }, '(' + percent(share) + ')'), make('span', { class: 'bar' }, bar)];
      }),
    ]),
  );
};

const figures = (row, names) => {
  const lines = [];
  const add = (name, pick) => {
    const cells = row.f.map((set) => (set ? pick(set) : undefined));
    if (cells.some((cell) => cell !== undefined)) lines.push([name, cells.map((cell) => cell ?? '-')]);
  };
  const range = (list) => list && format(list[0]) + ' to ' + format(list[2]) + ', mean ' + format(list[1]);
  add('missing', (set) => format(set.m));
  for (const [name, key] of Object.entries({ 'different values': 'u', min: 'min', max: 'max', mean: 'mean', 'standard deviation': 'sd', NaN: 'nan', infinite: 'inf' }))
    add(name, (set) => format(set[key]));
  [5, 25, 50, 75, 95].forEach((share, at) => add(share + ' % are at most', (set) => format(set.q?.[at])));
  add('length in bytes', (set) => range(set.len));
  add('values in a record', (set) => range(set.cnt));
  return card('Figures', table(names, lines));
};

const detail = (row, { names }) =>
  make(
    'div',
    { class: 'cards' },
    row.h.filter((shape) => shape.from !== undefined).map((shape) => histogram(shape, row.n)),
    figures(row, names),
    row.v && card('Most frequent values' + (row.low ? ' (at least this often)' : ''), valueTable(row.v, names, row.s)),
    (row.x || []).map((texts, set) =>
      texts.length > 0
        ? card('Texts' + (names[1] ? ' of ' + names[set] : ''), make('ul', {}, texts.map((text) => make('li', { class: 'value' }, text || '(empty)'))))
        : undefined,
    ),
  );

const distance = ([value, chance, of]) => [
  value.toFixed(3) + ' ',
  make('span', { class: 'soft' }, value > chance ? OF[of] || of : 'by chance'),
];

/** The title, the class, the value to sort by, and the cell. */
const columnsOf = ({ names, records }) => {
  const isPair = names.length > 1;
  const missing = (set) => (row) => row.f[set] && row.f[set].m / (records[set] || 1);
  return [
    ['Feature', 'text', (row) => row.n],
    ['Type', 'text wide', (row) => row.t],
    ...(isPair ? [['Distance', '', (row) => row.d[0], (row) => distance(row.d)]] : []),
    ...names.map((name, set) => [
      'Missing' + (isPair ? ' in ' + name : ''),
      isPair ? 'wide' : '',
      missing(set),
      (row) => (row.f[set] ? percent(missing(set)(row)) : '-'),
    ]),
    ...['min', 'mean', 'max'].map((key) => [key[0].toUpperCase() + key.slice(1), 'wide', (row) => (row.f[0] || row.f[1])[key]]),
  ];
};

const sortedBy = (rows, pick, isDown) =>
  rows
    .map((row) => [pick(row) ?? undefined, row])
    .sort(([one], [other]) => {
      if (one === undefined || other === undefined) return (one === undefined) - (other === undefined);
      return (isDown ? -1 : 1) * (typeof one === 'string' ? one.localeCompare(other, 'en', { numeric: true }) : one - other);
    })
    .map(([, row]) => row);

const showFeatures = (group, id, list) => {
  const { names, features } = group;
  const columns = columnsOf(group);
  const status = make('p', { role: 'status', class: 'soft' });
  const search = make('input', { type: 'search', id: 'find' + id });
  const body = make('tbody', {});
  const more = make('button', { type: 'button' });
  const opened = new Set(features.length > 6 ? [] : features);
  let [sorted, column, isDown, shown] = [features, -1, false, STEP];

  const rowsOf = (row) => {
    const button = make('button', { type: 'button', 'aria-expanded': opened.has(row) }, row.n || '(no name)');
    const cells = columns.slice(1).map(([, kind, pick, cell]) => {
      const value = cell ? cell(row) : pick(row);
      return make('td', { class: kind }, typeof value === 'number' ? format(value) : (value ?? ''));
    });
    const shape = row.h[0];
    const first = make('tr', {}, make('th', { scope: 'row' }, button), cells, make('td', {}, shape ? draw(shape, describe(shape, row.n)) : ''));
    const second = () => make('tr', { class: 'detail' }, make('td', { colspan: columns.length + 1 }, detail(row, group)));
    button.addEventListener('click', () => {
      const isOpen = !opened.delete(row);
      if (isOpen) first.after(opened.add(row) && second());
      else first.nextSibling.remove();
      button.setAttribute('aria-expanded', isOpen);
    });
    return opened.has(row) ? [first, second()] : [first];
  };
  const show = () => {
    const found = sorted.filter((row) => row.n.toLowerCase().includes(search.value.toLowerCase()));
    body.replaceChildren(...found.slice(0, shown).flatMap(rowsOf));
    status.textContent = 'Showing ' + format(Math.min(shown, found.length)) + ' of ' + format(found.length) + ' features';
    more.hidden = found.length <= shown;
    more.textContent = 'Show ' + STEP + ' more';
  };
  const heads = columns.map(([title, kind, pick], at) => {
    const button = make('button', { type: 'button' }, title);
    const head = make('th', { scope: 'col', class: kind }, button);
    button.addEventListener('click', () => {
      isDown = column === at ? !isDown : !kind.startsWith('text');
      column = at;
      sorted = sortedBy(features, pick, isDown);
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', isDown ? 'descending' : 'ascending');
      show();
    });
    return head;
  });
  more.addEventListener('click', () => show((shown += STEP)));
  search.addEventListener('input', () => show((shown = STEP)));
  const whole = make('table', { class: 'main' }, make('thead', {}, make('tr', {}, heads, make('th', { scope: 'col', class: 'text' }, 'Histogram'))), body);
  list.append(
    make('p', { class: 'find' }, make('label', { for: 'find' + id }, 'Find a feature '), search),
    status,
    make('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Features of ' + group.title }, whole),
    more,
  );
  show();
};

JSON.parse(document.getElementById('data').textContent).forEach((group, id) => {
  const { names, features, classes, sizes } = group;
  const section = document.getElementById('group' + id);
  if (names[1]) {
    const keys = names.map((name, set) => make('span', { class: 'key' }, make('span', { class: 'swatch fill' + set }), name));
    section.querySelector('.features').append(make('p', { class: 'soft' }, keys));
  }
  if (features.length > 0) showFeatures(group, id, section.querySelector('.features'));
  const cards = section.querySelector(':scope > .cards');
  if (classes) {
    const region = { class: 'classes', tabindex: 0, role: 'region', 'aria-label': 'Classes of ' + classes.feature };
    const shown = make('div', region, valueTable(classes.classes, names, classes.totals));
    cards.append(card('Class balance of ' + classes.feature, shown));
  }
  if (sizes) cards.append(histogram(sizes, 'Records'));
});
for (const button of document.querySelectorAll('.copy')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const code = document.getElementById(button.dataset.of);
    getSelection().selectAllChildren(code);
    // Only if the browser allows it. Otherwise, the code is selected.
    await navigator.clipboard?.writeText(code.textContent).catch(() => undefined);
    button.textContent = navigator.clipboard ? 'Copied' : 'Selected';
  });
}
`;
