/** Returns the options of Node.js with which a process does not find packages, as if they were not installed. */
export function withoutPackages(...names: readonly string[]): string {
  const hooks = `
    export const resolve = (name, context, next) => {
      if (${JSON.stringify(names)}.includes(name)) throw new Error("Cannot find package '" + name + "'");
      return next(name, context);
    };`;
  const registration = `import { register } from 'node:module'; register(${JSON.stringify(urlOf(hooks))});`;
  return `--import=${urlOf(registration)}`;
}

function urlOf(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
