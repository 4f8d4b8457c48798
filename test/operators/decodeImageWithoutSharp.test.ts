import { execFileSync } from 'node:child_process';
import { execPath } from 'node:process';
import { expect, it } from '@jest/globals';
import { withoutPackages } from '../support/withoutPackages.js';

const PROGRAM = `
import { of } from 'rxjs';
import { decodeImage } from 'millrace/operators';
of(new Uint8Array(0))
  .pipe(decodeImage({ onBadRecord: () => 'skip' }))
  .subscribe({ error: ({ code, message, cause }) => console.log(JSON.stringify({ code, message, cause: cause.message })) });
`;

it('decodeImage without sharp notifies a ConfigError that says what to install, even if bad records are skipped', () => {
  const args = [withoutPackages('sharp'), '--input-type=module', '--eval', PROGRAM];
  expect(JSON.parse(execFileSync(execPath, args, { encoding: 'utf8' }))).toEqual({
    code: 'ERR_CONFIG',
    message: expect.stringContaining('npm install sharp'),
    cause: expect.stringContaining('sharp'),
  });
});
