import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: SidebarItem[];
}

const ENTRIES = ['', 'operators', 'formats', 'tfjs', 'agent', 's3', 'testing'];
const KINDS = ['functions', 'classes', 'interfaces', 'type-aliases', 'variables'];

const folderOf = (entry: string): string => join('api/millrace', entry);

/** A link to each entry point of the package. */
export const API_ENTRIES: SidebarItem[] = ENTRIES.map((entry) => ({
  text: join('millrace', entry),
  link: `/${folderOf(entry)}/`,
}));

/**
 * Returns the sidebar for the pages of each entry point: all entry points, and the members of this entry point. Each
 * page contains its sidebar, so a sidebar with the members of all entry points would make the site several times
 * larger.
 */
export function apiSidebars(docs: string): Record<string, SidebarItem[]> {
  return Object.fromEntries(
    ENTRIES.map((entry) => {
      const folder = folderOf(entry);
      const items = KINDS.flatMap((kind) => kindOfPages(docs, folder, kind));
      return [
        `/${folder}/`,
        [
          { text: 'API', items: API_ENTRIES },
          { text: join('millrace', entry), items },
        ],
      ];
    }),
  );
}

function kindOfPages(docs: string, folder: string, kind: string): SidebarItem[] {
  const path = join(docs, folder, kind);
  if (!existsSync(path)) return [];
  const names = readdirSync(path).map((file) => file.replace(/\.md$/, ''));
  const items = names.sort().map((name) => ({ text: name, link: `/${folder}/${kind}/${name}` }));
  // Functions are not collapsed, because readers need them most often.
  return kind === 'functions' ? items : [{ text: kind.replace('-', ' '), collapsed: true, items }];
}
