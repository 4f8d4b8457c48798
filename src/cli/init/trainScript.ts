import { literal } from '../inspect/csvCode.js';
import type { ModelPlan } from './chooseModel.js';

/**
 * Returns a script that trains a small dense network on one part of the records, and validates it on the other part.
 */
export function trainScript(plan: ModelPlan): string {
  return [...imports(plan), '', ...constants(plan), '', ...pipeline(plan), '', ...training(plan), ''].join('\n');
}

const hasTables = ({ data: { kind } }: ModelPlan): boolean => kind === 'table' || kind === 'parquet';

function imports(plan: ModelPlan): string[] {
  const { numbers, vectors, texts, task, label, data } = plan;
  const isTextLabel = label.dtype === 'bytes';
  const needsMatrix = numbers.length > 0 || task === 'regression';
  const needsLookup = texts.length > 0 || (task === 'classification' && isTextLabel);
  const millrace = [
    ...(needsMatrix ? ['columnsToMatrix'] : []),
    ...(vectors.length > 0 || (task === 'classification' && !isTextLabel) ? ['ndarray'] : []),
    ...(task === 'classification' || texts.length > 0 ? ['oneHot'] : []),
    ...(data.kind === 'parquet' ? [] : ['records']),
    ...(needsLookup ? ['stringLookup'] : []),
  ];
  const parser = { table: ['decodeTable'], parquet: [], json: ['decodeJson'], example: ['parseExample'] }[data.kind];
  const operators = ['batch', ...parser, 'prefetch', 'shuffle', 'split', ...(hasTables(plan) ? ['unbatch'] : [])];
  return [
    `import * as tf from '@tensorflow/tfjs';`,
    `import '@tensorflow/tfjs-backend-wasm';`,
    `import { ${millrace.join(', ')} } from 'millrace';`,
    `import { ${operators.join(', ')} } from 'millrace/operators';`,
    ...(data.kind === 'parquet' ? [`import { fromParquet } from 'millrace/parquet';`] : []),
    `import { fitDataset, toDataset } from 'millrace/tfjs';`,
    `import { identity, map } from 'rxjs';`,
  ];
}

function constants({ data, numbers, texts, label, task }: ModelPlan): string[] {
  const isTextLabel = label.dtype === 'bytes';
  return [
    'const EPOCHS = 20;',
    'const PARTS = { train: 0.8, validation: 0.2 }; // each record is always in the same part',
    ...(task === 'classification' ? [`const CLASSES = ${literal(label.classes)};`] : []),
    ...(numbers.length > 0 ? [`const NUMBERS = ${literal(numbers)};`] : []),
    ...texts.map(({ vocabulary }, at) => `const lookup${at} = stringLookup(${literal(vocabulary)});`),
    ...(isTextLabel ? ['const classOf = stringLookup(CLASSES, { numOovIndices: 0 });'] : []),
    '',
    ...readerOf(data),
  ];
}

function readerOf(data: ModelPlan['data']): string[] {
  const table = ['  batchSize: 256,', ...optionsOf(data), ...block('columns', data.features)];
  if (data.kind === 'table') return ['const table = decodeTable({', ...table, '});'];
  if (data.kind !== 'parquet') return ['const features = {', ...entriesOf(data.features), '};'];
  const folder = "const CHANNELS = `${process.env.SAGEMAKER_BASE_DIR ?? '/opt/ml'}/input/data`;";
  return [folder, 'const options = {', ...table, '};'];
}

function sourceOf({ recordFormat, kind }: ModelPlan['data']): string {
  if (kind === 'parquet') return 'fromParquet(`${CHANNELS}/${part}`, options)';
  return `records(part, { recordFormat: ${kind === 'table' ? 'table' : literal(recordFormat)} })`;
}

