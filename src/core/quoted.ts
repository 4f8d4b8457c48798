/** As much of a text as a message shows. */
const SHOWN_CHARACTERS = 80;

/** Characters that a terminal acts upon or does not show: controls, marks of direction and order, separators of lines. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text in quotes, as a message shows it: cut to 80 characters, and with an escape for each character that a terminal
 * would act upon or not show. JSON leaves many of those.
 */
export function quoted(text: string, shownCharacters = SHOWN_CHARACTERS): string {
  // Twice as many units hold that many characters, so that a long text is not taken apart.
  const characters = Array.from(text.slice(0, 2 * shownCharacters + 2));
  const isCut = characters.length > shownCharacters;
  return visible(JSON.stringify(isCut ? `${characters.slice(0, shownCharacters).join('')}…` : text));
}

/** A text in which every character is seen that is no line end or TAB: what a terminal may be given. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
}

/** Names in quotes, of which a message shows no more than ten. */
export function quotedNames(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => quoted(name, 40));
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
