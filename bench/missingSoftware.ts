import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import process from 'node:process';

const require = createRequire(import.meta.url);

/** The command of Python. Set PYTHON to use a virtual environment. */
export const { PYTHON = 'python3' } = process.env;

/**
 * Returns one line that says which packages are not installed, and how to install them.
 *
 * @param modules - the modules that a measurement imports.
 * @param all - all packages to install, because npm removes the packages of an earlier `--no-save`.
 */
export function missingPackages(modules: readonly string[], all: readonly string[]): string | undefined {
  const missing = modules.filter((module) => !isInstalled(module));
  if (missing.length === 0) return undefined;
  const verb = missing.length === 1 ? 'is' : 'are';
  return `${missing.join(' and ')} ${verb} not installed: npm install --no-save ${all.join(' ')}`;
}

function isInstalled(module: string): boolean {
  try {
    require.resolve(module);
    return true;
  } catch {
    return false;
  }
}

/** Returns one line that says that a command is not in the PATH. */
export function missingCommand(command: string, fix: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, command))) ? undefined : `${command} was not found: ${fix}`;
}

/** Returns one line that says that Python or a module of it is missing, and how to install the module. */
export function missingPythonModule(module: string, wheel = module, python = PYTHON): string | undefined {
  // Does not load the module.
  const program = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${module}') is None)`;
  const { error, status } = spawnSync(python, ['-c', program]);
  if (status === 0) return undefined;
  const problem = error ? `${python} was not found` : `${python} has no module ${module}`;
  return `${problem}: python3 -m venv venv && venv/bin/pip install ${wheel}, and set PYTHON=venv/bin/python`;
}
