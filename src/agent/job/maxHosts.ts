/** More hosts than one machine can run: each is a process with its own folders. */
export const MAX_HOSTS = 100;
