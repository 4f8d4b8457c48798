export type { ServedEpoch } from './offerEpochs.js';
export type { PipeFault } from './pipeFault.js';
export { runLocalJob } from './runLocalJob.js';
export type { LocalJobOptions, LocalJobResult } from './runLocalJob.js';
export type { LocalHost } from './startHost.js';
export { startLocalAgent } from './startLocalAgent.js';
export type { LocalAgent, LocalAgentOptions } from './startLocalAgent.js';
export { readTrainingJob } from './trainingJobRequest.js';
export type { TrainingJob, TrainingJobRequest } from './trainingJobRequest.js';
