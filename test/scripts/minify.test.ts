import { minify } from '../../scripts/bundle/minify.js';

const CODE = `#!/usr/bin/env node
import { inspect as print } from 'node:util';
const Failure = class extends Error { #field = 1; get field() { return this.#field; } };
const arrow = () => new Error().stack;
function failing(parameter) { const local = [parameter]; throw new Failure(print(local)); }
export { failing, Failure, arrow };
`;

const load = async (code: string): Promise<Record<string, { readonly name: string }>> =>
  (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Record<string, { readonly name: string }>;

describe('minify', () => {
  it('shortens local names, and keeps the first line', async () => {
    const minified = await minify(CODE);
    expect(minified).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(minified).not.toMatch(/parameter|local|#field|print/);
  });

  it('keeps the names of exports, functions and classes', async () => {
    const exported = await load((await minify(CODE)).replace(/^#!.*/, ''));
    const names = Object.entries(exported).map(([name, value]) => [name, value.name]);
    expect(Object.fromEntries(names)).toEqual({ failing: 'failing', Failure: 'Failure', arrow: 'arrow' });
  });
});
