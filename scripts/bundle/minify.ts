import { minify as mangle } from '@swc/core';
import { transform } from 'esbuild';

/** Shortens syntax and local names. Functions and classes keep their names, which stack traces and errors contain. */
export async function minify(javaScript: string): Promise<string> {
  const [command = ''] = /^#!.*\n/.exec(javaScript) ?? [];
  const { code: short } = await transform(javaScript.slice(command.length), { minifySyntax: true, format: 'esm' });
  // A class without a name would have the short name of its constant.
  const named = short.replaceAll(/\b(\w+) = class(?= (?:\{|extends\b))/g, '$1 = class $1');
  const { code } = await mangle(named, {
    module: true,
    compress: false,
    mangle: { toplevel: true, keep_fnames: true, keep_classnames: true },
  });
  return `${command}${code}`;
}
