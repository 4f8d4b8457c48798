import { quoteWhole } from '../../base/showValue.js';
import type { ContentResult } from './content.js';
import type { Survey } from './survey.js';

/** Returns a survey as one JSON object on one line. Omits empty fields after the first seven. */
export function surveyAsJson(survey: Survey): string {
  const { format, compression, bytes, sizes, paths, remarks, result } = survey;
  return JSON.stringify({
    format: format === 'image' ? null : format,
    content: result?.name ?? null,
    compression,
    records: sizes.count,
    bytes,
    sizes: sizes.summary(),
    features: result?.features ?? null,
    decoder: result?.decoder ?? undefined,
    options: result?.options,
    isBatchable: result?.isBatchable === false ? false : undefined,
    header: result?.header,
    fields: result?.fields,
    files: paths.length > 1 ? paths.length : undefined,
    remarks: remarks.length > 0 ? remarks : undefined,
  });
}

/** Returns a survey as lines of text. */
export function surveyAsText(survey: Survey): string[] {
  const { bytes, sizes, paths, ending, remarks, result } = survey;
  const records = `${sizes.count} ${sizes.count === 1 ? 'record' : 'records'} in ${bytes} bytes`;
  const files = paths.length > 1 ? ` of ${paths.length} files` : '';
  const extent = { 'at the end': '', 'at the limit': ', stopped by --limit', early: ' so far' }[ending];
  const lines = [titleOf(survey), `${records}${files}${extent}`];
  const summary = sizes.summary();
  if (summary) {
    const { min, median, max, total } = summary;
    lines.push(`record sizes: min ${min}, median ${median}, max ${max}, total ${total} bytes`);
  }
  return [...lines, ...remarks, ...decompressionOf(survey), ...(result ? proposalOf(result, paths.length) : [])];
}

/** Returns how to decompress the input. Empty if `recordsFromFiles` does it, which depends on the file name. */
function decompressionOf({ compression, paths }: Survey): string[] {
  const isDone = compression === null || (compression === 'gzip' && paths.every((path) => path.endsWith('.gz')));
  return isDone ? [] : [`read it with decompress('${compression}')`];
}

function titleOf({ format, compression, bytes, result }: Survey): string {
  const name = result?.name ?? '';
  const compressed = compression ? `, compressed with ${compression}` : '';
  if (format === 'image') return `${name}${compressed}`;
  const title = format ?? (bytes > 0 ? 'no known format' : 'nothing');
  return `${title}${name === '' ? '' : ` of ${name}`}${compressed}`;
}

function proposalOf({ decoder, features, options, header, fields }: ContentResult, files: number): string[] {
  if (fields && !isEmpty(fields)) {
    return [
      'fields:',
      ...Object.entries(fields).map(([name, types]) => `  ${quoteWhole(name)}: ${types.join(' or ')}`),
    ];
  }
  if (decoder === null || features === null || isEmpty(features)) return [];
  const ofFiles = files > 1 ? ' (the first line of each file: filter it out)' : ' (skip(1))';
  const below = header ? `, below the header${ofFiles}` : '';
  const second = options ? `, with ${JSON.stringify(options)}` : '';
  const columns = Array.isArray(features) && header ? layOutColumns(features, header) : layOut(features);
  return [`for ${decoder}${second}${below}:`, columns];
}

/** Returns JSON with one line for each column, with its number and name. */
function layOutColumns(columns: readonly unknown[], names: readonly string[]): string {
  const texts = columns.map((column, index) => JSON.stringify(column) + (index < columns.length - 1 ? ',' : ''));
  const width = Math.max(...texts.map((text) => text.length));
  const lines = texts.map((text, index) => `  ${text.padEnd(width)} // ${index}: ${quoteWhole(names[index] ?? '')}`);
  return `[\n${lines.join('\n')}\n]`;
}

/** Returns JSON with one line for each feature. */
function layOut(value: unknown, indent = ''): string {
  const isLeaf = typeof value !== 'object' || value === null || Array.isArray(value) || isFeature(value);
  if (isLeaf) return JSON.stringify(value);
  const lines = Object.entries(value).map(
    ([name, part]) => `${indent}  ${quoteWhole(name)}: ${layOut(part, `${indent}  `)}`,
  );
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
}

function isFeature(value: object): boolean {
  return 'dtype' in value && typeof value.dtype === 'string';
}

/** Returns whether a proposal and all its nested maps are empty. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isFeature(value) && Object.values(value).every(isEmpty);
}
