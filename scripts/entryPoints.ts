import { readFileSync } from 'node:fs';

export interface EntryPoint {
  readonly source: string;
  /** The path of the published declarations. */
  readonly types: string;
  readonly code: string;
}

const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly bin: { readonly millrace: string };
};

/** The published JavaScript of the command. */
export const COMMAND = withoutDot(bin.millrace);

/** The entry points in `exports` of package.json. */
export const ENTRY_POINTS: readonly EntryPoint[] = Object.entries(exports).flatMap(([name, entry]) => {
  if (typeof entry === 'string') return [];
  return [{ source: sourceOf(name), types: withoutDot(entry.types), code: withoutDot(entry.default) }];
});

function sourceOf(name: string): string {
  if (name === '.') return 'src/index.ts';
  const folder = withoutDot(name);
  if (folder === 'operators') return 'operators/index.ts';
  return folder === 'parquet' ? 'src/pipeline/parquet/index.ts' : `src/${folder}/index.ts`;
}

function withoutDot(path: string): string {
  return path.replace(/^\.\//, '');
}
