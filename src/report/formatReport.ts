import { ConfigError } from '../base/errors.js';
import { showValue } from '../base/showValue.js';
import type { PipelineReport, StageReport, ThreadReport } from './reportTypes.js';

export const REPORT_HEAD = ['stage', 'in', 'MB in', 'out', 'waits for input', 'for consumer', 'queue', 'held up'];

/** The heads of the columns in two lines of text. */
const HEAD_LINES = [
  ['', '', '', '', 'waits', 'for', '', 'held'],
  ['', 'in', 'MB in', 'out', 'input', 'consumer', 'queue', 'up'],
];
const GAP = '  ';
const MOST_WIDTH = 80;
/** Larger counts are rounded, because they would widen the table. */
const MOST_DIGITS = 1e6;

/**
 * Formats a report as text: a table of the stages and their threads, the consumer's times and the verdict.
 *
 * ```ts
 * import { formatReport, fromFile, toAsyncIterable } from 'millrace';
 * import { decodeTFRecord, report } from 'millrace/operators';
 *
 * const watched = report();
 * for await (const record of toAsyncIterable(fromFile('train.tfrecord').pipe(decodeTFRecord(), watched))) {
 *   console.log(record.byteLength);
 * }
 * console.error(formatReport(watched.read()));
 * ```
 *
 * Percentages are relative to the time during which the pipeline was subscribed. `docs/guides/slow-pipeline.md`
 * explains the columns.
 *
 * @throws ConfigError if the argument is not a report.
 */
export function formatReport(report: PipelineReport): string {
  if (!Array.isArray((report as Partial<PipelineReport> | undefined)?.stages)) {
    const message = `formatReport: expected the result of read() of report(), found ${showValue(report)}`;
    throw new ConfigError(message, { path: 'report' });
  }
  const { consumer, elapsedMs, inputMs, consumerMs, workMs, verdict } = report;
  const part = partOf(report);
  const times =
    `${(elapsedMs / 1000).toFixed(2)} s: ${part(inputMs)} waiting for a stage, ${part(workMs)} work of the pipeline, ` +
    `${part(consumerMs)} busy`;
  const threads = report.stages.map((stage) => stage.threads.map((thread) => `  ${threadText(thread)}`));
  return [...tableOf(reportRows(report), threads), `${consumer}, ${times}`, verdict.text].join('\n');
}

/** A row for each stage, in the columns of {@link REPORT_HEAD}. */
export function reportRows(report: PipelineReport): readonly (readonly string[])[] {
  return report.stages.map((stage) => rowOf(stage, partOf(report)));
}

/** The counts and times of a thread, with percentages of the thread's time. */
export function threadText({ name, items, workMs, waitMs, held }: ThreadReport): string {
  const part = partOf({ elapsedMs: workMs + waitMs });
  const times = `${part(workMs)} work, ${part(waitMs)} waiting`;
  return `${name}: ${times}, ${count(items)} items, ${Number(held.toPrecision(3))} held on average`;
}

/** Formats times as percentages of `elapsedMs`. */
export function partOf({ elapsedMs }: Pick<PipelineReport, 'elapsedMs'>): (ms: number) => string {
  return (ms) => (elapsedMs > 0 ? `${((ms / elapsedMs) * 100).toFixed(1)} %` : '-');
}

function rowOf({ name, figures, emitted, queue, heldUpMs }: StageReport, part: (ms: number) => string): string[] {
  const { records, bytes, inputMs, consumerMs } = figures;
  const held = queue ? `${count(queue.mean, 1)} of ${queue.capacity === undefined ? '-' : count(queue.capacity)}` : '';
  const counts = [count(records), count(bytes / 1e6, 2), count(emitted)];
  return [name, ...counts, part(inputMs), part(consumerMs), held, part(heldUpMs)];
}

/** Shows up to six digits, and rounds larger numbers: `12.35M`. */
function count(amount: number, maximumFractionDigits = 0): string {
  if (amount >= MOST_DIGITS) return amount.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 4 });
  const digits = amount >= 1000 ? 0 : maximumFractionDigits;
  return amount.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/**
 * Returns a table that is at most 80 characters wide. A long name has its own line.
 *
 * @param notes - the lines after each row.
 */
function tableOf(rows: readonly (readonly string[])[], notes: readonly (readonly string[])[]): string[] {
  const lines = [...HEAD_LINES, ...rows];
  const widths = REPORT_HEAD.map((_, column) => Math.max(...lines.map((row) => row[column]?.length ?? 0)));
  const figuresWidth = widths.slice(1).reduce((sum, width) => sum + GAP.length + width, 0);
  const nameWidth = Math.min(widths[0] ?? 0, Math.max(0, MOST_WIDTH - figuresWidth));
  return lines.flatMap(([name = '', ...cells], i) => {
    const isLong = name.length > nameWidth;
    const padded = cells.map((cell, column) => GAP + cell.padStart(widths[column + 1] ?? 0)).join('');
    const line = ((isLong ? '' : name).padEnd(nameWidth) + padded).trimEnd();
    return [...(isLong ? [shortened(name)] : []), line, ...(notes[i - HEAD_LINES.length] ?? [])];
  });
}

function shortened(name: string): string {
  return name.length > MOST_WIDTH ? `${name.slice(0, MOST_WIDTH - 1)}…` : name;
}
