/** A response that breaks the rules of HTTP, or does not contain the requested range. */
export class IncorrectResponse extends Error {
  override readonly name = 'IncorrectResponse';
}
