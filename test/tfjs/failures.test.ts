import { readFileSync } from 'node:fs';
import { BACKENDS, loadBackend, type Tf } from './backends.js';
import { FAILURES, ourTrainer, tensorsLeft, tfjsTrainer } from './failures.js';

/** Reads the table in `docs/errors.md`: the tensors that remain with this package, and with tfjs alone. */
function rowsOfPage(): ReadonlyMap<string, readonly string[]> {
  const [, section = ''] = readFileSync('docs/errors.md', 'utf8').split('## What a failed training leaves in memory');
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return new Map(
    rows
      .slice(2)
      .map((row) =>
        row
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, -1),
      )
      .map(([name = '', ...cells]) => [name, cells]),
  );
}

describe.each(BACKENDS)('docs/errors.md on %s', (backend) => {
  const rows = rowsOfPage();
  let tf: Tf;
  beforeAll(async () => {
    tf = await loadBackend(backend);
  });

  it('has a row for each kind of failure', () => {
    expect([...rows.keys()]).toEqual(Object.keys(FAILURES));
  });

  it.each(Object.entries(FAILURES))('is right about the tensors that stay in memory when %s', async (name, make) => {
    const ours = await tensorsLeft(tf, ourTrainer(tf), make());
    const alone = await tensorsLeft(tf, tfjsTrainer(tf), make());
    expect(ours).toBeLessThanOrEqual(alone);
    // If a step throws, the number of tensors depends on the backend, so the table has no number.
    const figures = rows.get(name)?.map((cell) => Number(cell)) ?? [];
    const found = [ours, alone].map((left, column) => (Number.isNaN(figures[column]) ? NaN : left));
    expect(found).toEqual(figures);
  });
});
