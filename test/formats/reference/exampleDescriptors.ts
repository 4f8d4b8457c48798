import { createFileRegistry, fromJson, type DescMessage } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

const message = (name: string, ...field: object[]) => ({ name, field });
const repeated = (name: string, number: number, type: string) => ({ name, number, type, label: 'LABEL_REPEATED' });
const one = (name: string, number: number, typeName: string) => {
  return { name, number, type: 'TYPE_MESSAGE', typeName, label: 'LABEL_OPTIONAL' };
};

/** The descriptor of a map: a repeated field of entries. */
const withMap = (name: string, map: string, entry: string, value: string) => ({
  ...message(name, { ...repeated(map, 1, 'TYPE_MESSAGE'), typeName: `.tensorflow.${name}.${entry}` }),
  nestedType: [
    {
      name: entry,
      field: [{ name: 'key', number: 1, type: 'TYPE_STRING', label: 'LABEL_OPTIONAL' }, one('value', 2, value)],
      options: { mapEntry: true },
    },
  ],
});

/** https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/example.proto and feature.proto */
const FILE = {
  name: 'example.proto',
  package: 'tensorflow',
  syntax: 'proto3',
  messageType: [
    message('BytesList', repeated('value', 1, 'TYPE_BYTES')),
    message('FloatList', repeated('value', 1, 'TYPE_FLOAT')),
    message('Int64List', repeated('value', 1, 'TYPE_INT64')),
    {
      ...message(
        'Feature',
        ...['BytesList', 'FloatList', 'Int64List'].map((list, index) => {
          return {
            ...one(list.replace('List', '_list').toLowerCase(), index + 1, `.tensorflow.${list}`),
            oneofIndex: 0,
          };
        }),
      ),
      oneofDecl: [{ name: 'kind' }],
    },
    withMap('Features', 'feature', 'FeatureEntry', '.tensorflow.Feature'),
    message('Example', one('features', 1, '.tensorflow.Features')),
  ],
};

const registry = createFileRegistry(fromJson(FileDescriptorProtoSchema, FILE as never), () => undefined);

function descriptorOf(name: string): DescMessage {
  const found = registry.getMessage(`tensorflow.${name}`);
  if (!found) throw new Error(`no message ${name}`);
  return found;
}

/** `tf.train.Example`, for a generic protobuf library. */
export const EXAMPLE = descriptorOf('Example');
