/**
 * Returns a function that builds a value at its first call, and then returns this value.
 *
 * Schemas of zod are built like this. With all schemas built at once, `import 'millrace'` would take 25 ms longer.
 */
export function lazy<T>(build: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= build());
}
