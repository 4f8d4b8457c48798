/**
 * Runs SageMaker training jobs on this machine, from code.
 *
 * @module millrace/agent
 */
export type { ServedEpoch, WatchedEpoch } from './pipes/offerEpochs.js';
export type { DownloadProgress } from './tree/downloads.js';
export type { UploadProgress } from './tree/jobResults.js';
export type { PipeFault } from './job/pipeFault.js';
export { runLocalJob } from './runLocalJob.js';
export type { LocalJobOptions, LocalJobResult } from './runLocalJob.js';
export type { LocalHost } from './job/localHost.js';
export { startLocalAgent } from './startLocalAgent.js';
export type { LocalAgent, LocalAgentOptions } from './startLocalAgent.js';
export { readTrainingJob } from './job/trainingJobRequest.js';
export type { TrainingJobSpec, TrainingJobRequest } from './job/trainingJobRequest.js';
