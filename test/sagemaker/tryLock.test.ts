import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pid } from 'node:process';
import { describe, expect, it, jest } from '@jest/globals';
import { tryLock } from '../../src/sagemaker/tryLock.js';
import { until } from '../support/fifoWriter.js';

const onError = jest.fn();
const take = (name: string): boolean | undefined => tryLock({ name, work: () => true, onError });

describe('tryLock', () => {
  it('calls the work and returns its result', () => {
    expect(tryLock({ name: `millrace-test:${pid}:a`, work: () => 7, onError })).toBe(7);
  });

  it('does nothing while another process has the lock, and calls the work when it is free', () => {
    const name = `millrace-test:${pid}:b`;
    const inner = tryLock({ name, work: () => [take(name), take(`${name}2`)], onError });
    expect(inner).toEqual([undefined, true]);
    expect(take(name)).toBe(true);
  });

  it('releases the lock when the work throws', () => {
    const name = `millrace-test:${pid}:c`;
    const work = (): never => {
      throw new Error('work');
    };
    expect(() => tryLock({ name, work, onError })).toThrow('work');
    expect(take(name)).toBe(true);
  });

  it('is free at once after its process is killed', async () => {
    const name = `millrace-test:${pid}:d`;
    const hold = `require('net').createServer().listen({ path: '\\0${name}' }, () => console.log('held'))`;
    const holder = spawn(process.execPath, ['-e', hold]);
    await once(holder.stdout, 'data');
    expect(take(name)).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await until(() => take(name) === true);
  });
});
