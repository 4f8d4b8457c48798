/** Returns the error of the given class that a call throws. Fails for any other result. */
export function thrownBy<E extends Error>(errorClass: new (...args: never[]) => E, call: () => unknown): E {
  try {
    call();
  } catch (error) {
    if (error instanceof errorClass) return error;
    throw error;
  }
  throw new Error(`expected a ${errorClass.name}, but nothing was thrown`);
}
