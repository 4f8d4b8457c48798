import { spawnSync } from 'node:child_process';
import process from 'node:process';

/** The command of Python. Set PYTHON to use a virtual environment. */
export const { PYTHON = 'python3' } = process.env;

/** Returns whether Python has a module, without loading it. */
export function hasPythonModule(name: string): boolean {
  const program = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${name}') is None)`;
  return spawnSync(PYTHON, ['-c', program]).status === 0;
}
