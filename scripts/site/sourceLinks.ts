import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, posix, relative } from 'node:path';

export interface SourceLinkOptions {
  readonly root: string;
  /** The address of the repository's files, such as `https://host/owner/name/blob/main`. */
  readonly repository: string | undefined;
}

const ENTRIES: Readonly<Record<string, string>> = {
  'src/index.ts': 'api/millrace/index.md',
  'operators/index.ts': 'api/millrace/operators/index.md',
  'src/formats/index.ts': 'api/millrace/formats/index.md',
  'src/tfjs/index.ts': 'api/millrace/tfjs/index.md',
  'src/agent/index.ts': 'api/millrace/agent/index.md',
  'src/s3/index.ts': 'api/millrace/s3/index.md',
  'src/pipeline/parquet/index.ts': 'api/millrace/parquet/index.md',
  'src/onnx/index.ts': 'api/millrace/onnx/index.md',
  'src/nats/index.ts': 'api/millrace/nats/index.md',
  'src/testing/index.ts': 'api/millrace/testing/index.md',
};

/**
 * Converts a link of a page to a link on the site. The pages link to files of the repository, because people also read
 * them there. A link to a source file becomes a link to the API page of its main export. Any other link out of `docs/`
 * becomes a link to the repository, or `undefined` if the repository's URL is unknown.
 *
 * @throws Error if the linked file does not exist.
 */
export function sourceLinks({
  root,
  repository,
}: SourceLinkOptions): (page: string, href: string) => string | undefined {
  const docs = join(root, 'docs');
  const apiPages = apiPagesByName(docs);
  return (page, href) => {
    const [path = '', anchor] = href.split('#');
    if (path === '' || /^([a-z]+:|\/)/i.test(path)) return href;
    const target = join(docs, dirname(page), decodeURI(path));
    const fromDocs = relative(docs, target);
    if (!fromDocs.startsWith('..')) return href;
    if (!existsSync(target)) throw new Error(`docs/${page} links to ${href}, which does not exist`);
    const file = relative(root, target);
    const apiPage = ENTRIES[file] ?? (file.endsWith('.ts') ? apiPages.get(basename(file, '.ts')) : undefined);
    if (apiPage !== undefined) return posix.relative(dirname(page), apiPage);
    return repository && `${repository}/${file}${anchor === undefined ? '' : `#${anchor}`}`;
  };
}

function apiPagesByName(docs: string): Map<string, string> {
  const folder = join(docs, 'api');
  if (!existsSync(folder)) return new Map();
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    pages
      .filter((page) => /(^|\/)(functions|classes)\/\w+\.md$/.test(page))
      .map((page) => [basename(page, '.md'), `api/${page}`]),
  );
}
