import type { Fault } from '../job/locate.js';
import type { ChannelObject } from './channelObject.js';

/**
 * In S3, any text can be a key. In File mode, each key must be the path of a file.
 *
 * @throws ConfigError if a key is not a path, or if two objects would need the same path.
 */
export function requireFileNames(objects: readonly ChannelObject[], fault: Fault): void {
  const files = new Map<string, ChannelObject>();
  for (const object of objects) {
    const { key, path } = object;
    if (key.includes('\0') || key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      throw fault(`${path} cannot become a file, because ${JSON.stringify(key)} is not a valid path. ${REMEDY}`);
    }
    const other = files.get(key);
    if (other !== undefined && other.path !== path) {
      throw fault(`${other.path} and ${path} would be the same file ${key}. ${REMEDY}`);
    }
    files.set(key, object);
  }
  for (const { key, path } of objects) {
    for (let end = key.indexOf('/'); end !== -1; end = key.indexOf('/', end + 1)) {
      const file = files.get(key.slice(0, end));
      if (file) throw fault(`${file.path} would be a file, but ${path} needs a folder with the same path. ${REMEDY}`);
    }
  }
}

const REMEDY = 'Use Pipe mode, or a prefix without this object';
