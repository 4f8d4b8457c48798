/** A TypeScript block. All other lines of the page are empty, so line numbers do not change. */
export interface DocBlock {
  readonly path: string;
  readonly line: number;
  readonly code: string;
}

const FENCE = /^\s*```\s*(.*?)\s*$/;
const DOC_LINE = /^\s*\* ?(.*)$/;

/**
 * Returns the `ts` blocks of a Markdown page or of the docstrings in a `.ts` file. A `ts continue` block continues the
 * previous block.
 *
 * @throws Error if a fence is not closed, or if it names TypeScript or JavaScript by any word except `ts`, because its
 *   block would not be checked.
 */
export function docBlocks(path: string, text: string): DocBlock[] {
  const source = text.split('\n');
  const lines = path.endsWith('.ts') ? source.map((line) => DOC_LINE.exec(line)?.[1] ?? '') : source;
  const blocks: { readonly line: number; readonly lines: string[] }[] = [];
  let open: { readonly at: number; readonly lines: string[] | undefined } | undefined;
  for (const [at, line] of lines.entries()) {
    const info = FENCE.exec(line)?.[1];
    if (info === undefined) {
      if (open?.lines) open.lines[at] = line;
    } else if (open) {
      open = undefined;
    } else {
      const problem = problemOf(info, blocks.length > 0);
      if (problem) throw new Error(`${path}:${at + 1}: ${problem}`);
      if (info === 'ts') blocks.push({ line: at + 1, lines: [] });
      open = { at, lines: /^ts\b/.test(info) ? blocks.at(-1)?.lines : undefined };
    }
  }
  if (open) throw new Error(`${path}:${open.at + 1}: this code block is never closed`);
  // `join()` writes missing lines as empty lines.
  return blocks.map((block) => ({ path, line: block.line, code: block.lines.join('\n') }));
}

function problemOf(info: string, hasBlock: boolean): string | undefined {
  if (/^(typescript|tsx|js|jsx|mjs|javascript)\b/.test(info))
    return `expected the fence "ts" (only such blocks are type-checked), found "${info}"`;
  if (!/^ts\b/.test(info) || info === 'ts') return undefined;
  if (info !== 'ts continue') return `expected the fence "ts" or "ts continue", found "${info}"`;
  return hasBlock ? undefined : '"ts continue" needs a block before it';
}
