import { describe, expect, it } from '@jest/globals';
import { Gate } from '../../src/demand/gate.js';
import { OverrunWatch } from '../../src/demand/overrun.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { nextTurn } from '../support/fifoWriter.js';

describe('OverrunWatch', () => {
  it('does not warn about items at an open gate, or in the turn in which it closed', async () => {
    const warnings = await collectWarnings(() => {
      const gate = new Gate();
      const watch = new OverrunWatch(gate, 'prefetch(1)');
      watch.arrived(1);
      gate.close();
      for (let i = 0; i < 65_536; i++) watch.arrived(i);
    });
    expect(warnings).toEqual([]);
  });

  it('does not warn about an immediate item at a gate that was created closed', async () => {
    const warnings = await collectWarnings(async () => {
      await nextTurn();
      new OverrunWatch(new Gate(false), 'zipChannels: a').arrived(1);
    });
    expect(warnings).toEqual([]);
  });

  it('warns once, with the name, if an item arrives in a later turn than the closing', async () => {
    const warnings = await collectWarnings(async () => {
      const gate = new Gate(false);
      gate.open();
      const watch = new OverrunWatch(gate, 'prefetch(1)');
      gate.close();
      await nextTurn();
      watch.arrived(1);
      watch.arrived(2);
    });
    expect(warnings).toEqual([
      { code: 'MILLRACE_OVERRUN', message: expect.stringMatching(/^prefetch\(1\) had stopped requesting items/) },
    ]);
  });

  it('warns about more than 65,536 items, or 64 MiB, within one turn', async () => {
    const warnings = await collectWarnings(() => {
      const gate = new Gate();
      gate.close();
      const many = new OverrunWatch(gate, 'many');
      for (let i = 0; i < 65_537; i++) many.arrived(i);
      const large = new OverrunWatch(gate, 'large');
      const mebibyte = new Uint8Array(1024 * 1024);
      for (let i = 0; i < 65; i++) large.arrived(mebibyte);
    });
    expect(warnings.map(({ message }) => message.split(' ')[0])).toEqual(['many', 'large']);
  });

  it('throws with the policy error', async () => {
    const gate = new Gate();
    gate.close();
    await nextTurn();
    const watch = new OverrunWatch(gate, 'mapAsync', 'error');
    expect(() => watch.arrived(1)).toThrow(expect.objectContaining({ code: 'ERR_OVERRUN' }));
  });
});
