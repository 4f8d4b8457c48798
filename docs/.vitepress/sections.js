/**
 * The sections of the sidebar. Each page of `docs/` is in one of them: its path without `.md`, and its title there.
 *
 * @type {readonly { readonly text: string, readonly pages: Readonly<Record<string, string>> }[]}
 */
export const SECTIONS = [
  { text: 'Start', pages: { start: 'A model in five minutes' } },
  {
    text: 'Guides',
    pages: {
      'guides/files': 'Files',
      'guides/tables': 'Tables',
      'guides/parquet': 'Parquet',
      'guides/json-lines': 'JSON lines',
      'guides/splits': 'Splits and balance',
      'guides/features': 'Features of Examples',
      'guides/time-series': 'Time series',
      'guides/image-folders': 'Image folders',
      'guides/onnx': 'ONNX models',
      'guides/stores': 'Buckets and URLs',
      'guides/write': 'Writing data',
      'guides/snapshot': 'Snapshots',
      'guides/pipe-mode': 'Pipe mode',
      'guides/local-jobs': 'Local jobs',
      'guides/resume': 'Resume',
      'guides/workers': 'Workers',
      'guides/global-batches': 'Several hosts',
      'guides/helpers': 'Helpers on other machines',
      'guides/augmented-manifests': 'Augmented manifests',
      'guides/slow-pipeline': 'Debugging a slow pipeline',
      'guides/testing': 'Testing a pipeline',
      'guides/inspect': 'Looking into data',
      'guides/command-line': 'The command line',
      pipelines: 'Pipelines as data',
      'guides/tfjs-node': 'tfjs-node',
    },
  },
  {
    text: 'Concepts',
    pages: {
      backpressure: 'Backpressure',
      'concepts/epochs': 'Epochs',
      'concepts/memory': 'Memory',
      'concepts/order': 'Order',
    },
  },
  { text: 'From tf.data', pages: { 'from-tf-data': 'Line by line' } },
  {
    text: 'Recipes',
    pages: {
      'recipes/database': 'A database cursor',
      'recipes/http': 'HTTP',
      'recipes/hugging-face': 'Hugging Face files',
      'recipes/any-pipeline': 'Any RxJS pipeline',
    },
  },
  {
    text: 'Choosing',
    pages: {
      'compare/benchmarks': 'Benchmarks',
      'compare/others': 'Compared with others',
      'compare/when-not': 'When not to use it',
    },
  },
  {
    text: 'Reference',
    pages: {
      reference: 'API reference',
      errors: 'Errors and warnings',
      security: 'Trust boundaries',
      architecture: 'Architecture',
    },
  },
];
