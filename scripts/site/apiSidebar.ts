import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: SidebarItem[];
}

const ENTRIES = ['', 'operators', 'formats', 'tfjs', 'agent', 'testing'];
const KINDS = ['functions', 'classes', 'interfaces', 'type-aliases', 'variables'];

export function apiSidebar(docs: string): SidebarItem[] {
  return ENTRIES.map((entry) => {
    const folder = join('api/millrace', entry);
    const items = KINDS.flatMap((kind) => kindOfPages(docs, folder, kind));
    return { text: join('millrace', entry), link: `/${folder}/`, collapsed: true, items };
  });
}

function kindOfPages(docs: string, folder: string, kind: string): SidebarItem[] {
  const path = join(docs, folder, kind);
  if (!existsSync(path)) return [];
  const names = readdirSync(path).map((file) => file.replace(/\.md$/, ''));
  const items = names.sort().map((name) => ({ text: name, link: `/${folder}/${kind}/${name}` }));
  // Readers look for functions most often, so functions are not collapsed.
  return kind === 'functions' ? items : [{ text: kind.replace('-', ' '), collapsed: true, items }];
}
