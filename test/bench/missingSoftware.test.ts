import process from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { missingCommand, missingPackages, missingPythonModule } from '../../bench/missingSoftware.js';
import { PARQUET_SECTION } from '../../bench/parquetSection.js';

describe('missingPackages', () => {
  it('finds installed packages', () => {
    expect(missingPackages(['rxjs', 'zod'], ['rxjs', 'zod'])).toBeUndefined();
  });

  it('names the missing modules and all packages to install', () => {
    expect(missingPackages(['rxjs', 'no-such/node'], ['rxjs', 'no-such'])).toBe(
      'no-such/node is not installed: npm install --no-save rxjs no-such',
    );
  });
});

describe('missingCommand', () => {
  it('finds commands of the PATH', () => {
    expect(missingCommand('sh', 'install sh')).toBeUndefined();
    expect(missingCommand('no-such-command', 'install it')).toBe('no-such-command was not found: install it');
  });
});

describe('missingPythonModule', () => {
  const fix = 'python3 -m venv venv && venv/bin/pip install tensorflow-cpu, and set PYTHON=venv/bin/python';

  it('says that Python was not found', () => {
    const problem = missingPythonModule('tensorflow', 'tensorflow-cpu', '/nowhere/python');
    expect(problem).toBe(`/nowhere/python was not found: ${fix}`);
  });

  it('says that a Python lacks a module', () => {
    // Node.js fails with these arguments, like a Python without the module.
    const problem = missingPythonModule('tensorflow', 'tensorflow-cpu', process.execPath);
    expect(problem).toBe(`${process.execPath} has no module tensorflow: ${fix}`);
  });
});

describe('PARQUET_SECTION', () => {
  it('asks for the software of each measurement', () => {
    const { missing, measurements } = PARQUET_SECTION;
    for (const name of Object.keys(measurements)) {
      const problem = missing?.(name);
      if (problem !== undefined) expect(problem).toMatch(name.endsWith('-pyarrow') ? /pyarrow/ : /parquet-wasm/);
    }
  });
});
