/** One machine cannot run more hosts: each is a process with its own folders. */
export const MAX_HOSTS = 100;
