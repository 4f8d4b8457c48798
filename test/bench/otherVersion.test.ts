import { describe, expect, it } from '@jest/globals';
import { requireCommit } from '../../bench/otherVersion.js';

describe('requireCommit', () => {
  it('says that git does not know a commit', async () => {
    await expect(requireCommit('no-such-commit')).rejects.toThrow(/^git does not know no-such-commit\.$/);
  });
});
