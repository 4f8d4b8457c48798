/**
 * Characters that a terminal acts on, or that cannot be seen: control characters (C0, C1), line separators, marks of
 * direction, zero-width characters and halves of surrogate pairs. The newline is kept: messages have lines.
 */
const UNPRINTABLE = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu;

/** Returns a text that is safe to print: unprintable characters become escapes such as `\u200f`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
  });
}
