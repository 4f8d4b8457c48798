export interface TerminalLine {
  readonly text: string;
  readonly atMs: number;
  readonly isCommand: boolean;
}

const COLUMNS = 64;
const COLUMN = 8.43;
const ROW = 20;
const MARGIN = 16;
const LONGEST_PAUSE_MS = 800;

const STYLE = `
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d7dee6; white-space: pre }
.command { fill: #7ee0a2; font-weight: bold }
@media not (prefers-reduced-motion: reduce) { text { animation: appear 1ms both } }
@keyframes appear { from { opacity: 0 } }
`.trim();

/**
 * Draws the lines of a recording one after the other. Wraps lines of more than 64 characters. The dark background suits
 * light and dark pages.
 */
export function terminalSvg(lines: readonly TerminalLine[]): string {
  const rows = pace(lines).flatMap(({ text, atMs, isCommand }) =>
    wrap(isCommand ? `$ ${text}` : text).map((part) => ({ text: part, atMs, isCommand })),
  );
  const width = Math.ceil(COLUMNS * COLUMN) + 2 * MARGIN;
  const height = rows.length * ROW + 2 * MARGIN;
  const label = lines.filter(({ isCommand }) => isCommand).map(({ text }) => text);
  const texts = rows.map(({ text, atMs, isCommand }, row) => {
    const kind = isCommand ? ' class="command"' : '';
    return `<text x="${MARGIN}" y="${MARGIN + row * ROW + 14}"${kind} style="animation-delay:${atMs}ms">${escape(text)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" xml:space="preserve">`,
    `<title>${escape(label.join('; '))}</title>`,
    `<style>${STYLE}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="#171c22" stroke="#3a4450"/>`,
    ...texts,
    '</svg>\n',
  ].join('\n');
}

function pace(lines: readonly TerminalLine[]): TerminalLine[] {
  let before = 0;
  let shownMs = 0;
  return lines.map((line) => {
    shownMs += Math.min(Math.round(line.atMs - before), LONGEST_PAUSE_MS);
    before = line.atMs;
    return { ...line, atMs: shownMs };
  });
}

function wrap(text: string): string[] {
  if (text.length <= COLUMNS) return [text];
  const space = text.lastIndexOf(' ', COLUMNS);
  const end = space > 0 ? space : COLUMNS;
  return [text.slice(0, end), ...wrap(`  ${text.slice(end).trimStart()}`)];
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
