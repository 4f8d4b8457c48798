import { once } from 'node:events';
import { startModule } from '../startModule.js';

/** A command that starts another command, and a process that runs both. */
function startProcess(code: string) {
  const command = JSON.stringify('sleep 1000 & wait');
  return startModule(
    'commands/startCommand',
    `startCommand('sh', ['-c', ${command}], { environment: process.env, graceMs: 0 });\nconsole.log('started');\n${code}`,
  );
}

describe('startCommand', () => {
  it('kills the command and its children when this process ends first', async () => {
    const child = startProcess(`process.stdin.once('data', () => { throw new Error('a crash') });`);
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    child.stdin.write('now');
    // Standard output ends only when all processes that use it are dead.
    expect(await closed).toEqual([1, null]);
  });

  it('kills them too when SIGKILL ends this process', async () => {
    const child = startProcess('');
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    expect(await closed).toEqual([null, 'SIGKILL']);
  });
});
