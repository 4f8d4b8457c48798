import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { docBlocks, type DocBlock } from './docBlocks.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PLACES = ['README.md', 'CONTRIBUTING.md', 'docs', 'examples', 'src', 'operators'];

/** The output of `npm run docs`. Its code blocks are copies from the sources. */
const GENERATED = /^(api|\.vitepress)\//;

export function pagesOfProject(): string[] {
  return PLACES.filter((place) => existsSync(join(ROOT, place))).flatMap((place) => {
    if (statSync(join(ROOT, place)).isFile()) return [place];
    const suffix = place === 'src' || place === 'operators' ? '.ts' : '.md';
    const files = readdirSync(join(ROOT, place), { recursive: true, encoding: 'utf8' });
    return files.filter((file) => file.endsWith(suffix) && !GENERATED.test(file)).map((file) => join(place, file));
  });
}

/** The files that blocks import. */
const parsed = new Map<string, ts.SourceFile>();

/**
 * Type-checks code blocks with the project's settings. Each block is a module in memory, in the folder of its page.
 * Imports of `millrace` use the sources.
 *
 * @returns `page:line: message` for each error.
 */
export function checkBlocks(blocks: readonly DocBlock[]): string[] {
  const blockOf = new Map(blocks.map((block) => [join(ROOT, `${block.path}.${block.line}.ts`), block]));
  const options = readOptions();
  const host = ts.createCompilerHost(options);
  const parse = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...settings) => {
    const source = parsed.get(file) ?? parse(file, ...settings);
    if (source && !blockOf.has(file)) parsed.set(file, source);
    return source;
  };
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  host.readFile = (file) => blockOf.get(file)?.code ?? readFile(file);
  host.fileExists = (file) => blockOf.has(file) || fileExists(file);
  const program = ts.createProgram([...blockOf.keys()], options, host);
  const diagnostics = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  for (const file of blockOf.keys()) {
    const source = program.getSourceFile(file);
    diagnostics.push(...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source));
  }
  return diagnostics.map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n  ');
    if (!file) return message;
    const { line } = file.getLineAndCharacterOfPosition(start);
    return `${blockOf.get(file.fileName)?.path ?? relative(ROOT, file.fileName)}:${line + 1}: ${message}`;
  });
}

function readOptions(): ts.CompilerOptions {
  const path = join(ROOT, 'tsconfig.json');
  const config: unknown = ts.readConfigFile(path, (file) => ts.sys.readFile(file)).config;
  const overrides = { moduleDetection: ts.ModuleDetectionKind.Force, noUnusedLocals: false, noUnusedParameters: false };
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT, { ...overrides, types: ['node'] }, path).options;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const blocks = pagesOfProject().flatMap((page) => docBlocks(page, readFileSync(join(ROOT, page), 'utf8')));
  const errors = checkBlocks(blocks);
  for (const error of errors) console.error(error);
  console.log(`${blocks.length} code blocks of the documentation, ${errors.length} errors`);
  if (errors.length > 0) process.exitCode = 1;
}
