import { ReusedMemory } from '../../src/base/reusedMemory.js';

describe('ReusedMemory', () => {
  it('returns memory that was given back, if it is large enough', () => {
    const memory = new ReusedMemory();
    const first = memory.take(100);
    expect(memory.take(100).buffer).not.toBe(first.buffer);
    memory.giveBack(first.subarray(0, 10));
    const second = memory.take(50);
    expect([second.buffer, second.byteOffset, second.length]).toEqual([first.buffer, 0, 50]);
    memory.giveBack(second);
    const larger = memory.take(101);
    expect(larger).toHaveLength(101);
    expect(larger.buffer).not.toBe(first.buffer);
  });

  it('ignores memory that is not taken', () => {
    const memory = new ReusedMemory();
    const foreign = new Uint8Array(10);
    memory.giveBack(foreign);
    const taken = memory.take(10);
    expect(taken.buffer).not.toBe(foreign.buffer);
    memory.giveBack(taken);
    memory.giveBack(taken);
    expect(memory.take(10).buffer).toBe(taken.buffer);
    expect(memory.take(10).buffer).not.toBe(taken.buffer);
  });
});
