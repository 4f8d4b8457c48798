import { withLongLines } from '../../scripts/bundle/longLines.js';

describe('withLongLines', () => {
  it('writes a paragraph on one line', () => {
    expect(withLongLines('/**\n * One\n * two.\n *\n * Three\n * `four`.\n */\n')).toBe(
      '/**\n * One two.\n *\n * Three `four`.\n */\n',
    );
  });

  it('writes a comment of one paragraph on one line', () => {
    expect(withLongLines(' /**\n  * One\n  * two.\n  */\n')).toBe(' /** One two. */\n');
  });

  it('keeps the lines of code, lists and tags', () => {
    const comment =
      '/**\n * Text:\n *\n * ```ts\n * a();\n * b();\n * ```\n *\n * - one\n * - two\n * @param a - the a.\n */\n';
    expect(withLongLines(comment)).toBe(comment);
  });
});
