import { ConfigError } from '../base/errors.js';
import { showValue } from '../base/showValue.js';
import type { PipelineReport, StageReport } from './reportTypes.js';

const HEAD = ['', 'in', 'MB', 'out', 'waits for input', 'for consumer', 'queue', 'held up'];

/**
 * Formats a report as text: a table of the stages, the consumer's times and the verdict.
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
    `${(elapsedMs / 1000).toFixed(2)} s: ${part(inputMs)} waiting for a stage, ${part(workMs)} at work on the pipeline, ` +
    `${part(consumerMs)} busy`;
  return [...tableOf(reportRows(report)), `${consumer}, ${times}`, verdict.text].join('\n');
}

export function reportRows(report: PipelineReport): readonly (readonly string[])[] {
  return [HEAD, ...report.stages.map((stage) => rowOf(stage, partOf(report)))];
}

/** Formats times as shares of `elapsedMs`. */
export function partOf({ elapsedMs }: PipelineReport): (ms: number) => string {
  return (ms) => (elapsedMs > 0 ? `${((ms / elapsedMs) * 100).toFixed(1)} %` : '-');
}

function rowOf({ name, figures, emitted, queue, heldUpMs }: StageReport, part: (ms: number) => string): string[] {
  const { records, bytes, inputMs, consumerMs } = figures;
  const held = queue ? `${queue.mean.toFixed(1)} of ${queue.capacity ?? '-'}, most ${queue.most}` : '';
  const counts = [count(records), (bytes / 1e6).toFixed(2), count(emitted)];
  return [name, ...counts, part(inputMs), part(consumerMs), held, part(heldUpMs)];
}

function count(items: number): string {
  return items.toLocaleString('en');
}

function tableOf(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
