import { describe, expect, it } from '@jest/globals';
import { runSections, selectedBy, type RunOptions } from '../../bench/runSections.js';
import { atMostFivePairs, type BenchContext, type Section } from '../../bench/section.js';
import { atLeast, atMost } from '../../bench/targets.js';

const context = {
  cpus: { reader: '0', writer: '1' },
  folder: '/data',
  pairs: 7,
  byteLength: 1,
  warmUpByteLength: 1,
};

/** Returns the pairs of its context as its figure. */
const measured = ({ pairs }: BenchContext) =>
  Promise.resolve({ json: { pairs }, cells: ['measured', `${pairs}`], targets: [atMost('pairs', pairs, 5)] });

const failing = ({ progress }: BenchContext): Promise<never> => {
  progress('pair 1 of 7');
  progress('pair 2 of 7');
  return Promise.reject(new Error('dd ended with SIGKILL'));
};

const section: Section = {
  title: 'A section',
  name: 'all',
  method: ({ pairs }) => `pairs: ${pairs}`,
  missing: (name) => (name === 'store-b' ? 'b is not installed: npm install --no-save b' : undefined),
  columns: ['case', 'ratio ↓'],
  measurements: { store: measured, 'store-a': measured, 'store-b': measured, 'stored-c': measured },
  isQuick: false,
};

async function run(sections: readonly Section[], options: Partial<RunOptions> = {}) {
  const printed: string[] = [];
  const warned: string[] = [];
  const announced: string[] = [];
  const output = {
    print: (text: string) => printed.push(text),
    warn: (text: string) => warned.push(text),
    announce: (text: string) => announced.push(text),
    progress: () => undefined,
  };
  const all = { words: [], quick: false, json: true, ...options, output };
  return { exitCode: await runSections(sections, context, all), printed, warned, announced };
}

const casesOf = (lines: readonly string[]): unknown[] =>
  lines.map((line) => (JSON.parse(line) as { readonly case: unknown }).case);

describe('selectedBy', () => {
  it('selects the measurement of this name', () => {
    expect(selectedBy('store', section)).toEqual(['store']);
  });

  it('selects the section of this name', () => {
    expect(selectedBy('all', section)).toEqual(['store', 'store-a', 'store-b', 'stored-c']);
  });

  it('selects the names that begin with whole words', () => {
    expect(selectedBy('stored', section)).toEqual(['stored-c']);
    expect(selectedBy('stor', section)).toEqual([]);
  });
});

describe('runSections', () => {
  it('skips a measurement that lacks software, says how to install it, and runs the others', async () => {
    const { exitCode, printed, warned } = await run([section]);
    expect(warned).toEqual(['Skipped store-b: b is not installed: npm install --no-save b']);
    expect(casesOf(printed)).toEqual(['store', 'store-a', 'stored-c']);
    expect(exitCode).toBe(0);
  });

  it('exits with 1 if a named measurement lacks software', async () => {
    expect(await run([section], { words: ['store-b'] })).toMatchObject({ exitCode: 1, announced: [] });
    expect(await run([section], { words: ['store-a'] })).toMatchObject({ exitCode: 0, warned: [] });
  });

  it('prints the finished rows after a failure, names the pair that failed, and exits with 1', async () => {
    const measurements = { first: measured, second: failing, third: measured };
    const { exitCode, printed, warned } = await run([{ ...section, measurements }], { json: false });
    expect(warned).toEqual(['FAILED second: pair 2 of 7: dd ended with SIGKILL']);
    expect(printed.join().match(/measured/g)).toHaveLength(2);
    expect(exitCode).toBe(1);
  });

  it('names the folder that is full', async () => {
    const full = (): Promise<never> => Promise.reject(Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC' }));
    const { warned } = await run([{ ...section, measurements: { full } }]);
    expect(warned).toEqual(['FAILED full: /data is full: ENOSPC: write']);
  });

  it('prints the name and the targets in JSON', async () => {
    const figure = () =>
      Promise.resolve({ json: { a: 1 }, cells: [], targets: [atLeast('a', 1, 1), atLeast('b', 1, 2)] });
    const { printed } = await run([{ ...section, measurements: { figure } }]);
    expect(printed).toEqual(['{"case":"figure","a":1,"target":"a >= 1; b >= 2","met":false}']);
  });

  it('marks missed targets in the table, and says which direction is better', async () => {
    const { printed } = await run([section], { json: false, words: ['store'], pairs: 6 });
    expect(printed[0]).toMatch(/measured .* 6 .* pairs <= 5 .* NO /);
    expect(printed[0]).toMatch(/↑ higher is better, ↓ lower is better$/);
  });

  it('prints what each section measures', async () => {
    const slow = { ...section, pairs: atMostFivePairs };
    expect((await run([section, slow])).announced).toEqual(['\nA section\npairs: 7', '\nA section\npairs: 5']);
  });

  it('prefers the number of pairs of the command line', async () => {
    const { printed } = await run([{ ...section, pairs: atMostFivePairs }], { words: ['store'], pairs: 9 });
    expect(printed[0]).toContain('"pairs":9');
  });

  it('runs only the quick sections with --quick, unless others are named', async () => {
    expect(await run([section], { quick: true })).toMatchObject({ announced: [], printed: [] });
    expect((await run([section], { quick: true, words: ['store'] })).printed).toHaveLength(1);
  });
});
