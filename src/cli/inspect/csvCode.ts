import { quoteWhole } from '../../base/showValue.js';
import { compressionOfName } from '../../formats/compression/compressionOfName.js';
import type { Compression } from '../../formats/compression/sniffCompression.js';
import type { ContentResult } from './content.js';

/** If there are more files than this, the proposed code contains the patterns of the command line. */
const MAX_PATHS = 8;

export interface CodeInputs {
  readonly paths: readonly string[];
  /** Set if the patterns match only the files in `paths`. */
  readonly patterns: readonly string[] | undefined;
  readonly compression: Compression | null;
  readonly hasByteOrderMark: boolean;
}

const WITHOUT_MARK =
  'map((line, at) => (at === 0 && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line))';

export function csvCode(result: ContentResult, inputs: CodeInputs): string[] {
  return isTable(result) ? tableCode(result, inputs) : linesCode(result, inputs);
}

/** True if `decodeTable` can find the columns by their names. */
function isTable({ header, skipFilled }: ContentResult): boolean {
  return header !== undefined && skipFilled === 1 && new Set(header).size === header.length && !header.includes('');
}

function tableCode(result: ContentResult, inputs: CodeInputs): string[] {
  const { header = [], features, options } = result;
  const isStdin = inputs.paths[0] === '-';
  const delimiter = options?.['fieldDelim'];
  const decoder = [
    'decodeTable({',
    '  batchSize: 64,',
    ...(delimiter === undefined ? [] : [`  delimiter: ${JSON.stringify(delimiter)},`]),
    '  columns: {',
    ...(features as readonly (string | object)[]).map((column, at) => {
      return `    ${quoteWhole(header[at] ?? '')}: ${JSON.stringify(column)},`;
    }),
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
    `  ]${options ? `, ${JSON.stringify(options)}` : ''}),`,
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

const isInS3 = ({ paths }: CodeInputs): boolean => paths.some((path) => path.startsWith('s3://'));

/** True if the code needs no `decompress`: `recordsFromFiles` decompresses files itself. */
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
    if (name === '') return JSON.stringify(column);
    const fields = Object.entries(typeof column === 'string' ? { dtype: column } : column);
    return `{${[...fields, ['name', name] as const].map(([key, value]) => `"${key}":${literal(value)}`).join()}}`;
  });
}

function literal(value: unknown): string {
  return typeof value === 'string' ? quoteWhole(value) : String(value);
}

function filesOf({ paths, patterns }: CodeInputs): string {
  const files = paths.length > MAX_PATHS && patterns ? patterns : paths;
  const shown = files.map(quoteWhole);
  return shown.length === 1 ? shown.join() : `[${shown.join(', ')}]`;
}
