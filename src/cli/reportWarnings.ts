import { errorPrefix } from './reportError.js';

/** Writes this package's warnings to standard error like errors. Node.js still writes other warnings. */
export function reportWarnings(json: boolean): void {
  const others = process.listeners('warning');
  // With --no-warnings, Node.js has no listener.
  if (others.length === 0) return;
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    const { name, message, code } = warning as NodeJS.ErrnoException;
    if (name !== 'MillraceWarning') for (const other of others) other(warning);
    else if (json) process.stderr.write(`${JSON.stringify({ code, message })}\n`);
    else process.stderr.write(`${errorPrefix()} ${code ?? ''}: ${message}\n`);
  });
}
