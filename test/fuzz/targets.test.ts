import { seededRandom } from '../../src/base/seededRandom.js';
import { ExampleWriter } from '../formats/reference/drawExample.js';
import { isPlainExample } from '../formats/reference/readGenerically.js';
import { TARGETS } from './targets.js';

/** Longer seeds take longer, and find nothing more. */
const MAX_SEED_BYTES = 64;

const SMALL = TARGETS.map(({ seeds, ...target }) => ({
  ...target,
  small: seeds.filter(({ length }) => length <= MAX_SEED_BYTES).slice(0, 12),
}));

describe.each(SMALL)('the code that the target $name runs', ({ small, run }) => {
  it('does what the reference does with every beginning of the seeds', async () => {
    expect(small).not.toEqual([]);
    for (const seed of small) {
      for (let length = 0; length <= seed.length; length++) await run(seed.slice(0, length), seededRandom(length, 2));
    }
  });

  it('does so whichever bit of them is flipped', async () => {
    for (const seed of small) {
      for (let bit = 0; bit < 8 * seed.length; bit++) {
        const changed = seed.slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        await run(changed, seededRandom(bit, 3));
      }
    }
  });
});

describe('isPlainExample', () => {
  it('lets the generic library judge most random Examples', () => {
    const examples = Array.from({ length: 500 }, (_, index) => {
      return new ExampleWriter({ draw: seededRandom(index, 4), isDamaged: index % 2 === 0 }).example();
    });
    expect(examples.filter(isPlainExample).length).toBeGreaterThan(300);
  });
});
