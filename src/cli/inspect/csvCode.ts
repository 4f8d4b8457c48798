import { quoteWhole } from '../../base/showValue.js';
import { compressionOfName } from '../../formats/compression/compressionOfName.js';
import type { Compression } from '../../formats/compression/sniffCompression.js';
import type { TableColumns } from '../../formats/table/tableOptions.js';
import type { ContentResult } from './content.js';

/** If there are more files than this, the proposed code contains the patterns of the command line. */
const MAX_PATHS = 8;

export interface CodeInputs {
  readonly paths: readonly string[];
  /** The patterns of the command line. Set if they match no file outside of `paths`. */
  readonly patterns: readonly string[] | undefined;
  readonly compression: Compression | null;
  readonly hasByteOrderMark: boolean;
}

const WITHOUT_MARK =
  'map((line, at) => (at === 0 && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line))';

export function csvCode(result: ContentResult, inputs: CodeInputs): string[] {
  return result.decoder === 'decodeTable' ? tableCode(result, inputs) : linesCode(result, inputs);
}

function tableCode(result: ContentResult, inputs: CodeInputs): string[] {
  const { features, options = {} } = result;
  const isStdin = inputs.paths[0] === '-';
  const decoder = [
    'decodeTable({',
    '  batchSize: 64,',
    ...Object.entries(options).map(([name, value]) => `  ${name}: ${literal(value)},`),
    '  columns: {',
    ...Object.entries(features as TableColumns).map(([name, column]) => `    ${keyOf(name)}: ${literal(column)},`),
    '  },',
    '})',
  ];
  const [first = '', ...others] = decoder.map((line) => `  ${line}`);
  const steps = isDecompressed(inputs) ? [] : [`decompress('${String(inputs.compression)}')`];
  const operators = ['decodeTable', ...(isDecompressed(inputs) ? [] : ['decompress'])];
  const source = isStdin
    ? [
        'const batches$ = fromReadable(process.stdin).pipe(',
        ...steps.map((step) => `  ${step},`),
        first,
        ...others,
        ');',
      ]
    : [
        `const batches$ = recordsFromFiles(${filesOf(inputs)}, {`,
        `  recordFormat: ${first.trim()}`,
        ...others.slice(0, -1),
        `${others.at(-1) ?? ''},`,
        ...fileOptions(inputs),
        '});',
      ];
  return [...imports(inputs, operators), '', ...source];
}

function linesCode(result: ContentResult, inputs: CodeInputs): string[] {
  const { skipFilled, skipLines, options, hasBlankLines } = result;
  const isStdin = inputs.paths[0] === '-';
  // If lines are skipped, the mark is skipped with them.
  const leavesOutMark = inputs.hasByteOrderMark && skipLines === undefined;
  const steps = [
    ...(isDecompressed(inputs) ? [] : [`decompress('${String(inputs.compression)}')`]),
    skipLines === undefined ? 'decodeTextLine()' : `decodeTextLine({ skipLines: ${skipLines} })`,
    ...(leavesOutMark ? [WITHOUT_MARK] : []),
    ...(hasBlankLines ? ['filter((line) => line.length > 0)'] : []),
    ...(skipFilled !== undefined && skipLines === undefined ? [`skip(${skipFilled})`] : []),
  ];
  const ofRxjs = ['filter', 'map', 'pipe', 'skip'].filter((name) => {
    return name === 'pipe' ? steps.length > 1 && !isStdin : steps.some((step) => step.startsWith(`${name}(`));
  });
  const operators = ['batch', 'decodeCsv', 'decodeTextLine', ...(isDecompressed(inputs) ? [] : ['decompress'])];
  const source = isStdin
    ? [`const batches$ = fromReadable(process.stdin).pipe(`, ...steps.map((step) => `  ${step},`)]
    : [
        `const batches$ = recordsFromFiles(${filesOf(inputs)}, {`,
        `  recordFormat: ${steps.length > 1 ? `pipe(${steps.join(', ')})` : (steps[0] ?? '')},`,
        ...fileOptions(inputs),
        '}).pipe(',
      ];
  return [
    ...imports(inputs, operators),
    ...(ofRxjs.length > 0 ? [`import { ${ofRxjs.join(', ')} } from 'rxjs';`] : []),
    '',
    ...source,
    '  batch(64),',
    '  decodeCsv([',
    ...columnsOf(result).map((column) => `    ${column},`),
    `  ]${options ? `, ${literal(options)}` : ''}),`,
    ');',
  ];
}

function imports(inputs: CodeInputs, operators: readonly string[]): string[] {
  return [
    ...(isInS3(inputs) ? ["import { S3Client } from '@aws-sdk/client-s3';"] : []),
    `import { ${inputs.paths[0] === '-' ? 'fromReadable' : 'recordsFromFiles'} } from 'millrace';`,
    `import { ${operators.join(', ')} } from 'millrace/operators';`,
    ...(isInS3(inputs) ? ["import { s3Store } from 'millrace/s3';"] : []),
  ];
}

function fileOptions(inputs: CodeInputs): string[] {
  return [
    ...(isMisnamed(inputs) ? ["  compression: 'none',"] : []),
    ...(isInS3(inputs) ? ['  store: s3Store(new S3Client({})),'] : []),
  ];
}

export const isInS3 = ({ paths }: Pick<CodeInputs, 'paths'>): boolean => paths.some((path) => path.startsWith('s3://'));

/**
 * True if the proposed code does not need `decompress`: the input is not compressed, or `recordsFromFiles` decompresses
 * it.
 */
export function isDecompressed({ compression, paths }: Pick<CodeInputs, 'compression' | 'paths'>): boolean {
  return compression === null || paths[0] !== '-';
}

/** True if a plain file has the name of a compressed file. */
function isMisnamed({ compression, paths }: CodeInputs): boolean {
  return compression === null && paths.some((path) => compressionOfName(path) !== undefined);
}

function columnsOf({ features, header }: ContentResult): string[] {
  return (features as readonly (string | object)[]).map((column, index) => {
    const name = header?.[index] ?? '';
    if (name === '') return literal(column);
    return literal({ ...(typeof column === 'string' ? { dtype: column } : column), name });
  });
}

/** Returns code for a value of options. A default of NaN is the text `nan`, because JSON cannot represent NaN. */
export function literal(value: unknown): string {
  if (typeof value === 'string')
    return `'${quoteWhole(value).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"')}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([key, field]) => {
    return `${key}: ${key === 'default' && field === 'nan' ? 'NaN' : literal(field)}`;
  });
  return `{ ${fields.join(', ')} }`;
}

export function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

export function filesOf({ paths, patterns }: Pick<CodeInputs, 'paths' | 'patterns'>): string {
  const files = paths.length > MAX_PATHS && patterns ? patterns : paths;
  const shown = files.map(literal);
  return shown.length === 1 ? shown.join() : `[${shown.join(', ')}]`;
}