function pipeline(plan: ModelPlan): string[] {
  const { data } = plan;
  const isExample = data.kind === 'example';
  const parser = isExample ? 'parseExample(features)' : 'decodeJson({ features })';
  return [
    data.kind === 'parquet'
      ? '/** The batches of one part. */'
      : '/** The batches of one part. In Pipe mode, each epoch reads the next FIFO of the channel. */',
    'function batches(part) {',
    "  const order = part === 'train' ? shuffle(10_000, { seed: 7 }) : identity;",
    `  return ${sourceOf(data)}.pipe(`,
    ...(hasTables(plan)
      ? ['    unbatch(), // to rows', '    split(PARTS, { part, by: keyOf }),', '    order,', '    batch(64),']
      : ['    split(PARTS, { part }),', '    order,', '    batch(64),', `    ${parser},`]),
    '    map(toInputsAndTargets),',
    '    prefetch(4),',
    '  );',
    '}',
    '',
    ...(hasTables(plan)
      ? [
          '/** Equal rows have equal keys. If several rows belong together, return what they have in common. */',
          "const keyOf = (row) => Object.values(row).map(({ data }) => String(data[0])).join('\\n');",
          '',
        ]
      : []),
    ...(plan.vectors.length > 0
      ? [
          '/** One row of numbers for each record. */',
          "const flat = ({ shape: [rows], data }) => ndarray('float32', [rows, data.length / rows], Float32Array.from(data, Number));",
          '',
        ]
      : []),
    'function toInputsAndTargets(values) {',
    '  return {',
    '    xs: {',
    ...inputsOf(plan).map(({ name, code }) => `      ${name}: ${code},`),
    '    },',
    `    ys: ${targetOf(plan)},`,
    '  };',
    '}',
  ];
}

interface Input {
  /** The name of the model's input. */
  readonly name: string;
  readonly size: string;
  readonly code: string;
}

function inputsOf({ numbers, vectors, texts }: ModelPlan): Input[] {
  const place = (name: string): string => `values[${literal(name)}]`;
  return [
    ...(numbers.length > 0
      ? [{ name: 'numbers', size: 'NUMBERS.length', code: 'columnsToMatrix(values, NUMBERS)' }]
      : []),
    ...vectors.map(({ name, size }, at) => {
      return { name: `vector${at}`, size: String(size), code: `flat(${place(name)})` };
    }),
    ...texts.map(({ name }, at) => {
      const size = `lookup${at}.vocabulary.length`;
      return { name: `text${at}`, size, code: `oneHot(lookup${at}(${place(name)}), ${size})` };
    }),
  ];
}

function targetOf({ task, label }: ModelPlan): string {
  const values = `values[${literal(label.name)}]`;
  if (task === 'regression') return `columnsToMatrix(values, [${literal(label.name)}])`;
  if (label.dtype === 'bytes') return `oneHot(classOf(${values}), CLASSES.length)`;
  const classes = `Int32Array.from(${values}.data, (value) => CLASSES.indexOf(Number(value)))`;
  return `oneHot(ndarray('int32', ${values}.shape, ${classes}), CLASSES.length)`;
}

function training(plan: ModelPlan): string[] {
  const isClassification = plan.task === 'classification';
  const inputs = inputsOf(plan);
  const [loss, metric, shown] = isClassification
    ? ['categoricalCrossentropy', 'accuracy', 'val_acc']
    : ['meanSquaredError', 'mae', 'val_mae'];
  const [output, activation] = isClassification ? ['CLASSES.length', 'softmax'] : ['1', 'linear'];
  return [
    "await tf.setBackend('wasm');",
    'const inputs = [',
    ...inputs.map(({ name, size }) => `  tf.input({ name: '${name}', shape: [${size}] }),`),
    '];',
    `const joined = ${inputs.length > 1 ? 'tf.layers.concatenate().apply(inputs)' : 'inputs[0]'};`,
    'const normal = tf.layers.batchNormalization({ momentum: 0.9 }).apply(joined); // the inputs may have different ranges',
    "const hidden = tf.layers.dense({ units: 32, activation: 'relu' }).apply(normal);",
    `const outputs = tf.layers.dense({ units: ${output}, activation: '${activation}' }).apply(hidden);`,
    'const model = tf.model({ inputs, outputs });',
    `model.compile({ optimizer: tf.train.adam(0.01), loss: '${loss}', metrics: ['${metric}'] });`,
    '',
    "await fitDataset(model, toDataset(tf, batches('train')), {",
    '  epochs: EPOCHS,',
    "  validationData: toDataset(tf, batches('validation')),",
    '  callbacks: {',
    '    onEpochEnd: (epoch, logs) => {',
    `      console.log(\`epoch \${epoch + 1} of \${EPOCHS}: loss \${logs.loss.toFixed(4)}, ${isClassification ? 'accuracy' : 'mean absolute error'} of the validation records \${logs.${shown}.toFixed(4)}\`);`,
    '    },',
    '  },',
    '});',
  ];
}

function optionsOf(data: ModelPlan['data']): string[] {
  return Object.entries(data.options).map(([name, value]) => `  ${name}: ${literal(value)},`);
}

function block(name: string, values: object): string[] {
  return [`  ${name}: {`, ...entriesOf(values).map((line) => `  ${line}`), '  },'];
}

function entriesOf(values: object): string[] {
  return Object.entries(values).map(([name, value]) => `  ${literal(name)}: ${literal(value)},`);
}
