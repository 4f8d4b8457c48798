/** Sets an own property. For the name `__proto__`, a plain assignment would set the prototype. */
export function setProperty<T>(object: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  else object[name] = value;
}
