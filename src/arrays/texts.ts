import { ValueError } from '../base/errors.js';
import { showValue } from '../base/showValue.js';
import { isNDArray, type NDArray } from './ndarray.js';
import { requireArray } from './requireArray.js';

/** One text, an array of texts, or an NDArray of texts in UTF-8. */
export type Texts = string | readonly string[] | NDArray<'bytes'>;

/**
 * Returns texts in UTF-8, with their shape: `[]` for one text.
 *
 * @throws ValueError that begins with `subject`, if a value is not text.
 */
export function textsOf(subject: string, values: Texts): Pick<NDArray<'bytes'>, 'shape' | 'data'> {
  const isArray = Array.isArray(values);
  if (isArray || typeof values === 'string') {
    const data = [values].flat().map((text: unknown, index) => {
      if (typeof text === 'string') return Buffer.from(text);
      throw noText(`${subject}: element ${index}`, text);
    });
    return { shape: isArray ? [data.length] : [], data };
  }
  if (!isNDArray(values)) throw noText(subject, values);
  requireArray(subject, values);
  if (values.dtype !== 'bytes') throw noText(subject, values);
  return values;
}

function noText(subject: string, value: unknown): ValueError {
  const found = showValue(value);
  const message = `${subject}: expected a text, an array of texts or an NDArray of dtype bytes, found ${found}.`;
  return new ValueError(message, { path: '' });
}
