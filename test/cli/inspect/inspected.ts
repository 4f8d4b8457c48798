import type { Content, ContentResult } from '../../../src/cli/inspect/content.js';

/** Returns the result for records as `--json` prints it. With `shown`, also the text of each record. */
export function inspected(
  content: Content,
  records: readonly Uint8Array[],
): ContentResult & { readonly shown: readonly string[] } {
  const shown = records.map((record, recordIndex) => {
    return content.add(record, { indexInFile: recordIndex, path: undefined })();
  });
  const { error, ...result } = content.result();
  const asJson = JSON.parse(JSON.stringify(result)) as ContentResult;
  return { ...asJson, error, shown };
}

/** Lines of a text. */
export function linesOf(text: string): Uint8Array[] {
  return text.split('\n').map((line) => Buffer.from(line));
}
