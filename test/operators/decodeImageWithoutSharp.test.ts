import { describe, expect, it, jest } from '@jest/globals';
import { lastValueFrom, of } from 'rxjs';

jest.unstable_mockModule('sharp', () => {
  throw new Error("Cannot find package 'sharp'");
});

const { decodeImage } = await import('millrace/operators');

describe('decodeImage without sharp', () => {
  it('notifies a ConfigError that says what to install, even if bad records are skipped', async () => {
    const images$ = of(new Uint8Array(0)).pipe(decodeImage({ onBadRecord: () => 'skip' }));
    await expect(lastValueFrom(images$)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining('npm install sharp'),
      cause: expect.objectContaining({ message: expect.stringContaining('sharp') }),
    });
  });
});
