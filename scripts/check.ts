import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Runs all `check:*` scripts of package.json, even after a failure. The package must be built. */
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

const results = Object.keys(scripts)
  .filter((name) => name.startsWith('check:'))
  .map((name) => {
    console.log(`\n${name}: ${scripts[name] ?? ''}`);
    // `--ignore-scripts` skips the `precheck:*` scripts, which build the package again.
    const { status } = spawnSync('npm', ['run', '--silent', '--ignore-scripts', name], { stdio: 'inherit' });
    return { name, passed: status === 0 };
  });

console.log();
for (const { name, passed } of results) console.log(`${passed ? 'passed' : 'FAILED'} ${name}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
