import { quoteWhole } from '../../base/showValue.js';
import type { ContentResult } from './content.js';
import { csvCode, isDecompressed, type CodeInputs } from './csvCode.js';
import { describeName } from './describeValue.js';
import { countOf, grouped } from '../../base/grouped.js';
import type { Survey } from './survey.js';

const SHOWN_FILES = 3;

export interface Inputs {
  readonly patterns: readonly string[];
  readonly count: number;
}

/** One line of JSON. The first seven fields are always present, other fields only if they are not empty. */
export function surveyAsJson(survey: Survey, { count }: Inputs): string {
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
    skipLines: result?.skipLines,
    fields: result?.fields,
    files: paths.length > 1 ? paths.length : undefined,
    firstFiles: count > 1 ? paths.slice(0, SHOWN_FILES) : undefined,
    remarks: remarks.length > 0 ? remarks : undefined,
  });
}

export function surveyAsText(survey: Survey, { patterns, count }: Inputs): string[] {
  const { sizes, paths, remarks } = survey;
  const lines = [titleOf(survey), extentOf(survey)];
  if (count > 1) lines.push(namesOf(paths));
  const summary = sizes.summary();
  if (summary) {
    const [min, median, max, total] = [summary.min, summary.median, summary.max, summary.total].map((size) =>
      grouped(size),
    );
    lines.push(`record sizes: min ${min}, median ${median}, max ${max}, total ${total} bytes`);
  }
  return [...lines, ...remarks, ...proposalOfSurvey(survey, { patterns, count })];
}

export function extentOf({ bytes, sizes, paths, ending }: Survey): string {
  const records = `${countOf(sizes.count, 'record')} in ${countOf(bytes, 'byte')}`;
  const files = paths.length > 1 ? ` of ${grouped(paths.length)} files` : '';
  return `${records}${files}${{ 'at the end': '', 'at the limit': ', stopped by --limit', early: ' so far' }[ending]}`;
}

export function proposalOfSurvey(survey: Survey, { patterns, count }: Inputs): string[] {
  const { paths, result, compression, hasByteOrderMark } = survey;
  const known = paths.length === count ? patterns : undefined;
  const inputs: CodeInputs = { paths, patterns: known, compression, hasByteOrderMark };
  return [...decompressionOf(survey), ...(result ? proposalOf(result, inputs) : [])];
}

export function namesOf(paths: readonly string[]): string {
  const rest = paths.length - SHOWN_FILES;
  const shown = paths.slice(0, SHOWN_FILES).map(describeName).join(', ');
  return `${paths.length === 1 ? 'file' : 'files'}: ${shown}${rest > 0 ? ` and ${grouped(rest)} more` : ''}`;
}

/** Empty if `recordsFromFiles` or the proposed code decompresses the input. */
function decompressionOf({ compression, paths, result }: Survey): string[] {
  if (result?.name === 'CSV' || isDecompressed({ compression, paths })) return [];
  return [`read the data with decompress('${String(compression)}')`];
}

export function titleOf({
  format,
  compression,
  bytes,
  result,
}: Pick<Survey, 'format' | 'compression' | 'bytes' | 'result'>): string {
  const name = result?.name ?? '';
  const compressed = compression ? `, compressed with ${compression}` : '';
  if (format === 'image') return `${name}${compressed}`;
  const title = format ?? (bytes > 0 ? 'no known format' : 'nothing');
  return `${title}${name === '' ? '' : ` of ${name}`}${compressed}`;
}

function proposalOf(result: ContentResult, inputs: CodeInputs): string[] {
  const { name, decoder, features, fields, header, skipFilled } = result;
  const isReadable = decoder === 'decodeTable' || !(header && skipFilled === undefined);
  const shown = fields && !isEmpty(fields) ? ['fields:', ...Object.entries(fields).map(showField)] : [];
  if (decoder === null || features === null || isEmpty(features)) return shown;
  if (name === 'CSV' && isReadable) return ['to read it:', '', ...csvCode(result, inputs)];
  return [...shown, `for ${decoder}:`, layOut(features)];
}

function showField([field, types]: [string, readonly string[]]): string {
  return `  ${quoteWhole(field)}: ${types.join(' or ')}`;
}

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

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isFeature(value) && Object.values(value).every(isEmpty);
}
