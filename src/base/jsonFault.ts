import { quote } from './showValue.js';

interface JsonFault {
  readonly line: number;
  readonly column: number;
  /** The offset in UTF-16 units, from 0. */
  readonly offset: number;
  /** The expectation, the found text and the remedy: `expected ',' or '}' after property value, found "b"`. */
  readonly message: string;
}

/** Matches the position at the end of V8's messages. Some versions add line and column. */
const POSITION = / (?:in|after) JSON at position (\d+)(?: \(line \d+ column \d+\))?$/;

const SHOWN = 20;

/** Describes why `JSON.parse` rejected a text. */
export function jsonFault(text: string, error: unknown): JsonFault {
  const reason = error instanceof Error ? error.message : '';
  const offset = offsetOf(text, reason);
  const before = text.slice(0, offset);
  const { line, column } = lineAndColumn(text, offset);
  const rest = text.slice(before.length).trimStart();
  if (text.trim() === '') return { line, column, offset, message: 'the text is empty' };
  if (rest === '') return { line, column, offset, message: 'the file may be truncated' };
  const found = quote(rest.split('\n', 1)[0]?.trimEnd() ?? '', SHOWN);
  const message = `${expectationOf(reason)}, found ${found}${remedyOf(before.trimEnd(), rest)}`;
  return { line, column, offset, message };
}

/** Returns `line 3, column 5: expected …`. */
export function jsonFaultText(text: string, error: unknown): string {
  const { line, column, message } = jsonFault(text, error);
  return `line ${line}, column ${column}: ${message}`;
}

/** Returns the line and the column of an offset, both from 1. */
export function lineAndColumn(text: string, offset: number): Pick<JsonFault, 'line' | 'column'> {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}

function expectationOf(reason: string): string {
  if (!POSITION.test(reason)) return 'expected a value';
  if (reason.startsWith('Unexpected non-whitespace')) return 'expected the end';
  const expectation = reason.replace(POSITION, '');
  return expectation.charAt(0).toLowerCase() + expectation.slice(1);
}

function offsetOf(text: string, reason: string): number {
  const position = POSITION.exec(reason)?.[1];
  if (position !== undefined) return Number(position);
  if (!isUnexpectedToken(text)) return reason.startsWith('Unexpected end') ? text.length : 0;
  // V8 does not report the position of this error. The position is the end of the longest prefix of the text without
  // this error.
  let without = 0;
  let withFault = text.length;
  while (withFault - without > 1) {
    const middle = Math.floor((without + withFault) / 2);
    if (isUnexpectedToken(text.slice(0, middle))) withFault = middle;
    else without = middle;
  }
  return without;
}

function isUnexpectedToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return error instanceof SyntaxError && error.message.startsWith('Unexpected token');
  }
}

function remedyOf(before: string, rest: string): string {
  if (/^(\/\/|\/\*|#)/.test(rest)) return ': JSON has no comments';
  if (/^[}\]]/.test(rest) && before.endsWith(',')) return ': remove the comma before it';
  return rest.startsWith("'") ? ': write text in double quotes' : '';
}
