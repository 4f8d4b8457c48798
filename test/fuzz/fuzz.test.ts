import { fuzz, runCase } from './fuzz.js';
import type { FuzzTarget } from './fuzzTarget.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const limits = { runs: 20_000, milliseconds: Infinity, onInput: () => undefined };

/** A target that fails if a `!` follows a `?`. */
const wrong: FuzzTarget = {
  name: 'wrong',
  weight: 1,
  seeds: [bytes('a harmless text? and its end')],
  mutate: (input, draw) => bytes(`${Buffer.from(input).toString('latin1')}${'?!.'[draw(3)]}`),
  run: (input) => {
    const text = Buffer.from(input).toString('latin1');
    if (text.includes('!') && text.lastIndexOf('!') > text.indexOf('?') && text.includes('?')) throw new Error('wrong');
  },
};

describe('fuzz', () => {
  it('finds what is wrong and makes the input as small as it can be, which fails again', async () => {
    const { failure, runs } = await fuzz(wrong, { ...limits, seed: 1 });
    expect(Buffer.from(failure!.input).toString()).toBe('?!');
    expect(failure!.error).toEqual(new Error('wrong'));
    expect(runs).toBeLessThan(limits.runs);
    expect(await runCase(wrong, failure!.input, failure!.caseSeed)).toEqual({ error: failure!.error });
  });

  it('gives the same inputs for the same seed, and others for another', async () => {
    const inputsOf = async (seed: number): Promise<string[]> => {
      const inputs: string[] = [];
      const onInput = (input: Uint8Array, caseSeed: number) =>
        inputs.push(`${caseSeed} ${Buffer.from(input).toString('hex')}`);
      await fuzz({ ...wrong, run: () => undefined }, { seed, runs: 200, milliseconds: Infinity, onInput });
      return inputs;
    };
    const first = await inputsOf(7);
    expect(await inputsOf(7)).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(150);
    expect(await inputsOf(8)).not.toEqual(first);
  });

  it('begins with the seeds, and ends where it was told to', async () => {
    const inputs: Uint8Array[] = [];
    const sound: FuzzTarget = { ...wrong, run: (input) => void inputs.push(input) };
    const report = await fuzz(sound, { ...limits, runs: 3, seed: 1 });
    expect(report).toMatchObject({ runs: 3, failure: undefined });
    expect(inputs[0]).toEqual(wrong.seeds[0]);
    expect(inputs).toHaveLength(3);
  });
});
