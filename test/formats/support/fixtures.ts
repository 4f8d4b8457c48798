import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const FIXTURES = pathToFileURL('test/fixtures/');

/** The bytes of a golden file. */
export function fixtureBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, FIXTURES)));
}

/** A golden file's JSON. */
export function fixtureJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, FIXTURES), 'utf8'));
}

/** Bytes from base64. */
export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
