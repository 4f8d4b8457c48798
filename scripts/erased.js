import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The JavaScript of each source, by a digest of the source and the tools. */
const CACHE = join(ROOT, 'dist/.erased');
/** @type {string | undefined} */
let tools;

/**
 * Returns the JavaScript of a TypeScript file. It is the source with spaces in place of the types, so that each position
 * stays the same.
 *
 * @param {string} file
 * @returns {Promise<string>}
 * @throws {Error} if a part of the code is more than types, for example an enum.
 */
export async function erased(file) {
  const source = readFileSync(file, 'utf8');
  tools ??= digestOf(
    [fileURLToPath(import.meta.url), join(ROOT, 'package-lock.json')].map((path) => readFileSync(path, 'utf8')),
  );
  const cached = join(CACHE, digestOf([tools, source]));
  if (existsSync(cached)) return readFileSync(cached, 'utf8');
  // Loaded only if needed, because loading takes most of the time.
  const { blankSourceFile } = await import('ts-blank-space');
  const javaScript = blankSourceFile(await parsed(file, source), (node) => {
    throw new Error(`${file}: the types of this code cannot be erased: ${source.slice(node.pos, node.end).trim()}`);
  });
  writeWhole(cached, javaScript);
  return javaScript;
}

/**
 * Node.js names neither the file nor the line of a syntax error in a module from a loader.
 *
 * @param {string} file
 * @param {string} source
 * @throws {Error} if the syntax is wrong.
 */
async function parsed(file, source) {
  const { default: ts } = await import('typescript');
  const options = {
    languageVersion: ts.ScriptTarget.ESNext,
    impliedNodeFormat: ts.ModuleKind.ESNext,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  };
  const tree = ts.createSourceFile(file, source, options, false, ts.ScriptKind.TS);
  const [error] = /** @type {any} */ (tree).parseDiagnostics;
  if (!error) return tree;
  const { line, character } = tree.getLineAndCharacterOfPosition(error.start);
  throw new SyntaxError(
    `${file}:${line + 1}:${character + 1}: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')}`,
  );
}

/**
 * Other processes may read and write the same file.
 *
 * @param {string} file
 * @param {string} text
 */
function writeWhole(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

/**
 * @param {readonly string[]} texts
 * @returns {string}
 */
export function digestOf(texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('hex');
}
