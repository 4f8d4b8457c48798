import { memberTexts } from '../data/memberTexts.js';
import { JsonText } from './sortedJson.js';

/** The toolkit does not pass these hyperparameters to the script. */
const TOOLKIT_OWN = new Set([
  '_tuning_objective_metric',
  'default_user_module_name',
  'sagemaker_container_log_level',
  'sagemaker_enable_cloudwatch_metrics',
  'sagemaker_job_name',
  'sagemaker_program',
  'sagemaker_region',
  'sagemaker_s3_output',
  'sagemaker_submit_directory',
]);

type HyperParameter = string | JsonText;

export interface ToolkitHyperparameters {
  readonly own: Readonly<Record<string, HyperParameter>>;
  /** The hyperparameters whose names begin with `sagemaker_`. */
  readonly framework: Readonly<Record<string, HyperParameter>>;
  /** The script's command-line arguments: `--name value`, sorted by name. */
  readonly args: readonly string[];
}

/** Parses values that are valid JSON. Other values are strings. */
export function toolkitHyperparameters(parameters: Readonly<Record<string, string>>): ToolkitHyperparameters {
  const entries = Object.entries(parameters)
    .filter(([name]) => !TOOLKIT_OWN.has(name))
    .map(([name, text]) => [name, readValue(text)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const isForFramework = ([name]: readonly [string, HyperParameter]) => name.startsWith('sagemaker_');
  const own = entries.filter((entry) => !isForFramework(entry));
  return {
    own: Object.fromEntries(own),
    framework: Object.fromEntries(entries.filter(isForFramework)),
    args: own.flatMap(([name, value]) => [name.length > 1 ? `--${name}` : `-${name}`, argumentOf(value)]),
  };
}

function readValue(text: string): HyperParameter {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : new JsonText(text.trim());
  } catch {
    return text;
  }
}

/** Formats like Python's `str`, except lists. */
function argumentOf(value: HyperParameter): string {
  if (typeof value === 'string') return value;
  if (value.text.startsWith('{')) {
    const members = [...memberTexts(value.text)].sort(([a], [b]) => (a < b ? -1 : 1));
    return members.map(([name, text]) => `${name}=${argumentOf(readValue(text))}`).join(',');
  }
  const words: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: '' };
  return words[value.text] ?? value.text;
}
