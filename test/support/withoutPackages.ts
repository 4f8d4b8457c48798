/** Returns the options of Node.js with which a process does not find packages, as if they were not installed. */
export function withoutPackages(...names: readonly string[]): string {
  const hooks = urlOf(`
    export const resolve = (name, context, next) => {
      if (${JSON.stringify(names)}.includes(name)) throw new Error("Cannot find package '" + name + "'");
      return next(name, context);
    };`);
  // Node 20 has no registerHooks, and Node 26 warns about register.
  const registration = `
    import * as module from 'node:module';
    import { resolve } from ${JSON.stringify(hooks)};
    if (module.registerHooks) module.registerHooks({ resolve });
    else module.register(${JSON.stringify(hooks)});`;
  return `--import=${urlOf(registration)}`;
}

function urlOf(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
